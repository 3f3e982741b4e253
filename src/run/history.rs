//! What a journal says: a pure fold of its entries. Resume, abort, `krun runs` and `krun show` all read this.

use crate::error::Error;
use crate::event::canary::Verdict;
use crate::event::{Ending, Entry, Intent, Outcome, Path, Place, Record};
use crate::run::keys::Keys;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub struct History {
    /// By path, in the order of their attempts.
    pub steps: BTreeMap<Path, Vec<Attempt>>,
    pub effects: BTreeMap<u64, EffectState>,
    pub(super) keys: Keys,
    pub temporaries: Vec<Temporary>,
    pub answers: Vec<Answer>,
    /// Of each canary the last, with the journal's number of it.
    pub verdicts: BTreeMap<Path, (u64, Verdict)>,
    /// Of each guard, each time that it tripped: the failure, and what was said.
    pub trips: BTreeMap<Path, Vec<(u64, Error)>>,
    /// Of each guard the journal's number of when its body last went through.
    pub guards_passed: BTreeMap<Path, u64>,
    /// Where it stopped by itself, and the text.
    paused: Vec<(Path, String)>,
    pub ending: Option<Ending>,
    pub sessions: u32,
    /// The texts that it has gone by since the first one.
    pub edits: Vec<Edit>,
    /// Failures after which the script went on.
    caught: BTreeSet<u64>,
    /// Failures that nothing has followed yet.
    pub(super) pending: Vec<Pending>,
    /// The paths of all `parallel` that were begun.
    pub parallels: BTreeSet<Path>,
}

/// An edited text that a run goes by: the number of its folder, and the names of its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    pub number: u32,
    pub files: Vec<String>,
    /// Parameters that came with it.
    pub params: BTreeMap<String, Value>,
}

/// A failure, and the outermost step that it has left so far.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) failure: u64,
    pub(super) step: Path,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub number: u32,
    /// The journal's number of its beginning.
    pub begun: u64,
    pub result: StepResult,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StepResult {
    Open,
    Finished(Value),
    Failed { failure: u64, error: Error, place: Option<Place> },
}

#[derive(Debug, Clone)]
pub struct EffectState {
    pub intent: Intent,
    pub at: Timestamp,
    pub outcome: Option<Outcome>,
    /// How a later effect put it back, if one did.
    pub put_back: Option<Outcome>,
}

impl EffectState {
    /// It may be in the world: done or unknown, and not put back.
    pub fn is_in_place(&self) -> bool {
        self.intent.undoes.is_none()
            && self.put_back.is_none()
            && self.intent.before != self.intent.after
            && !matches!(self.outcome, Some(Outcome::Refused { .. }))
    }

