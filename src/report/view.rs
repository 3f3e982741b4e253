//! A run as its events tell it: sessions, steps, temporaries and effects, folded one event after the other.
//!
//! Pure. The journal's entries alone give everything but [`RunView::head`]; `run.json` has that too.

use crate::error::Error;
use crate::event::{Ending, Entry, Event, Intent, Outcome, Path, Place, Progress, Record, Verb};
use jiff::Timestamp;

/// Which run this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub run: String,
    pub runbook: String,
    pub cluster: String,
    pub sandbox: bool,
    /// Typed into `krun repl`: it can be aborted, and not resumed.
    pub typed: bool,
}

/// One process that worked on the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub verb: Verb,
    pub started: Timestamp,
    /// Nothing where the process was killed, or is still at work.
    pub ended: Option<(Timestamp, Ending)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub path: Path,
    pub attempt: u32,
    /// When its last attempt began.
    pub since: Timestamp,
    pub state: StepState,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    Begun,
    Finished { at: Timestamp },
    Failed { at: Timestamp, failure: u64, error: Error, place: Option<Place> },
}

/// What must not outlive its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Temporary {
    pub path: Path,
    /// When it was opened for the first time: a resume that makes the change anew does not make it younger.
    pub since: Timestamp,
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The `seq` of its intent.
    pub number: u64,
    pub at: Timestamp,
    pub intent: Intent,
    pub outcome: Option<Outcome>,
}

impl Effect {
    /// Whether the world may differ because of it. An effect without outcome may have happened.
    pub fn may_hold(&self) -> bool {
        match &self.outcome {
            None => true,
            Some(Outcome::Done { acted, .. }) => *acted || self.intent.before != self.intent.after,
            Some(Outcome::Refused { .. } | Outcome::Left { .. } | Outcome::Kept { .. }) => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunView {
    pub head: Option<Head>,
    pub sessions: Vec<Session>,
    /// In the order in which they first began.
    pub steps: Vec<Step>,
    pub temporaries: Vec<Temporary>,
    /// Ascending by number.
    pub effects: Vec<Effect>,
    /// The question that is open now.
    pub question: Option<String>,
    /// The flag that answers the question asked last, beforehand.
    pub flag: Option<String>,
}

impl RunView {
    /// The view after a whole journal.
    pub fn of_journal<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut view = Self::default();
        for entry in entries {
            view.apply_entry(entry);
        }
        view
    }

    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Record(entry) => self.apply_entry(entry),
            Event::Progress(note) => match &note.progress {
                Progress::RunOpened { run, runbook, cluster, sandbox, typed, .. } => {
                    self.head = Some(Head {
                        run: run.clone(),
                        runbook: runbook.clone(),
                        cluster: cluster.clone(),
                        sandbox: *sandbox,
                        typed: *typed,
                    });
                }
                Progress::Asking { question, flag } => {
                    self.question = Some(question.clone());
                    self.flag.clone_from(flag);
                }
                _ => {}
            },
        }
    }

    pub fn apply_entry(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.record {
            Record::SessionStarted { verb, .. } => {
                self.question = None;
                self.sessions.push(Session { verb: *verb, started: at, ended: None });
            }
            Record::SessionEnded { ending } => {
                if let Some(session) = self.sessions.last_mut() {
                    session.ended = Some((at, ending.clone()));
                }
            }
            Record::StepBegun { path, attempt } => self.begin(path, *attempt, at),
            Record::StepFinished { path, attempt, .. } => self.close(path, *attempt, at, StepState::Finished { at }),
            Record::StepFailed { path, attempt, failure, error, place } => {
                let state = StepState::Failed { at, failure: *failure, error: error.clone(), place: place.clone() };
                self.close(path, *attempt, at, state);
            }
            Record::PreflightPassed { .. }
            | Record::TemporaryWorkDone { .. }
            | Record::CanaryJudged { .. }
            | Record::GuardTripped { .. }
            | Record::GuardPassed { .. }
            | Record::Edited { .. }
            | Record::ParallelBegun { .. }
            | Record::ParallelEnded { .. } => {}
            Record::TemporaryOpened { path, .. } => self.open(path, at),
            Record::TemporaryClosed { path, .. } => {
                if let Some(temporary) = self.temporaries.iter_mut().rfind(|known| known.path == *path) {
                    temporary.open = false;
                }
            }
            Record::EffectIntent(intent) => {
                self.effects.push(Effect { number: entry.seq, at, intent: (**intent).clone(), outcome: None });
            }
            Record::EffectOutcome { effect, outcome } => {
                if let Ok(index) = self.effects.binary_search_by_key(effect, |known| known.number) {
                    self.effects[index].outcome = Some(outcome.clone());
                }
            }
            Record::Answered { .. } | Record::Declined { .. } | Record::Paused { .. } => self.question = None,
        }
    }

    fn begin(&mut self, path: &Path, attempt: u32, at: Timestamp) {
        match self.steps.iter_mut().rfind(|known| known.path == *path) {
            Some(step) => {
                step.attempt = attempt;
                step.since = at;
                step.state = StepState::Begun;
            }
            None => self.steps.push(Step { path: path.clone(), attempt, since: at, state: StepState::Begun }),
        }
    }

    fn close(&mut self, path: &Path, attempt: u32, at: Timestamp, state: StepState) {
        match self.steps.iter_mut().rfind(|known| known.path == *path) {
            Some(step) => step.state = state,
            None => self.steps.push(Step { path: path.clone(), attempt, since: at, state }),
        }
    }

    fn open(&mut self, path: &Path, at: Timestamp) {
        match self.temporaries.iter_mut().rfind(|known| known.path == *path) {
            Some(temporary) if temporary.open => {}
            Some(temporary) => {
                temporary.open = true;
                temporary.since = at;
            }
            None => self.temporaries.push(Temporary { path: path.clone(), since: at, open: true }),
        }
    }

    pub fn step(&self, path: &[String]) -> Option<&Step> {
        self.steps.iter().rfind(|step| step.path == path)
    }

    pub fn effect(&self, number: u64) -> Option<&Effect> {
        self.effects.binary_search_by_key(&number, |effect| effect.number).ok().map(|index| &self.effects[index])
    }

    pub fn finished_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| matches!(step.state, StepState::Finished { .. }))
    }
}
