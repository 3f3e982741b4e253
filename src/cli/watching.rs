//! Who sits before a run of the command line: the screen that tells of it, and the signals that reach it.

use crate::cli::arguments::Shared;
use crate::cli::signals::{self, AtWork};
use crate::cli::{Code, Done, screen};
use crate::embed::work::{Ended, Watch, Work};
use crate::event::{Ending, Event};
use crate::report::{self, Closing, JsonLines, Place, Reporter, RunView, SANDBOX_MARK, Stream, Terminal, exit_code};
use crate::run::session::Session;
use crate::script::diagnostic;
use crate::script::engine::Engine;
use crate::script::problem::Problem;
use crate::script::runbook::Runbook;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Watching {
    shared: Shared,
    sandbox: bool,
    reporter: Arc<Mutex<Box<dyn Reporter>>>,
    at_work: AtWork,
}

/// Plays a runbook before the screen. `known`: what the sessions before did.
pub(crate) fn play(work: Work, shared: &Shared, known: RunView, engine: Engine, runbook: &Runbook) -> Done {
    let watching = Arc::new(Watching::of(&work, shared, known));
    let ending = work.play(engine, runbook, watching.clone())?;
    Ok(watching.code(&ending))
}

pub(crate) fn abort(work: Work, shared: &Shared, known: RunView) -> Done {
    let watching = Arc::new(Watching::of(&work, shared, known));
    let ending = work.abort(watching.clone())?;
    Ok(watching.code(&ending))
}

/// At which of its points a test wants the process killed.
pub(crate) fn kill_at(sandbox: bool) -> Option<u64> {
    let wanted = std::env::var("KRUN_KILL_AT").ok().and_then(|number| number.parse().ok());
    wanted.filter(|_| sandbox)
}

impl Watching {
    fn of(work: &Work, shared: &Shared, known: RunView) -> Self {
        let place = Place { flags: shared.flags(&work.root), folder: Some(work.folder.path().to_owned()) };
        let reporter = Arc::new(Mutex::new(reporter(shared, place, known)));
        let last = reporter.clone();
        let at_work = signals::hear(work.runtime.handle(), work.stop.clone(), move || {
            // The screen as it was found, unless somebody is just drawing on it.
            if let Ok(mut reporter) = last.try_lock() {
                reporter.end(&Closing::default());
            }
        });
        Self { shared: shared.clone(), sandbox: work.about.sandbox, reporter, at_work }
    }

    fn reporter(&self) -> MutexGuard<'_, Box<dyn Reporter>> {
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report of an uncaught error.
    fn render(&self, problem: &Problem, runbook: &Runbook) -> String {
        let taken = if self.sandbox { SANDBOX_MARK.chars().count() } else { 0 };
        diagnostic::render(problem, runbook.source_map(), screen::look(&self.shared, taken))
    }

    fn code(&self, ending: &Ending) -> Code {
        self.reporter().end(&Closing::default());
        Code::number(exit_code(ending))
    }
}

impl Watch for Watching {
    fn on_event(&self, event: &Event) {
        self.reporter().on_event(event);
    }

    fn begun(&self, session: &Session) {
        *self.at_work.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
    }

    fn ended(&self, how: &Ended<'_>) {
        let diagnostic = how.problem.map(|(problem, runbook)| self.render(problem, runbook));
        let unrecorded = (!how.recorded).then_some(how.ending);
        self.reporter().end(&Closing { diagnostic: diagnostic.as_deref(), unrecorded, ..Closing::default() });
    }
}

pub(super) fn reporter(shared: &Shared, place: Place, known: RunView) -> Box<dyn Reporter> {
    if shared.json {
        return Box::new(JsonLines::new(std::io::stdout()));
    }
    let mut setting = report::Setting::new(Stream::stdout(shared.colour()), Stream::stderr(shared.colour()));
    (setting.place, setting.known) = (place, known);
    Box::new(Terminal::new(setting))
}