    /// It was so already: nothing to take back, unless the run wrote something else there later.
    fn changed_nothing(&self) -> bool {
        self.intent.undoes.is_none() && self.put_back.is_none() && self.intent.before == self.intent.after
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Temporary {
    pub path: Path,
    pub keep: bool,
    pub open: bool,
    /// The journal's number of the moment at which its work had gone through.
    pub work_done: Option<u64>,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub path: Path,
    pub question: String,
    pub answer: String,
}

impl History {
    pub fn of(entries: &[Entry]) -> Self {
        let mut history = Self::default();
        for entry in entries {
            history.add(entry);
        }
        history
    }

    pub fn add(&mut self, entry: &Entry) {
        if let Some(path) = where_the_script_went_on(&entry.record) {
            let caught = self.followed_by(path);
            self.caught.extend(caught);
        }
        match &entry.record {
            Record::SessionStarted { .. } => {
                self.pending.clear();
                self.sessions += 1;
                self.ending = None;
            }
            Record::SessionEnded { ending } => {
                match ending {
                    Ending::Done => self.caught.extend(self.pending.drain(..).map(|pending| pending.failure)),
                    // Caught, and thrown again at the end: it is what ended the run.
                    Ending::Failed { failure, .. } => drop(self.caught.remove(failure)),
                    _ => {}
                }
                self.pending.clear();
                self.ending = Some(ending.clone());
            }
            Record::StepBegun { path, attempt } => self.steps.entry(path.clone()).or_default().push(Attempt {
                number: *attempt,
                begun: entry.seq,
                result: StepResult::Open,
            }),
            Record::StepFinished { path, attempt, value } => {
                self.end_step(path, *attempt, StepResult::Finished(value.clone()));
            }
            Record::StepFailed { path, attempt, failure, error, place } => {
                // Caught once, and thrown again: then it was not over.
                self.caught.remove(failure);
                self.pending.retain(|pending| pending.failure != *failure);
                self.pending.push(Pending { failure: *failure, step: path.clone() });
                let (failure, error, place) = (*failure, error.clone(), place.clone());
                self.end_step(path, *attempt, StepResult::Failed { failure, error, place });
            }
            Record::Edited { number, files, params, .. } => {
                self.edits.push(Edit { number: *number, files: files.clone(), params: params.clone() });
            }
            Record::PreflightPassed { .. } | Record::Declined { .. } | Record::ParallelEnded { .. } => {}
            Record::ParallelBegun { path, .. } => drop(self.parallels.insert(path.clone())),
            Record::GuardTripped { path, error, .. } => {
                self.trips.entry(path.clone()).or_default().push((entry.seq, error.clone()));
                self.pending.push(Pending { failure: entry.seq, step: path.clone() });
            }
            Record::GuardPassed { path } => drop(self.guards_passed.insert(path.clone(), entry.seq)),
            Record::CanaryJudged { path, verdict } => {
                self.verdicts.insert(path.clone(), (entry.seq, (**verdict).clone()));
            }
            Record::TemporaryOpened { path, keep } => {
                match self.temporaries.iter_mut().find(|temporary| temporary.path == *path) {
                    Some(temporary) if temporary.open => {}
                    Some(temporary) => {
                        (temporary.open, temporary.since, temporary.work_done) = (true, entry.at, None);
                    }
                    None => self.temporaries.push(Temporary {
                        path: path.clone(),
                        keep: *keep,
                        open: true,
                        work_done: None,
                        since: entry.at,
                    }),
                }
            }
            Record::TemporaryWorkDone { path } => {
                if let Some(temporary) = self.temporary_at(path) {
                    temporary.work_done = Some(entry.seq);
                }
            }
            Record::TemporaryClosed { path, .. } => {
                if let Some(temporary) = self.temporary_at(path) {
                    temporary.open = false;
                }
            }
            Record::EffectIntent(intent) => {
                let intent = (**intent).clone();
                self.keys.add(entry.seq, &intent);
                self.effects.insert(entry.seq, EffectState { intent, at: entry.at, outcome: None, put_back: None });
            }
            Record::EffectOutcome { effect, outcome } => self.end_effect(*effect, outcome),
            Record::Answered { path, question, answer, .. } => {
                self.answers.push(Answer { path: path.clone(), question: question.clone(), answer: answer.clone() });
            }
            Record::Paused { path, text } => self.paused.push((path.clone(), text.clone())),
        }
    }

    /// How often the run has stopped at this pause.
    pub fn pauses(&self, path: &[String], text: &str) -> usize {
        self.paused.iter().filter(|(at, said)| at == path && said == text).count()
    }

    fn temporary_at(&mut self, path: &[String]) -> Option<&mut Temporary> {
        self.temporaries.iter_mut().find(|temporary| temporary.path == path)
    }

    fn end_step(&mut self, path: &Path, number: u32, result: StepResult) {
        let attempts = self.steps.get_mut(path).into_iter().flatten();
        if let Some(attempt) = attempts.rev().find(|attempt| attempt.number == number) {
            attempt.result = result;
        }
    }

    fn end_effect(&mut self, number: u64, outcome: &Outcome) {
        let Some(effect) = self.effects.get_mut(&number) else { return };
        effect.outcome = Some(outcome.clone());
        let undone = effect.intent.undoes.filter(|_| !matches!(outcome, Outcome::Refused { .. }));
        if let Some(undone) = undone.and_then(|number| self.effects.get_mut(&number)) {
            undone.put_back = Some(outcome.clone());
        }
    }

    /// The script went on after this failure, so it is given again; any other is done anew.
    pub fn is_caught(&self, failure: u64) -> bool {
        self.caught.contains(&failure)
    }

    /// What a step's entries meet: its attempts without those that a later one did anew, and without the failures of an
    /// earlier attempt of the step around it, which are done anew with it.
    pub fn to_replay(&self, path: &[String]) -> Vec<Attempt> {
        let attempts = self.steps.get(path).map_or(&[][..], Vec::as_slice);
        let since = self.parent_begun(path);
        let last = attempts.len().saturating_sub(1);
        let counts = |(at, attempt): &(usize, &Attempt)| match &attempt.result {
            StepResult::Finished(_) => true,
            StepResult::Failed { .. } if attempt.begun < since => false,
            StepResult::Failed { failure, .. } => *at == last || self.is_caught(*failure),
            StepResult::Open => *at == last,
        };
        attempts.iter().enumerate().filter(counts).map(|(_, attempt)| attempt.clone()).collect()
    }

    /// The journal's number of the beginning of the step around this one, or 0.
    pub fn parent_begun(&self, path: &[String]) -> u64 {
        let parents = (1..path.len()).rev().filter_map(|length| self.steps.get(&path[..length]));
        parents.filter_map(|attempts| attempts.last()).map(|attempt| attempt.begun).next().unwrap_or(0)
    }

    /// Steps that were begun and neither finished nor failed for good: they must be entered again.
    pub fn unfinished_steps(&self) -> Vec<Path> {
        let mut unfinished: Vec<(u64, &Path)> = self
            .steps
            .iter()
            .filter_map(|(path, attempts)| attempts.last().map(|last| (last, path)))
            .filter(|(last, _)| self.is_unfinished(last))
            .map(|(last, path)| (last.begun, path))
            .collect();
        unfinished.sort();
        unfinished.into_iter().map(|(_, path)| path.clone()).collect()
    }

    pub(super) fn is_finished(&self, step: &[String]) -> bool {
        let last = self.steps.get(step).and_then(|attempts| attempts.last());
        last.is_some_and(|last| matches!(last.result, StepResult::Finished(_)))
    }

    /// It failed, and the step around it was begun anew since.
    pub fn failed_with_its_parent(&self, step: &[String]) -> bool {
        let since = self.parent_begun(step);
        let last = self.steps.get(step).and_then(|attempts| attempts.last());
        last.is_some_and(|last| last.begun < since && matches!(last.result, StepResult::Failed { .. }))
    }

    pub fn is_unfinished(&self, attempt: &Attempt) -> bool {
        match &attempt.result {
            StepResult::Open => true,
            StepResult::Failed { failure, .. } => !self.is_caught(*failure),
            StepResult::Finished(_) => false,
        }
    }

    /// The step that an effect belongs to: the innermost on its way. None in the change of a `temporarily`.
    pub fn step_of(&self, intent: &Intent) -> Option<Path> {
        if intent.attempt == 0 {
            return None;
        }
        Some(self.innermost_step(&intent.path)).filter(|path| !path.is_empty())
    }

    /// The innermost step on the way, or the empty path.
    pub fn innermost_step(&self, path: &[String]) -> Path {
        innermost(path, |path| self.steps.contains_key(path)).unwrap_or_default()
    }

    /// The innermost `temporarily` on the way.
    pub fn innermost_temporary(&self, path: &[String]) -> Option<Path> {
        innermost(path, |path| self.temporaries.iter().any(|temporary| temporary.path == path))
    }

    /// The `temporarily` whose change made an effect.
    pub fn temporary_of(&self, intent: &Intent) -> Option<&Temporary> {
        if intent.attempt != 0 {
            return None;
        }
        let path = self.innermost_temporary(&intent.path)?;
        self.temporaries.iter().find(|temporary| temporary.path == path)
    }

    /// What a `temporarily` has in place, newest first.
    pub fn in_place_of(&self, temporary: &[String]) -> Vec<u64> {
        self.in_place(|intent| self.temporary_of(intent).is_some_and(|owner| owner.path == temporary))
    }

    /// What is in place of the effects that `wanted` chooses, newest first.
    pub fn in_place(&self, wanted: impl Fn(&Intent) -> bool) -> Vec<u64> {
        let is_there = |(number, effect): &(&u64, &EffectState)| {
            effect.is_in_place() || (effect.changed_nothing() && self.was_written_again(**number, &effect.intent))
        };
        let chosen = self.effects.iter().rev().filter(|(_, effect)| wanted(&effect.intent)).filter(is_there);
        chosen.map(|(number, _)| *number).collect()
    }

    /// Put-backs that were begun and have no outcome.
    pub fn unknown_put_backs(&self) -> Vec<(u64, Intent)> {
        let unknown = self.effects.iter().filter(|(_, one)| one.outcome.is_none() && one.intent.undoes.is_some());
        unknown.map(|(number, one)| (*number, one.intent.clone())).collect()
    }

    pub fn open_temporaries(&self) -> impl DoubleEndedIterator<Item = &Temporary> {
        self.temporaries.iter().filter(|temporary| temporary.open)
    }

    /// What an abort has to put back: what is temporary, and what unfinished steps did. Newest first.
    pub fn to_put_back(&self) -> Vec<u64> {
        self.in_place(|intent| match self.step_of(intent) {
            Some(step) => !self.is_finished(&step),
            None => self.temporary_of(intent).is_some_and(|temporary| temporary.open),
        })
    }

    /// All that was ever meant to be done.
    pub(crate) fn intents(&self) -> Vec<Intent> {
        self.effects.values().map(|effect| effect.intent.clone()).collect()
    }

    /// Neither done nor given up: `krun resume` can go on with it. One that another run kept from ever changing
    /// anything is not waited for.
    pub fn is_open(&self) -> bool {
        match self.ending {
            Some(Ending::Done | Ending::Aborted) => false,
            Some(Ending::Blocked { .. }) => !self.effects.is_empty(),
            _ => true,
        }
    }
}

fn where_the_script_went_on(record: &Record) -> Option<&Path> {
    match record {
        Record::StepBegun { path, .. }
        | Record::StepFinished { path, .. }
        | Record::PreflightPassed { path }
        | Record::TemporaryOpened { path, .. }
        | Record::TemporaryWorkDone { path }
        | Record::ParallelBegun { path, .. }
        | Record::GuardPassed { path }
        | Record::Answered { path, .. }
        | Record::Declined { path, .. }
        | Record::Paused { path, .. } => Some(path),
        Record::EffectIntent(intent) if intent.undoes.is_none() => Some(&intent.path),
        _ => None,
    }
}

fn innermost(path: &[String], is_there: impl Fn(&[String]) -> bool) -> Option<Path> {
    (1..=path.len()).rev().map(|length| &path[..length]).find(|part| is_there(part)).map(<[String]>::to_vec)
}
