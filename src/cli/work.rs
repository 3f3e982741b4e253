//! One session from its start to its exit code: reporter, signals, the script's own thread, the ending.

use crate::bind::host::Host;
use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, screen, signals};
use crate::effect::{self, connection::Connection};
use crate::error::Error;
use crate::event::{Ending, Event, Progress, Verb};
use crate::kafka::Client;
use crate::report;
use crate::report::{Closing, JsonLines, Place, Reporter, RunView, SANDBOX_MARK, Stream, Terminal, exit_code};
use crate::run::question::Answers;
use crate::run::session::{Session, Setting};
use crate::run::stop::Stop;
use crate::run::store::{About, RunFolder, StateRoot};
use crate::run::trouble::{Raised, Trouble};
use crate::script::engine::Engine;
use crate::script::runbook::Runbook;
use crate::script::{diagnostic, play};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;

pub(crate) struct Work<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) root: StateRoot,
    pub(crate) folder: RunFolder,
    pub(crate) about: About,
    pub(crate) verb: Verb,
    pub(crate) answers: Answers,
    pub(crate) client: Client,
    pub(crate) runtime: Runtime,
    pub(crate) stop: Stop,
    /// What the sessions before did.
    pub(crate) known: RunView,
}

type SharedReporter = Arc<Mutex<Box<dyn Reporter>>>;

/// A session that has begun.
struct Begun {
    session: Session,
    connection: Connection,
    reporter: SharedReporter,
    /// A test counts the points at which it may kill the process.
    counts: bool,
    _runtime: Runtime,
}

pub(crate) fn run_script(work: Work<'_>, engine: Engine, runbook: &Runbook) -> Done {
    let (shared, params) = (work.shared, Arc::new(work.about.params.clone()));
    let begun = begin(work)?;
    let (session, connection) = (begun.session.clone(), begun.connection.clone());
    let result = play::play(engine, runbook, |explain, locate| Host { session, connection, params, explain, locate });
    let diagnostic = match &result {
        Err(Trouble::Failed(raised)) => render(shared, raised, runbook, begun.session.about().sandbox),
        _ => None,
    };
    let ending = begun.session.finish(result);
    Ok(begun.close(&ending, diagnostic.as_deref()))
}

pub(crate) fn abort(work: Work<'_>) -> Done {
    let begun = begin(work)?;
    let ending = begun.session.abort();
    Ok(begun.close(&ending, None))
}

fn begin(work: Work<'_>) -> Result<Begun, Error> {
    let handle = work.runtime.handle().clone();
    let place = Place { flags: work.shared.flags(&work.root), folder: Some(work.folder.path().to_owned()) };
    let reporter: SharedReporter = Arc::new(Mutex::new(reporter(work.shared, place, work.known)));
    let (tell, last) = (reporter.clone(), reporter.clone());
    let heard = signals::hear(&handle, work.stop.clone(), move || {
        // The screen as it was found, unless somebody is just drawing on it.
        if let Ok(mut reporter) = last.try_lock() {
            reporter.end(&Closing::default());
        }
    });
    let connection = Connection::new(work.client, handle, work.stop.clone());
    let kill_at: Option<u64> = std::env::var("KRUN_KILL_AT").ok().and_then(|number| number.parse().ok());
    let counts = kill_at.is_some() && work.about.sandbox;
    let session = Session::start(Setting {
        root: work.root,
        folder: work.folder,
        about: work.about,
        verb: work.verb,
        effects: effect::on(&connection),
        answers: work.answers,
        stop: work.stop,
        sink: Box::new(move |event: &Event| tell.lock().unwrap_or_else(PoisonError::into_inner).on_event(event)),
        kill_at,
    })?;
    let _ = heard.set(session.clone());
    Ok(Begun { session, connection, reporter, counts, _runtime: work.runtime })
}

/// The report of an uncaught error.
fn render(shared: &Shared, raised: &Raised, runbook: &Runbook, sandbox: bool) -> Option<String> {
    let problem = play::problem_of(raised, runbook)?;
    let taken = if sandbox { SANDBOX_MARK.chars().count() } else { 0 };
    Some(diagnostic::render(&problem, runbook.source_map(), screen::look(shared, taken)))
}

fn reporter(shared: &Shared, place: Place, known: RunView) -> Box<dyn Reporter> {
    if shared.json {
        return Box::new(JsonLines::new(std::io::stdout()));
    }
    let mut setting = report::Setting::new(Stream::stdout(shared.colour()), Stream::stderr(shared.colour()));
    (setting.place, setting.known) = (place, known);
    Box::new(Terminal::new(setting))
}

impl Begun {
    fn close(&self, ending: &Ending, diagnostic: Option<&str>) -> Code {
        if self.counts {
            let text = format!("kill points passed: {}", self.session.kill_points_passed());
            self.session.note(Progress::Log { text });
        }
        let unrecorded = (!self.session.journal_is_sound()).then_some(ending);
        let closing = Closing { diagnostic, unrecorded, ..Closing::default() };
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner).end(&closing);
        Code::number(exit_code(ending))
    }
}
