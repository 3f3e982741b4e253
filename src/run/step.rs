//! `step`, `preflight`, `all_or_nothing`, `begun`: the scopes that are not temporary.

use crate::error::Error;
use crate::event::{Path, Progress, Record, path_text};
use crate::run::history::{Attempt, StepResult};
use crate::run::parallel::Standing;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::track::{Scope, Track};
use crate::run::trouble::{Halt, Raised, Trouble};
use crate::run::values;
use serde_json::Value;
use std::sync::PoisonError;

/// What entering a step means.
enum Entry {
    /// It ran before: this is what it gave.
    Recorded(Attempt),
    /// It was begun before and is gone on with.
    Again(u32),
    New(u32),
}

impl Session {
    /// Runs `body` once per run. `body` gives the step's value as the journal keeps it.
    pub fn step(&self, name: &str, body: impl FnOnce() -> Result<Value, Trouble>) -> Result<Value, Trouble> {
        check_name("step", name)?;
        let track = self.track();
        refuse_a_step_here("step", name, &track)?;
        self.safe_point()?;
        let path = track.path_to(name);
        let number = match self.enter(&path)? {
            Entry::Recorded(attempt) => return self.give_again(path, attempt),
            Entry::Again(number) => number,
            Entry::New(number) => {
                self.refuse_to_pass_by(&path)?;
                if track.has(Scope::OverWork) {
                    return Err(Halt::Broken(after_its_scope(&format!("the step `{}`", path_text(&path)))).into());
                }
                self.record(Record::StepBegun { path: path.clone(), attempt: number })?;
                number
            }
        };
        self.lock_at(&path);
        let result = self.within(Scope::Step { attempt: number }, Some(name), body);
        let result = result.and_then(|value| {
            self.refuse_unfinished_inside(&path)?;
            self.refuse_skipped_effects(&path, number).map(|()| value)
        });
        match result {
            Ok(value) => {
                // A session that only asks has no folder.
                let kept = if self.asks_only() { Ok(value.clone()) } else { self.keep(&value) };
                let kept = kept.map_err(Halt::Broken)?;
                self.record(Record::StepFinished { path, attempt: number, value: kept })?;
                Ok(value)
            }
            Err(Trouble::Failed(raised)) => self.fail(path, number, raised),
            Err(Trouble::Halt(Halt::Tripped(tripped))) => {
                let (failure, error) = (tripped.failure, tripped.error.clone());
                self.record(Record::StepFailed { path, attempt: number, failure, error, place: None })?;
                Err(Halt::Tripped(tripped).into())
            }
            Err(halt) => Err(halt),
        }
    }

    fn keep(&self, value: &Value) -> Result<Value, Error> {
        let _in_turn = self.inner().turns.writing.lock().unwrap_or_else(PoisonError::into_inner);
        values::put(self.folder(), value)
    }

    fn fail(&self, path: Path, attempt: u32, mut raised: Box<Raised>) -> Result<Value, Trouble> {
        let (error, place) = (raised.error.clone(), raised.place.clone());
        self.record_as(|seq| {
            let failure = *raised.failure.get_or_insert(seq);
            Record::StepFailed { path, attempt, failure, error, place }
        })?;
        Err(Trouble::Failed(raised))
    }

    fn give_again(&self, path: Path, attempt: Attempt) -> Result<Value, Trouble> {
        self.note(Progress::StepReplayed { path });
        match attempt.result {
            StepResult::Finished(kept) => Ok(values::get(self.folder(), kept).map_err(Halt::Broken)?),
            StepResult::Failed { failure, error, place } => {
                Err(Trouble::Failed(Box::new(Raised { error, place, failure: Some(failure), origin: None })))
            }
            StepResult::Open => Ok(Value::Null),
        }
    }

