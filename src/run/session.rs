//! One process at work on one run: what it knows, and the one way to record what happens.

use crate::error::Error;
use crate::event::{Entry, Event, Note, Path, Progress, Record, Verb, path_text};
use crate::run::by_hand::ByHand;
use crate::run::claims::Claims;
use crate::run::effects::{Effects, Meetings};
use crate::run::history::History;
use crate::run::holders::Holders;
use crate::run::journal::Journal;
use crate::run::kill_point::KillPoints;
use crate::run::lock::{Holder, Lock};
use crate::run::question::Answers;
use crate::run::stop::{Level, Stop};
use crate::run::store::{About, RunFolder, StateRoot};
use crate::run::track::{Scope, Track};
use crate::run::trouble::Halt;
use crate::run::wait::Going;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

pub type Sink = Box<dyn Fn(&Event) + Send + Sync>;

/// Everything that a session is given from outside.
pub struct Setting {
    pub root: StateRoot,
    pub folder: RunFolder,
    pub about: About,
    pub verb: Verb,
    pub effects: Effects,
    pub answers: Answers,
    pub stop: Stop,
    pub sink: Sink,
    /// Kill this process at its n-th point; only ever on a sandbox.
    pub kill_at: Option<u64>,
}

/// Cheap to clone; all clones are one session.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) setting: Setting,
    pub(crate) holders: Holders,
    pub(crate) kill_points: KillPoints,
    pub(crate) state: Mutex<State>,
    /// None while the run waits at a question.
    pub(crate) lock: Mutex<Option<Lock>>,
    notes: Mutex<Option<File>>,
    /// Held from the writing of a record until it was told: the screen has them in the order of the journal.
    telling: Mutex<()>,
    /// Each of these is done by one thread after the other.
    pub(crate) turns: Turns,
    /// It only asks: no effect passes the door, and nothing is written.
    asks_only: bool,
}

#[derive(Default)]
pub(crate) struct Turns {
    /// Asking a person.
    pub(crate) asking: Mutex<()>,
    /// Asking whether a cluster that nobody named may be changed.
    pub(crate) first_change: Mutex<()>,
    /// Writing a file of the run's folder beside the journal.
    pub(crate) writing: Mutex<()>,
}

pub(crate) struct State {
    journal: Journal,
    pub(crate) history: History,
    tracks: HashMap<ThreadId, Track>,
    /// How often each step was entered in this session, within one attempt of the step around it.
    pub(crate) entries: HashMap<(u64, Path), usize>,
    /// In which try of a `retry` a step was entered last.
    pub(crate) tries: HashMap<Path, u64>,
    pub(crate) last_try: u64,
    /// In which try, and which attempt of the step around it, a scope that is no step was entered last.
    pub(crate) scopes_entered: HashMap<Path, (u64, u64)>,
    pub(crate) meetings: Meetings,
    pub(crate) by_hand: ByHand,
    /// What was to be put back and could not be.
    pub(crate) outstanding: Vec<String>,
    /// Waits of which a part is over, by the item of a `parallel` they are in, and what they wait for.
    pub(crate) waits: HashMap<(Path, String), Going>,
    /// How often each guard was entered in this session, within one attempt of the step around it.
    pub(crate) guards_entered: HashMap<(u64, Path), usize>,
    /// How often each question was asked, by its path and text.
    pub(crate) asked: HashMap<(Path, String), usize>,
    pub(crate) claims: Claims,
}

impl State {
    fn new(journal: Journal, history: History) -> Self {
        Self {
            journal,
            history,
            tracks: HashMap::new(),
            entries: HashMap::new(),
            tries: HashMap::new(),
            last_try: 0,
            scopes_entered: HashMap::new(),
            meetings: Meetings::default(),
            by_hand: ByHand::default(),
            outstanding: Vec::new(),
            waits: HashMap::new(),
            guards_entered: HashMap::new(),
            asked: HashMap::new(),
            claims: Claims::default(),
        }
    }
}

impl State {
    /// The `retry` of this thread begins a try of this number.
    pub(crate) fn set_try(&mut self, number: u64) {
        self.tracks.entry(std::thread::current().id()).or_default().current_try = number;
    }

