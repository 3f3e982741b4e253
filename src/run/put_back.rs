//! Putting back: one piece of Rust over the journal; no script runs.

use crate::error::{Error, Failure};
use crate::event::{Ending, Intent, Outcome, Progress, Record, path_text};
use crate::run::effects::Settled;
use crate::run::history::EffectState;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::trouble::{Halt, Trouble};
use std::time::{Duration, Instant};

/// How long putting back waits, all in all: what keeps one thing from being put back keeps the next one too.
struct Patience {
    /// With what must be over first, such as the last moves under a throttle.
    moves: Duration,
    /// With a broker that cannot be asked, while other things are still to be put back.
    faults: Duration,
}

impl Patience {
    const AFTER_ONE_THAT_STAYS: Duration = Duration::from_secs(5);
    const FULL: Self = Self { moves: Duration::from_mins(1), faults: Duration::from_secs(30) };
}

const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What came of putting one effect back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PutBack {
    Done,
    /// It has no undo.
    Nothing,
    /// It should be put back and could not be.
    Outstanding(String),
}

impl Session {
    /// Puts effects back in the order given, newest first, and says what could not be.
    pub(crate) fn put_back_all(&self, numbers: &[u64]) -> Result<Vec<String>, Halt> {
        let mut outstanding = Vec::new();
        let mut patience = Patience::FULL;
        for number in numbers {
            match self.put_back(*number, &mut patience)? {
                PutBack::Done | PutBack::Nothing => {}
                PutBack::Outstanding(what) => {
                    // What was not cancelled will not end now, either.
                    patience.moves = patience.moves.min(Patience::AFTER_ONE_THAT_STAYS);
                    self.warn(format!("could not be put back: {what}"));
                    outstanding.push(what);
                }
            }
        }
        self.state().outstanding.extend(outstanding.iter().cloned());
        Ok(outstanding)
    }

    fn put_back(&self, number: u64, patience: &mut Patience) -> Result<PutBack, Halt> {
        let Some(effect) = self.state().history.effects.get(&number).cloned() else { return Ok(PutBack::Nothing) };
        let original = self.state().history.as_written_last(number, effect.intent);
        if effect.outcome.is_none() {
            match self.settle_before_undoing(number, &original, patience)? {
                Ok(true) => {}
                Ok(false) => return Ok(PutBack::Nothing),
                Err(error) => return Ok(outstanding(&original, &error)),
            }
        }
        let kind = self.effects().get(&original.effect).map_err(Halt::Broken)?;
        let Some(undo) = kind.undo(&original) else { return Ok(PutBack::Nothing) };
        if let Some(why) = self.wait_until_it_may(&original, patience)? {
            return Ok(PutBack::Outstanding(format!("{}: {why}", original.summary)));
        }
        let undoing = self.effects().get(undo.effect).map_err(Halt::Broken)?;
        match self.admit(&*undoing, &undo.args) {
            Ok(()) => {}
            Err(Trouble::Halt(halt)) => return Err(halt),
            Err(Trouble::Failed(raised)) => return Ok(outstanding(&original, &raised.error)),
        }
        let intent = Intent {
            path: original.path.clone(),
            attempt: original.attempt,
            effect: undo.effect.to_owned(),
            target: undoing.target(&undo.args),
            resources: original.resources.clone(),
            nth: 1,
            summary: undoing.summary(&undo.args, &original.after),
            args: undo.args,
            before: original.after.clone(),
            after: original.before.clone(),
            undoes: Some(number),
        };
        self.carry_back(&intent, patience)
    }

    /// Asks the world first: only what is still as krun wrote it is put back.
    fn carry_back(&self, intent: &Intent, patience: &mut Patience) -> Result<PutBack, Halt> {
        let effect = self.effects().get(&intent.effect).map_err(Halt::Broken)?;
        let settled = match self.persistently(intent, patience)? {
            Ok(settled) => settled,
            Err(error) => return Ok(outstanding(intent, &error)),
        };
        let number = self.intend(intent.clone())?;
        let outcome = match settled {
            Settled::Done(value) => Outcome::Done { value, acted: false },
            Settled::Changed { evidence } | Settled::CannotTell { evidence } => Outcome::Left { evidence },
            Settled::Over { evidence } => Outcome::Kept { evidence },
            Settled::NotDone => {
                self.inner().kill_points.pass();
                let acted = effect.act(intent);
                self.inner().kill_points.pass();
                match acted {
                    Ok(value) => Outcome::Done { value, acted: true },
                    Err(Failure::Refused(error)) => Outcome::Refused { error },
                    Err(Failure::Unknown(_)) if self.stop().level() >= Level::Now => return Err(Halt::Interrupted),
                    Err(Failure::Unknown(error)) => match self.find_out(intent, &error) {
                        // The rest can still be put back; the next abort asks about this one again.
                        Err(Halt::Broken(error)) if self.journal_is_sound() => Outcome::Refused { error },
                        found => found?,
                    },
                }
            }
        };
        self.record(Record::EffectOutcome { effect: number, outcome: outcome.clone() })?;
        self.by_hand_changed();
        for stay in outcome.stays() {
            if stay.by_somebody_else { self.warn(stay.text) } else { self.note(Progress::Log { text: stay.text }) }
        }
        Ok(match outcome {
            Outcome::Refused { error } => outstanding(intent, &error),
            // What somebody else changed, and what is over, is shown and left.
            Outcome::Done { .. } | Outcome::Left { .. } | Outcome::Kept { .. } => PutBack::Done,
        })
    }