    fn enter(&self, path: &Path) -> Result<Entry, Error> {
        let mut state = self.state();
        let attempts = state.history.to_replay(path);
        let key = (state.history.parent_begun(path), path.clone());
        let count = state.entries.entry(key).or_default();
        let entry = *count;
        *count += 1;
        let this_try = state.current_try();
        let last_try = state.tries.insert(path.clone(), this_try);
        let next = state.history.steps.get(path).and_then(|all| all.last()).map_or(1, |last| last.number + 1);
        let Some(attempt) = attempts.get(entry).cloned() else {
            return match attempts.last() {
                Some(last) if matches!(last.result, StepResult::Finished(_)) => {
                    // Entered again by a `retry` around it: it gives what it gave.
                    if last_try == Some(this_try) { Err(duplicate(path)) } else { Ok(Entry::Recorded(last.clone())) }
                }
                _ => Ok(Entry::New(next)),
            };
        };
        Ok(match &attempt.result {
            StepResult::Finished(_) => Entry::Recorded(attempt),
            StepResult::Open => Entry::Again(attempt.number),
            StepResult::Failed { failure, .. } if state.history.is_caught(*failure) => Entry::Recorded(attempt),
            StepResult::Failed { .. } => Entry::New(next),
        })
    }

    /// What entering this step would mean.
    pub(crate) fn standing(&self, path: &Path) -> Standing {
        let state = self.state();
        let attempts = state.history.to_replay(path);
        let entry = state.entries.get(&(state.history.parent_begun(path), path.clone())).copied().unwrap_or(0);
        let last = state.history.steps.get(path).and_then(|all| all.last());
        match attempts.get(entry).or(attempts.last()).map(|attempt| &attempt.result) {
            Some(StepResult::Finished(_)) => Standing::Recorded,
            Some(StepResult::Failed { failure, .. }) if entry < attempts.len() && state.history.is_caught(*failure) => {
                Standing::Recorded
            }
            _ => match last {
                Some(last) if last.result == StepResult::Open => Standing::Begun,
                Some(last) if state.history.is_unfinished(last) => Standing::Failed,
                _ => Standing::New,
            },
        }
    }

    /// A step that was begun and has no outcome comes first.
    fn refuse_to_pass_by(&self, path: &[String]) -> Result<(), Halt> {
        let state = self.state();
        let comes = |step: &Path| {
            // Those inside the step that begins now can still be entered, and those around it are; what failed in an
            // earlier attempt of the step around it comes in its turn. Items of a `parallel` cannot pass each other by.
            let is_near = path.starts_with(step) || step.starts_with(path);
            let is_of_another_item = state.history.are_in_different_items(path, step);
            is_near
                || is_of_another_item
                || state.tries.contains_key(step)
                || state.history.failed_with_its_parent(step)
        };
        let passed = state.history.unfinished_steps().into_iter().find(|step| !comes(step));
        let Some(step) = passed else { return Ok(()) };
        let error = passed_by(&step, &path_text(path));
        Err(Halt::Broken(if state.history.edits.is_empty() {
            error
        } else {
            error.hint("in an edited runbook, new steps come after those that were begun, or inside them")
        }))
    }

    /// A step does not finish over one inside it that was begun and passed by: it stays open for the way it had begun.
    fn refuse_unfinished_inside(&self, path: &[String]) -> Result<(), Halt> {
        let state = self.state();
        let inside = |step: &Path| step.len() > path.len() && step.starts_with(path) && !state.tries.contains_key(step);
        let passed = state.history.unfinished_steps().into_iter().find(inside);
        passed.map_or(Ok(()), |step| Err(Halt::Broken(passed_by(&step, &format!("the end of {}", path_text(path))))))
    }

    fn refuse_skipped_effects(&self, path: &Path, attempt: u32) -> Result<(), Trouble> {
        let state = self.state();
        let skipped = state
            .history
            .in_place(|intent| intent.attempt == attempt && state.history.step_of(intent).as_ref() == Some(path));
        let skipped = skipped.into_iter().rev().find(|number| !state.meetings.met.contains(number));
        let Some(effect) = skipped.and_then(|number| state.history.effects.get(&number)) else { return Ok(()) };
        let text =
            format!("this step did `{}` when it ran before, and did not come to it again", effect.intent.summary);
        Err(Error::new("EFFECT_SKIPPED", text)
            .hint("what a step does must follow from what steps have recorded; `krun abort` puts it back")
            .into())
    }