    pub(crate) fn current_try(&self) -> u64 {
        self.tracks.get(&std::thread::current().id()).map_or(0, |track| track.current_try)
    }
}

impl Session {
    /// Takes the cluster's lock and begins to work on the run.
    pub fn start(setting: Setting) -> Result<Self, Error> {
        let lock = Lock::take(&setting.root, &setting.about.cluster_id, holder(&setting, "its beginning"))?;
        Self::start_with(setting, lock)
    }

    /// The same, with the lock that the session before has handed over.
    pub fn start_with(setting: Setting, lock: Lock) -> Result<Self, Error> {
        let holders = Holders::of_other_runs(&setting.root, &setting.about)?;
        let folder = setting.folder.path();
        let (journal, entries) = match setting.verb {
            Verb::Run => (Journal::create(folder)?, Vec::new()),
            Verb::Resume | Verb::Abort => Journal::open(folder)?,
        };
        // Notes may be lost: a run does not fail for want of them.
        let notes = File::options().create(true).append(true).mode(0o600).open(folder.join("events.jsonl")).ok();
        let session = Self(Arc::new(Inner {
            kill_points: KillPoints::new(setting.kill_at.filter(|_| setting.about.sandbox)),
            holders,
            state: Mutex::new(State::new(journal, History::of(&entries))),
            lock: Mutex::new(Some(lock)),
            notes: Mutex::new(notes),
            telling: Mutex::default(),
            turns: Turns::default(),
            asks_only: false,
            setting,
        }));
        let about = session.about().clone();
        session.note(Progress::RunOpened {
            run: about.run,
            runbook: about.runbook,
            cluster: about.cluster,
            sandbox: about.sandbox,
            verb: session.0.setting.verb,
            typed: about.typed,
        });
        let (who, host) = (user_name(), host_name());
        let (verb, pid, krun) = (session.0.setting.verb, std::process::id(), env!("CARGO_PKG_VERSION").to_owned());
        for (run, why) in &session.0.holders.unreadable {
            session.warn(format!("what run {run} left in place is not known: {why}"));
        }
        session.record(Record::SessionStarted { verb, who, host, pid, krun }).map_err(broken_error)?;
        Ok(session)
    }

    /// A session without a run: it takes no lock, leaves no trace, and changes nothing.
    pub fn asking(setting: Setting) -> Self {
        Self(Arc::new(Inner {
            kill_points: KillPoints::new(None),
            holders: Holders::default(),
            state: Mutex::new(State::new(Journal::unwritten(), History::default())),
            lock: Mutex::new(None),
            notes: Mutex::new(None),
            telling: Mutex::default(),
            turns: Turns::default(),
            asks_only: true,
            setting,
        }))
    }

    /// From here on the run goes by a text that lies in its folder already.
    pub fn edited(&self, edited: Record) -> Result<(), Error> {
        self.record(edited).map(drop).map_err(broken_error)
    }

    pub(crate) fn asks_only(&self) -> bool {
        self.0.asks_only
    }

    pub fn about(&self) -> &About {
        &self.0.setting.about
    }

    pub fn stop(&self) -> &Stop {
        &self.0.setting.stop
    }

