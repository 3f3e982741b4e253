//! Stopping a run from another thread.

use crate::run::stop::{self, Level};

/// A handle by which any thread stops the runs that were begun [with it](crate::Krun::stopped_by). Clones are one handle.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use krun::event::Ending;
/// use krun::{Krun, Stop};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("wait.rhai"), r#"
///     step("say hello", || print("hello"));
///     sleep("1h");
/// "#)?;
/// let krun = Krun::builder().state(folder.path().join("state")).build()?;
///
/// let stop = Stop::default();
/// let of_another_thread = stop.clone();
/// std::thread::spawn(move || of_another_thread.ask());
/// let outcome = krun.on("sandbox").stopped_by(&stop).run(folder.path().join("wait.rhai"), ())?;
/// assert_eq!(outcome.ending, Ending::Interrupted);
/// assert!(outcome.can_be_resumed());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop(pub(super) stop::Stop);

impl Stop {
    /// The first time as the first Ctrl-C: the run stops at its next safe point, which is before a step, or at a tick of a wait. The
    /// second time it stops at once, also in a call that is under way; what that call did is found out when the run is resumed.
    /// More than that changes nothing. Comes back at once.
    ///
    /// A run that is begun by a handle that was asked already stops at its first safe point.
    pub fn ask(&self) {
        self.0.press_up_to(Level::Now);
    }

    /// Whether it was asked at least once.
    pub fn is_asked(&self) -> bool {
        self.0.level() > Level::Run
    }
}