    /// Reads only; runs again at every resume.
    pub fn preflight<T>(&self, name: &str, body: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        check_name("preflight", name)?;
        if self.track().has(Scope::GuardTest) {
            return Err(Error::new(
                "STEP_MISPLACED",
                format!("the preflight `{name}` stands inside the test of a guard"),
            )
            .hint("move it out: a guard looks by itself, again and again")
            .into());
        }
        self.safe_point()?;
        let path = self.track().path_to(name);
        self.note(Progress::Preflight { path: path.clone() });
        let result = self.within(Scope::Preflight, Some(name), body)?;
        self.record(Record::PreflightPassed { path })?;
        Ok(result)
    }

    /// No safe point inside; if `body` fails, its effects are undone before the error goes on.
    pub fn all_or_nothing<T>(&self, name: &str, body: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        check_name("all_or_nothing", name)?;
        let track = self.track();
        if track.attempt().is_none() {
            return Err(Error::new("EFFECT_OUTSIDE_STEP", format!("all_or_nothing `{name}` outside a step"))
                .hint("put it into `step(\"…\", || …)`")
                .into());
        }
        let (path, attempt) = (track.path_to(name), track.attempt().unwrap_or_default());
        // A failure undoes what was done under this name: a second of it would take the first one back, too.
        self.refuse_a_second("ALL_OR_NOTHING_TWICE", "all_or_nothing", &path)?;
        let result = self.within(Scope::AllOrNothing, Some(name), body);
        let failed = matches!(result, Err(Trouble::Failed(_)));
        if failed && self.journal_is_sound() && self.stop().level() < Level::Now {
            let done = {
                let state = self.state();
                state.history.in_place(|intent| intent.attempt == attempt && intent.path.starts_with(&path))
            };
            self.put_back_all(&done)?;
        }
        result
    }

    /// Whether the step or scope of this name at this place was begun, in this session or an earlier one: of a scope that is no
    /// step, whether anything that it changed is in place or may be.
    pub fn begun(&self, name: &str) -> bool {
        let path = self.track().path_to(name);
        let state = self.state();
        let mut effects = state.history.effects.values();
        state.history.steps.contains_key(&path)
            || effects.any(|effect| effect.is_in_place() && effect.intent.path.starts_with(&path))
    }
}

impl Session {
    /// Whether the step of this name at this place was finished, in this session or an earlier one.
    pub fn finished(&self, name: &str) -> bool {
        let path = self.track().path_to(name);
        self.state().history.is_finished(&path)
    }
}

pub(crate) fn passed_by(step: &[String], at: &str) -> Error {
    let text = format!("`{}` was begun and is not finished, and the runbook passed it by (at {at})", path_text(step));
    Error::new("STEP_PASSED_BY", text)
        .hint("what decides which steps there are must be recorded by a step; `krun abort` puts back what it did")
}

/// Nothing new may happen where what should hold around it has been put back already.
pub(crate) fn after_its_scope(what: &str) -> Error {
    Error::new("AFTER_ITS_SCOPE", format!("{what} is new inside a temporarily or a guard that was finished before"))
        .hint("what decides which steps there are must be recorded by a step")
}

pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Error> {
    if !name.trim().is_empty() && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::new("STEP_NAME", format!("the name of this `{what}` is empty or has control characters"))
        .hint("name it in an imperative sentence: `move topic orders`"))
}

/// `STEP_MISPLACED` where no step may stand, and so nothing that consists of steps.
pub(crate) fn refuse_a_step_here(what: &str, name: &str, track: &Track) -> Result<(), Error> {
    let misplaced = |place: &str, why: &str| {
        let text = format!("the {what} `{name}` stands inside {place}");
        Err(Error::new("STEP_MISPLACED", text).hint(format!("move it out: {why}")))
    };
    if let Some(place) = track.reads_only() {
        return misplaced(place, "a step may change things");
    }
    if track.has(Scope::AllOrNothing) {
        return misplaced("all_or_nothing", "what is finished stays finished, and this may have to be undone");
    }
    if track.has(Scope::Change) {
        return misplaced("the change of a temporarily", "the change of a temporarily is made anew on resume");
    }
    Ok(())
}

fn duplicate(path: &[String]) -> Error {
    Error::new("STEP_NAME_TWICE", format!("`{}` ran already: a step runs once per run", path_text(path))).hint(
        "names are unique within their parent; in a loop put the item into the name: step(`move topic ${topic}`, …)",
    )
}