    pub fn folder(&self) -> &RunFolder {
        &self.0.setting.folder
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many points at which a test may kill the process this session has passed.
    pub fn kill_points_passed(&self) -> u64 {
        self.0.kill_points.passed()
    }

    /// Writes one line of the journal, durably. Whatever relies on it comes after.
    pub(crate) fn record(&self, record: Record) -> Result<Entry, Halt> {
        self.record_as(|_| record)
    }

    /// The same of a record that has its own number in it.
    pub(crate) fn record_as(&self, make: impl FnOnce(u64) -> Record) -> Result<Entry, Halt> {
        self.0.kill_points.pass();
        let _in_turn = self.0.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = {
            let mut state = self.state();
            let record = make(state.journal.next_seq());
            let entry = state.journal.append(record).map_err(Halt::Broken)?;
            state.history.add(&entry);
            entry
        };
        self.0.kill_points.pass();
        (self.0.setting.sink)(&Event::Record(entry.clone()));
        Ok(entry)
    }

    pub fn note(&self, progress: Progress) {
        let item = self.state().tracks.get(&std::thread::current().id()).map(|track| track.item.clone());
        let event = Event::Progress(Note { at: Timestamp::now(), progress, item: item.unwrap_or_default() });
        if let Some(file) = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
            && let Ok(line) = serde_json::to_string(&event)
        {
            let _ = writeln!(file, "{line}");
        }
        (self.0.setting.sink)(&event);
    }

    pub fn warn(&self, text: impl Into<String>) {
        self.note(Progress::Warning { text: text.into() });
    }

    pub(crate) fn journal_is_sound(&self) -> bool {
        self.state().journal.is_sound()
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.state().journal.next_seq()
    }

    /// Runs `body` inside a scope of this thread.
    pub(crate) fn within<T>(&self, scope: Scope, name: Option<&str>, body: impl FnOnce() -> T) -> T {
        self.inside(|track| track.enter(scope, name), body)
    }

    pub(crate) fn inside<T>(&self, enter: impl FnOnce(&mut Track), body: impl FnOnce() -> T) -> T {
        enter(self.state().tracks.entry(std::thread::current().id()).or_default());
        let result = body();
        if let Some(track) = self.state().tracks.get_mut(&std::thread::current().id()) {
            track.leave();
        }
        result
    }

    /// Makes this thread one that stands at `track`, for as long as `body` takes.
    pub(crate) fn standing_at<T>(&self, track: Track, body: impl FnOnce() -> T) -> T {
        let thread = std::thread::current().id();
        self.state().tracks.insert(thread, track);
        let result = body();
        self.state().tracks.remove(&thread);
        result
    }

    pub(crate) fn track(&self) -> Track {
        self.state().tracks.get(&std::thread::current().id()).cloned().unwrap_or_default()
    }

    /// Where the run may be left: here, if somebody asked for it, or a window around it is closed.
    pub fn safe_point(&self) -> Result<(), Halt> {
        self.catch_up_by_hand();
        let track = self.track();
        let may_stop = track.is_safe_point();
        if self.stop().level() >= if may_stop { Level::Soon } else { Level::Now } {
            return Err(Halt::Interrupted);
        }
        if let Some(halt) = track.is_to_leave().filter(|_| may_stop) {
            return Err(halt);
        }
        if may_stop {
            self.refuse_what_guards_found(&track).and_then(|()| Self::refuse_closed_windows(&track))
        } else {
            Ok(())
        }
    }

    /// The level at which a wait at this place gives up.
    pub(crate) fn patience(&self) -> Level {
        if self.track().is_safe_point() { Level::Soon } else { Level::Now }
    }

    pub(crate) fn lock_at(&self, path: &[String]) {
        if let Some(lock) = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            lock.at_step(path_text(path));
        }
    }

    /// False after a question during which somebody else took it.
    pub(crate) fn holds_lock(&self) -> bool {
        self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Nobody comes between this session and the one that goes on with the run.
    pub fn hand_over_lock(&self) -> Option<Lock> {
        self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn release_lock(&self) {
        *self.0.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn retake_lock(&self, at: &[String]) -> Result<(), Halt> {
        let setting = &self.0.setting;
        let lock = Lock::take(&setting.root, &setting.about.cluster_id, holder(setting, &path_text(at)));
        *self.0.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock.map_err(Halt::Blocked)?);
        Ok(())
    }
}

fn broken_error(halt: Halt) -> Error {
    match halt {
        Halt::Broken(error) | Halt::Blocked(error) => error,
        other => Error::new("RUN_BROKEN", format!("{other:?}")),
    }
}

fn holder(setting: &Setting, step: &str) -> Holder {
    Holder {
        who: user_name(),
        host: host_name(),
        pid: std::process::id(),
        run: setting.about.run.clone(),
        runbook: setting.about.runbook.clone(),
        step: step.to_owned(),
        since: Timestamp::now(),
    }
}

pub(crate) fn user_name() -> String {
    ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
