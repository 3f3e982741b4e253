//! One run at work, from its start to its ending: one session, or several where it waits for a window. Who watches hears all.

use super::extensions::Extensions;
use super::places;
use super::refused::Refused;
use crate::bind::host::Host;
use crate::effect::connection::Connection;
use crate::error::Error;
use crate::event::{Ending, Event, Progress, Record, Verb};
use crate::kafka::Client;
use crate::quantity::Window;
use crate::run::abort;
use crate::run::history::History;
use crate::run::journal;
use crate::run::lock::Lock;
use crate::run::question::Answers;
use crate::run::session::{Session, Setting};
use crate::run::stop::Stop;
use crate::run::store::{About, RunFolder, StateRoot};
use crate::run::trouble::Trouble;
use crate::script::engine::Engine;
use crate::script::play;
use crate::script::problem::Problem;
use crate::script::runbook::Runbook;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;

/// Who watches a run. What goes wrong there must not end a run.
pub(crate) trait Watch: Send + Sync {
    /// In the order of the journal. Of several threads, one at a time.
    fn on_event(&self, event: &Event);
    /// A session is at work from now on.
    fn begun(&self, _session: &Session) {}
    /// The session has ended.
    fn ended(&self, _how: &Ended<'_>) {}
}

pub(crate) struct Ended<'a> {
    pub(crate) ending: &'a Ending,
    /// Whether the journal has the ending; a full disk takes none.
    pub(crate) recorded: bool,
    /// The error that left the script, with its places, and the runbook that they are in.
    pub(crate) problem: Option<(&'a Problem, &'a Runbook)>,
}

pub(crate) struct Work {
    pub(crate) root: StateRoot,
    pub(crate) folder: RunFolder,
    pub(crate) about: About,
    pub(crate) verb: Verb,
    pub(crate) extensions: Extensions,
    pub(crate) answers: Answers,
    pub(crate) client: Client,
    pub(crate) runtime: Runtime,
    pub(crate) stop: Stop,
    /// The edited text that it goes by from here on.
    pub(crate) edited: Option<Record>,
    /// Where a window is closed: wait until it opens, and go on.
    pub(crate) wait: bool,
    /// A test counts the points at which it may kill the process; only ever on a sandbox.
    pub(crate) kill_at: Option<u64>,
}

impl Work {
    /// Plays the script to the run's ending.
    pub(crate) fn play(self, engine: Engine, runbook: &Runbook, watch: Arc<dyn Watch>) -> Result<Ending, Refused> {
        let folder = self.folder.clone();
        let played = Stage::of(self, watch).and_then(|stage| stage.play_all(engine, runbook));
        played.map_err(|error| {
            let refused = Refused::from(error);
            if matches!(refused, Refused::Blocked(_)) && !folder.path().join(journal::FILE).exists() {
                // Nothing was recorded: such a run never was.
                let _ = std::fs::remove_dir_all(folder.path());
            }
            refused
        })
    }

    /// Gives the run up.
    pub(crate) fn abort(self, watch: Arc<dyn Watch>) -> Result<Ending, Refused> {
        let stage = Stage::of(self, watch)?;
        let session = stage.begin(stage.work.verb, None)?;
        // A panic of an embedder's effect ends the abort, and it can be done again.
        let ending = play::on_its_own_thread(|| session.abort());
        let ending = ending.unwrap_or_else(|error| session.end(Ending::Broken { error }));
        stage.close(&session, &ending, None);
        session.release_lock();
        Ok(ending)
    }

    /// What giving it up would put back, in its order: one line each.
    pub(crate) fn abort_plan(&self, history: &History) -> Result<Vec<String>, Error> {
        Ok(abort::plan(history, &self.extensions.effects(&self.connection()?)))
    }

    fn connection(&self) -> Result<Connection, Error> {
        let hosts = places::noted(&self.about, &self.root, &self.stop)?;
        Ok(Connection::new(self.client.clone(), hosts, self.runtime.handle().clone(), self.stop.clone()))
    }
}

/// What stays while one session of a run follows the other.
struct Stage {
    connection: Connection,
    watch: Arc<dyn Watch>,
    work: Work,
}

impl Stage {
    fn of(work: Work, watch: Arc<dyn Watch>) -> Result<Self, Error> {
        Ok(Self { connection: work.connection()?, watch, work })
    }

    fn play_all(mut self, mut engine: Engine, runbook: &Runbook) -> Result<Ending, Error> {
        let mut session = self.begin(self.work.verb, None)?;
        if let Some(edited) = self.work.edited.take() {
            session.edited(edited)?;
        }
        loop {
            let ending = self.play(&session, engine, runbook);
            let goes_on = self.window_to_wait_for(&ending).is_some_and(|window| session.wait_until_open(&window));
            if !goes_on {
                // Somebody may hold on to the session.
                session.release_lock();
                return Ok(ending);
            }
            let lock = session.hand_over_lock();
            session = self.begin(Verb::Resume, lock)?;
            engine = self.work.extensions.engine();
        }
    }

    /// A session that goes on with the run, with the lock of the one before, if there was one.
    fn begin(&self, verb: Verb, lock: Option<Lock>) -> Result<Session, Error> {
        let (work, watch) = (&self.work, self.watch.clone());
        let setting = Setting {
            root: work.root.clone(),
            folder: work.folder.clone(),
            about: work.about.clone(),
            verb,
            effects: work.extensions.effects(&self.connection),
            answers: work.answers.clone(),
            stop: work.stop.clone(),
            sink: Box::new(move |event: &Event| watch.on_event(event)),
            kill_at: work.kill_at,
        };
        let session = match lock {
            Some(lock) => Session::start_with(setting, lock)?,
            None => Session::start(setting)?,
        };
        let told = session.clone();
        self.connection.when_slow(Some(Box::new(move |seconds| {
            told.note(Progress::Log { text: format!("no answer from the cluster for {seconds} s: still waiting") });
        })));
        let told = session.clone();
        let mut began = BTreeMap::new();
        self.connection.when_sending(Some(Box::new(move |what, sent, of| {
            let elapsed = began.entry(what.to_owned()).or_insert_with(Instant::now).elapsed().as_secs();
            told.note(if sent < of {
                let (what, text, done, total) = (what.to_owned(), String::new(), Some(sent), Some(of));
                Progress::Waiting { what, text, done, total, seconds_left: None, elapsed }
            } else {
                Progress::WaitOver { what: what.to_owned(), elapsed }
            });
        })));
        self.watch.begun(&session);
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
        let problem = match &result {
            Err(Trouble::Failed(raised)) => play::problem_of(raised, runbook, &self.work.extensions.engine()),
            _ => None,
        };
        let ending = session.finish(result);
        self.close(session, &ending, problem.as_ref().map(|problem| (problem, runbook)));
        ending
    }

    fn close(&self, session: &Session, ending: &Ending, problem: Option<(&Problem, &Runbook)>) {
        self.let_go();
        if self.work.kill_at.is_some() {
            let text = format!("kill points passed: {}", session.kill_points_passed());
            session.note(Progress::Log { text });
        }
        self.watch.ended(&Ended { ending, recorded: session.journal_is_sound(), problem });
    }

    /// What the connection keeps of the session would keep the session itself, and its lock.
    fn let_go(&self) {
        self.connection.when_slow(None);
        self.connection.when_sending(None);
    }

    fn window_to_wait_for(&self, ending: &Ending) -> Option<Window> {
        match ending {
            Ending::WindowClosed { window, .. } if self.work.wait => window.parse().ok(),
            _ => None,
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.let_go();
    }
}
