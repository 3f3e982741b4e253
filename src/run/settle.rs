//! What became of an effect: by asking the world, never from memory.
//!
//! An effect with an outcome is not repeated. One with an intent only is unknown: the world is asked whether it is as
//! intended (done), as before (do it), or anything else (somebody changed it: show, ask).

use crate::error::{Error, Failure};
use crate::event::{Intent, Outcome, Record};
use crate::run::effects::Settled;
use crate::run::history::EffectState;
use crate::run::question::WhatHappened;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::trouble::{Halt, Trouble};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

impl Session {
    /// Asks the world about an effect. Metadata may be some seconds behind, so "somebody changed it" is only believed when
    /// it is seen again and again.
    pub(super) fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let effect = self.effects().get(&intent.effect)?;
        let mut looks = 1;
        loop {
            match effect.settle(intent)? {
                Settled::Changed { .. } if looks < 16 && self.stop().sleep(Duration::from_millis(250), Level::Now) => {
                    looks += 1;
                }
                settled => return Ok(settled),
            }
        }
    }

    /// Sent and unanswered, or begun by a krun that was killed: asks the world until it is known.
    pub(super) fn find_out(&self, intent: &Intent, why: &Error) -> Result<Outcome, Halt> {
        let mut tries = 0;
        loop {
            let unknown = |error: &Error| {
                let text = format!("whether this happened is not known: {} ({})", intent.summary, error.message);
                let command = if self.about().typed { "abort" } else { "resume" };
                let hint = format!("`krun {command}` asks again when the cluster can be reached");
                Halt::Broken(Error::new("OUTCOME_UNKNOWN", text).hint(hint))
            };
            tries += 1;
            let again = match self.settle(intent) {
                Ok(Settled::Done(value)) => return Ok(Outcome::Done { value, acted: true }),
                Ok(Settled::NotDone) if tries <= 5 => true,
                Ok(Settled::NotDone) => return Err(unknown(why)),
                Ok(Settled::Over { evidence }) => return Ok(Outcome::Kept { evidence }),
                Ok(Settled::Changed { evidence }) if intent.undoes.is_some() => return Ok(Outcome::Left { evidence }),
                Ok(Settled::Changed { evidence } | Settled::CannotTell { evidence }) => {
                    match self.ask_what_happened(intent, &evidence)? {
                        WhatHappened::Done => {
                            return Ok(Outcome::Done { value: Value::Null, acted: true });
                        }
                        WhatHappened::Redo => true,
                    }
                }
                Err(error) if error.retriable && tries <= 30 => false,
                Err(error) => return Err(unknown(&error)),
            };
            if again {
                match self.act(intent)? {
                    Ok(value) => return Ok(Outcome::Done { value, acted: true }),
                    Err(Failure::Refused(error)) => return Ok(Outcome::Refused { error }),
                    Err(Failure::Unknown(_)) => {}
                }
            }
            if !self.stop().sleep(Duration::from_millis(500), Level::Now) {
                return Err(Halt::Interrupted);
            }
        }
    }

    /// An effect of an earlier session, entered again.
    pub(super) fn meet(&self, number: u64) -> Result<Value, Trouble> {
        let Some(effect) = self.state().history.effects.get(&number).cloned() else { return Ok(Value::Null) };
        let intent = effect.intent;
        match effect.outcome {
            None => {
                self.admit(&*self.effects().get(&intent.effect)?, &intent.args)?;
                let killed = Error::new("KILLED", "krun was ended while it was under way");
                let outcome = self.find_out(&intent, &killed)?;
                self.conclude(number, outcome)
            }
            Some(Outcome::Refused { error }) => Err(error.into()),
            Some(Outcome::Done { value, .. }) if intent.attempt != 0 => Ok(value),
            // The change of a `temporarily` is done anew: its first "before" holds.
            Some(Outcome::Done { value, .. }) => self.make_sure(number, &intent, value),
            Some(Outcome::Left { .. } | Outcome::Kept { .. }) => Ok(Value::Null),
        }
    }

    /// What a temporary change wrote is looked at again, and written again where it is gone.
    fn make_sure(&self, number: u64, intent: &Intent, value: Value) -> Result<Value, Trouble> {
        let Some(intent) = self.not_written_since(number, intent)?.filter(|intent| intent.before != intent.after)
        else {
            return Ok(value);
        };
        match self.settle(&intent)? {
            Settled::Done(value) => Ok(value),
            Settled::NotDone => self.carry_out(number, &intent),
            Settled::Changed { evidence } | Settled::Over { evidence } | Settled::CannotTell { evidence } => {
                self.warn(format!("{}: somebody changed it since: {evidence}; it is left as it is", intent.summary));
                Ok(value)
            }
        }
    }

    /// The part of an effect that no later effect of this run wrote again; none where nothing is left of it.
    pub(super) fn not_written_since(&self, number: u64, intent: &Intent) -> Result<Option<Intent>, Error> {
        let writers = self.last_writers();
        self.own_part(number, intent, |resource| writers.get(resource).copied())
    }

    fn last_writers(&self) -> HashMap<String, u64> {
        let state = self.state();
        let writers = state.history.last_writers();
        writers.into_iter().map(|(resource, number)| (resource.to_owned(), number)).collect()
    }

    /// The same, where who wrote each resource last is known.
    fn own_part(
        &self,
        number: u64,
        intent: &Intent,
        last_writer: impl Fn(&str) -> Option<u64>,
    ) -> Result<Option<Intent>, Error> {
        let is_last = |resource: &&String| last_writer(resource).is_none_or(|last| last == number);
        let own: Vec<String> = intent.resources.iter().filter(is_last).cloned().collect();
        Ok(match own.len() {
            0 => None,
            all if all == intent.resources.len() => Some(intent.clone()),
            _ => Some(self.effects().get(&intent.effect)?.narrowed(intent, &own)),
        })
    }

    /// A put-back that a killed session left without an outcome: what it was to take back is only done if it did not happen.
    pub(super) fn settle_unknown_put_backs(&self) -> Result<(), Trouble> {
        let unknown = {
            let mut state = self.state();
            if std::mem::replace(&mut state.meetings.put_backs_known, true) {
                return Ok(());
            }
            state.history.unknown_put_backs()
        };
        for (number, intent) in unknown {
            let outcome = match self.settle(&intent)? {
                Settled::Done(value) => Outcome::Done { value, acted: true },
                Settled::Over { evidence } => Outcome::Kept { evidence },
                Settled::NotDone | Settled::Changed { .. } | Settled::CannotTell { .. } => {
                    Outcome::Refused { error: Error::new("NOT_APPLIED", "it had not happened") }
                }
            };
            self.record(Record::EffectOutcome { effect: number, outcome })?;
        }
        Ok(())
    }

    /// Before the first new effect of a re-entered step acts: is what was done in it before still there?
    pub(super) fn compare_with_the_world(&self, path: &[String], attempt: u32) -> Result<(), Trouble> {
        if attempt == 0 {
            return Ok(());
        }
        let done = self.done_in_this_step(path, attempt);
        // Once: a step may have done very much.
        let writers = if done.is_empty() { HashMap::new() } else { self.last_writers() };
        for (number, intent) in done {
            let effect = self.effects().get(&intent.effect)?;
            let own = self.own_part(number, &intent, |resource| writers.get(resource).copied())?;
            let Some(intent) = own.filter(|_| effect.lasts()) else { continue };
            if !effect.shows_itself(&intent)? {
                continue;
            }
            let evidence = match self.settle(&intent)? {
                Settled::Done(_) | Settled::Over { .. } => continue,
                Settled::NotDone => "it is as it was before krun changed it".to_owned(),
                Settled::Changed { evidence } | Settled::CannotTell { evidence } => evidence,
            };
            if self.ask_what_happened(&intent, &evidence)? == WhatHappened::Redo
                && let Err(failure) = self.act(&intent)?
            {
                return Err(Error::from(failure).into());
            }
        }
        Ok(())
    }

    /// What is in place of the effects of this step and of the steps in it; nothing, where it was asked before.
    fn done_in_this_step(&self, path: &[String], attempt: u32) -> Vec<(u64, Intent)> {
        let mut state = self.state();
        let step = state.history.innermost_step(path);
        if !state.meetings.compared.insert((step.clone(), attempt)) {
            return Vec::new();
        }
        let here = |intent: &Intent| match state.history.step_of(intent) {
            Some(of) if of == step => intent.attempt == attempt,
            of => of.is_some_and(|of| of.starts_with(&step)),
        };
        let done = |effect: &EffectState| effect.is_in_place() && matches!(effect.outcome, Some(Outcome::Done { .. }));
        let effects = state.history.effects.iter().filter(|(_, effect)| done(effect) && here(&effect.intent));
        effects.map(|(number, effect)| (*number, effect.intent.clone())).collect()
    }
}
