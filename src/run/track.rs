//! Where a thread of the script is: the scopes on the way to it.

use crate::event::Path;
use crate::quantity::Window;
use crate::run::guard::Guarding;
use crate::run::trouble::Halt;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Step {
        attempt: u32,
    },
    /// Inside the `change` of a `temporarily`.
    Change,
    /// Inside its `work`.
    Work,
    /// Inside the work of one that was finished in an earlier session: everything in it is recorded.
    OverWork,
    AllOrNothing,
    Preflight,
    /// Inside the test of a `wait_until`: looks only.
    Test,
    /// Inside a `within`: only while its window is open.
    Window,
    /// Inside the body of a guard: it adds nothing to the path, so that steps have the same one with and without guards.
    Guarded,
    /// Inside the test of a guard, on a thread of its own: looks only.
    GuardTest,
    /// Inside a `parallel`, around the steps that its items are.
    Parallel,
}

/// The scopes of one thread, outermost first. A scope without a name adds nothing to the path.
#[derive(Debug, Default, Clone)]
pub(crate) struct Track {
    frames: Vec<(Scope, Option<String>)>,
    /// Those of the frames that have one, outermost first.
    windows: Vec<Window>,
    /// The guards around it, outermost first.
    guards: Vec<Arc<Guarding>>,
    /// In which try of a `retry` it is.
    pub(crate) current_try: u64,
    /// Of each `parallel` around it that works on several items at once: why all of its items are to be left.
    leaving: Vec<Leaving>,
    /// The path of its item in the innermost of them; empty outside.
    pub(crate) item: Path,
}

/// Shared by the threads of one `parallel`: the halt of one is the halt of all, each at its next safe point.
pub(crate) type Leaving = Arc<Mutex<Option<Halt>>>;

impl Track {
    pub(crate) fn enter(&mut self, scope: Scope, name: Option<&str>) {
        self.frames.push((scope, name.map(str::to_owned)));
    }

    pub(crate) fn enter_window(&mut self, window: Window) {
        self.enter(Scope::Window, None);
        self.windows.push(window);
    }

    pub(crate) fn leave(&mut self) {
        match self.frames.pop() {
            Some((Scope::Window, _)) => drop(self.windows.pop()),
            Some((Scope::Guarded, _)) => drop(self.guards.pop()),
            _ => {}
        }
    }

    pub(crate) fn enter_guard(&mut self, guarding: Arc<Guarding>) {
        self.enter(Scope::Guarded, None);
        self.guards.push(guarding);
    }

    pub(crate) fn guards(&self) -> &[Arc<Guarding>] {
        &self.guards
    }

    /// The track of the thread that tests beside the body: it is told to leave, and guarded by nobody.
    pub(crate) fn for_test(&self, leaving: &Leaving) -> Self {
        let mut track = self.clone();
        track.enter(Scope::GuardTest, None);
        (track.guards, track.windows, track.leaving) = (Vec::new(), Vec::new(), vec![leaving.clone()]);
        track
    }

    /// The track of another thread, which works on one item of a `parallel` of this one.
    pub(crate) fn for_item(&self, parallel: &str, item: &str, leaving: &Leaving) -> Self {
        let mut track = self.clone();
        track.enter(Scope::Parallel, Some(parallel));
        track.item = track.path_to(item);
        track.leaving.push(leaving.clone());
        track
    }

    /// Why the items of a `parallel` around this are to be left, if they are.
    pub(crate) fn is_to_leave(&self) -> Option<Halt> {
        self.leaving.iter().find_map(|leaving| leaving.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// All of them must be open.
    pub(crate) fn windows(&self) -> &[Window] {
        &self.windows
    }

    pub(crate) fn path(&self) -> Path {
        self.frames.iter().filter_map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn path_to(&self, name: &str) -> Path {
        let mut path = self.path();
        path.push(name.to_owned());
        path
    }

    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.frames.iter().any(|(frame, _)| *frame == scope)
    }

    /// The attempt that an effect here belongs to: 0 in the change of a `temporarily`, none where effects are refused.
    pub(crate) fn attempt(&self) -> Option<u32> {
        for (scope, _) in self.frames.iter().rev() {
            match scope {
                Scope::Step { attempt } => return Some(*attempt),
                Scope::Change => return Some(0),
                Scope::AllOrNothing
                | Scope::Work
                | Scope::OverWork
                | Scope::Window
                | Scope::Guarded
                | Scope::Parallel => {}
                Scope::Preflight | Scope::Test | Scope::GuardTest => return None,
            }
        }
        None
    }

    /// Between here and the innermost step or change nothing may stop the run.
    pub(crate) fn is_safe_point(&self) -> bool {
        !self.has(Scope::AllOrNothing)
    }

    /// Where the innermost frames only look.
    pub(crate) fn reads_only(&self) -> Option<&'static str> {
        self.frames.iter().rev().find_map(|(scope, _)| match scope {
            Scope::Preflight => Some("a preflight"),
            Scope::Test => Some("the test of a wait"),
            Scope::GuardTest => Some("the test of a guard"),
            _ => None,
        })
    }
}
