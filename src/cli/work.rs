//! One session from its start to its exit code: reporter, signals, the script's own thread, the ending.

use crate::bind::{self, host::Host};
use crate::cli::arguments::Shared;
use crate::cli::signals::{self, AtWork};
use crate::cli::{Code, Done, places, screen};
use crate::effect::{self, connection::Connection};
use crate::error::Error;
use crate::event::{Ending, Event, Progress, Record, Verb};
use crate::kafka::Client;
use crate::quantity::Window;
use crate::report;
use crate::report::{Closing, JsonLines, Place, Reporter, RunView, SANDBOX_MARK, Stream, Terminal, exit_code};
use crate::run::lock::Lock;
use crate::run::question::Answers;
use crate::run::session::{Session, Setting};
use crate::run::stop::Stop;
use crate::run::store::{About, RunFolder, StateRoot};
use crate::run::trouble::{Raised, Trouble};
use crate::script::engine::{self, Engine};
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
    /// The edited text that it goes by from here on.
    pub(crate) edited: Option<Record>,
    /// Where a window is closed: wait until it opens, and go on.
    pub(crate) wait: bool,
}

type SharedReporter = Arc<Mutex<Box<dyn Reporter>>>;

/// What stays while one session of a run follows the other.
struct Stage<'a> {
    work: Work<'a>,
    connection: Connection,
    reporter: SharedReporter,
    at_work: AtWork,
    /// A test counts the points at which it may kill the process.
    kill_at: Option<u64>,
}

pub(crate) fn run_script(work: Work<'_>, mut engine: Engine, runbook: &Runbook) -> Done {
    let mut stage = Stage::of(work)?;
    let mut session = stage.begin(stage.work.verb, None)?;
    if let Some(edited) = stage.work.edited.take() {
        session.edited(edited)?;
    }
    loop {
        let ending = stage.play(&session, engine, runbook);
        let Some(window) = stage.window_to_wait_for(&ending) else { return Ok(stage.code(&ending)) };
        if !session.wait_until_open(&window) {
            return Ok(stage.code(&ending));
        }
        let lock = session.hand_over_lock();
        session = stage.begin(Verb::Resume, lock)?;
        engine = engine::build(bind::register);
    }
}

pub(crate) fn abort(work: Work<'_>) -> Done {
    let stage = Stage::of(work)?;
    let session = stage.begin(stage.work.verb, None)?;
    let ending = session.abort();
    stage.close(&session, &ending, None);
    Ok(stage.code(&ending))
}

impl<'a> Stage<'a> {
    fn of(mut work: Work<'a>) -> Result<Self, Error> {
        let hosts = places::noted(&work.about, &work.root, &work.stop)?;
        let handle = work.runtime.handle().clone();
        let place = Place { flags: work.shared.flags(&work.root), folder: Some(work.folder.path().to_owned()) };
        let known = std::mem::take(&mut work.known);
        let reporter: SharedReporter = Arc::new(Mutex::new(reporter(work.shared, place, known)));
        let last = reporter.clone();
        let at_work = signals::hear(&handle, work.stop.clone(), move || {
            // The screen as it was found, unless somebody is just drawing on it.
            if let Ok(mut reporter) = last.try_lock() {
                reporter.end(&Closing::default());
            }
        });
        let connection = Connection::new(work.client.clone(), hosts, handle, work.stop.clone());
        let kill_at = std::env::var("KRUN_KILL_AT").ok().and_then(|number| number.parse().ok());
        let kill_at = kill_at.filter(|_| work.about.sandbox);
        Ok(Self { work, connection, reporter, at_work, kill_at })
    }

    /// A session that goes on with the run, with the lock of the one before, if there was one.
    fn begin(&self, verb: Verb, lock: Option<Lock>) -> Result<Session, Error> {
        let (work, tell) = (&self.work, self.reporter.clone());
        let setting = Setting {
            root: work.root.clone(),
            folder: work.folder.clone(),
            about: work.about.clone(),
            verb,
            effects: effect::on(&self.connection),
            answers: work.answers.clone(),
            stop: work.stop.clone(),
            sink: Box::new(move |event: &Event| tell.lock().unwrap_or_else(PoisonError::into_inner).on_event(event)),
            kill_at: self.kill_at,
        };
        let session = match lock {
            Some(lock) => Session::start_with(setting, lock)?,
            None => Session::start(setting)?,
        };
        let told = session.clone();
        self.connection.when_slow(Some(Box::new(move |seconds| {
            told.note(Progress::Log { text: format!("no answer from the cluster for {seconds} s: still waiting") });
        })));
        *self.at_work.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        Ok(session)
    }

    /// Plays the script to its end, and closes the session.
    fn play(&self, session: &Session, engine: Engine, runbook: &Runbook) -> Ending {
        let (of_script, connection) = (session.clone(), self.connection.clone());
        let params = Arc::new(self.work.about.params.clone());
        let result = play::play(engine, runbook, |explain, locate| Host {
            session: of_script,
            connection,
            params,
            explain,
            locate,
        });
        let diagnostic = match &result {
            Err(Trouble::Failed(raised)) => render(self.work.shared, raised, runbook, self.work.about.sandbox),
            _ => None,
        };
        let ending = session.finish(result);
        self.close(session, &ending, diagnostic.as_deref());
        ending
    }

    fn close(&self, session: &Session, ending: &Ending, diagnostic: Option<&str>) {
        // What the connection keeps of the session would keep the session itself.
        self.connection.when_slow(None);
        if self.kill_at.is_some() {
            let text = format!("kill points passed: {}", session.kill_points_passed());
            session.note(Progress::Log { text });
        }
        let unrecorded = (!session.journal_is_sound()).then_some(ending);
        let closing = Closing { diagnostic, unrecorded, ..Closing::default() };
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner).end(&closing);
    }

    fn window_to_wait_for(&self, ending: &Ending) -> Option<Window> {
        match ending {
            Ending::WindowClosed { window, .. } if self.work.wait => window.parse().ok(),
            _ => None,
        }
    }

    fn code(&self, ending: &Ending) -> Code {
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner).end(&Closing::default());
        Code::number(exit_code(ending))
    }
}

/// The report of an uncaught error.
fn render(shared: &Shared, raised: &Raised, runbook: &Runbook, sandbox: bool) -> Option<String> {
    let problem = play::problem_of(raised, runbook)?;
    let taken = if sandbox { SANDBOX_MARK.chars().count() } else { 0 };
    Some(diagnostic::render(&problem, runbook.source_map(), screen::look(shared, taken)))
}

pub(super) fn reporter(shared: &Shared, place: Place, known: RunView) -> Box<dyn Reporter> {
    if shared.json {
        return Box::new(JsonLines::new(std::io::stdout()));
    }
    let mut setting = report::Setting::new(Stream::stdout(shared.colour()), Stream::stderr(shared.colour()));
    (setting.place, setting.known) = (place, known);
    Box::new(Terminal::new(setting))
}