    /// An effect that nobody knows the outcome of: did it happen? False where there is nothing to undo.
    fn settle_before_undoing(
        &self,
        number: u64,
        intent: &Intent,
        patience: &mut Patience,
    ) -> Result<Result<bool, Error>, Halt> {
        let settled = match self.persistently(intent, patience)? {
            Ok(settled) => settled,
            Err(error) => return Ok(Err(error)),
        };
        let not_applied = || Outcome::Refused { error: Error::new("NOT_APPLIED", "it had not happened") };
        let outcome = match settled {
            Settled::Done(value) => Outcome::Done { value, acted: true },
            // The undo asks again and leaves what somebody else changed.
            Settled::Changed { .. } | Settled::Over { .. } | Settled::CannotTell { .. } => {
                Outcome::Done { value: serde_json::Value::Null, acted: true }
            }
            Settled::NotDone => not_applied(),
        };
        let happened = matches!(outcome, Outcome::Done { .. });
        self.record(Record::EffectOutcome { effect: number, outcome })?;
        Ok(Ok(happened))
    }

    /// Waits for what must be over first; says why if it is not over in time.
    fn wait_until_it_may(&self, intent: &Intent, patience: &mut Patience) -> Result<Option<String>, Halt> {
        let effect = self.effects().get(&intent.effect).map_err(Halt::Broken)?;
        let began = Instant::now();
        loop {
            let looked = Instant::now();
            let (why, left) = match effect.not_yet(intent) {
                Ok(None) => return Ok(None),
                Ok(Some(why)) => (why, &mut patience.moves),
                Err(error) => (error.message, &mut patience.faults),
            };
            if left.is_zero() {
                return Ok(Some(why));
            }
            self.wait_a_little(format!("before putting back: {}", intent.summary), why, began)?;
            *left = left.saturating_sub(looked.elapsed());
        }
    }

    /// Asks about an effect, again and again where that meets a passing fault.
    fn persistently(&self, intent: &Intent, patience: &mut Patience) -> Result<Result<Settled, Error>, Halt> {
        let began = Instant::now();
        loop {
            let looked = Instant::now();
            let error = match self.settle(intent) {
                Err(error) if error.retriable && !patience.faults.is_zero() => error,
                result => return Ok(result),
            };
            self.wait_a_little(format!("to put back: {}", intent.summary), error.message, began)?;
            patience.faults = patience.faults.saturating_sub(looked.elapsed());
        }
    }

    fn wait_a_little(&self, what: String, text: String, began: Instant) -> Result<(), Halt> {
        let elapsed = began.elapsed().as_secs();
        self.note(Progress::Waiting { what, text, done: None, total: None, seconds_left: None, elapsed });
        if self.stop().sleep(LOOK_AGAIN, Level::Now) { Ok(()) } else { Err(Halt::Interrupted) }
    }

    /// An ending is never better than what it leaves behind.
    pub(crate) fn with_what_is_outstanding(&self, ending: Ending) -> Ending {
        let state = self.state();
        if !state.outstanding.is_empty() {
            return Ending::Outstanding { what: state.outstanding.clone() };
        }
        match ending {
            Ending::Done => {
                let open: Vec<String> = state.history.open_temporaries().map(|open| path_text(&open.path)).collect();
                if open.is_empty() { Ending::Done } else { Ending::Outstanding { what: open } }
            }
            other => other,
        }
    }

    /// Says at the end of a session what is in place and since when.
    pub(crate) fn list_what_is_in_place(&self) {
        for effect in self.what_is_in_place() {
            self.note(Progress::LeftInPlace { what: effect.intent.summary, since: effect.at });
        }
    }

    /// What would have to be put back now, newest first: not what has no undo, such as an election.
    pub(crate) fn what_is_in_place(&self) -> Vec<EffectState> {
        let state = self.state();
        let undoable = |effect: &&EffectState| {
            self.effects().get(&effect.intent.effect).is_ok_and(|kind| kind.undo(&effect.intent).is_some())
        };
        let numbers = state.history.to_put_back();
        let effects = numbers.iter().filter_map(|number| state.history.effects.get(number));
        effects.filter(undoable).cloned().collect()
    }
}

fn outstanding(intent: &Intent, error: &Error) -> PutBack {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    PutBack::Outstanding(format!("{}: {}{hint}", intent.summary, error.message))
}
