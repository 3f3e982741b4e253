//! What became of an effect: by asking the world, never from memory.
//!
//! An effect with an outcome is not repeated. One with an intent only is unknown: the world is asked whether it is as
//! intended (done), as before (do it), or anything else (somebody changed it: show, ask).

use crate::error::{Error, Failure};
use crate::event::{Intent, Outcome};
use crate::run::effects::Settled;
use crate::run::question::WhatHappened;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::trouble::{Halt, Trouble};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
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
                let hint = "`krun resume` asks again when the cluster can be reached";
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
        if intent.before == intent.after {
            return Ok(value);
        }
        match self.settle(intent)? {
            Settled::Done(value) => Ok(value),
            Settled::NotDone => self.carry_out(number, intent),
            Settled::Changed { evidence } | Settled::Over { evidence } | Settled::CannotTell { evidence } => {
                self.warn(format!("{}: somebody changed it since: {evidence}; it is left as it is", intent.summary));
                Ok(value)
            }
        }
    }

    /// Before the first new effect of a re-entered step acts: is what it did before still there?
    pub(super) fn compare_with_the_world(&self, path: &[String], attempt: u32) -> Result<(), Trouble> {
        if attempt == 0 {
            return Ok(());
        }
        let known: Vec<Intent> = {
            let mut state = self.state();
            let step = state.history.innermost_step(path);
            if !state.meetings.compared.insert((step.clone(), attempt)) {
                return Ok(());
            }
            let mut latest: BTreeMap<String, u64> = BTreeMap::new();
            for (number, effect) in &state.history.effects {
                let of_step =
                    effect.intent.attempt == attempt && state.history.step_of(&effect.intent).as_ref() == Some(&step);
                if of_step && effect.is_in_place() && matches!(effect.outcome, Some(Outcome::Done { .. })) {
                    latest.extend(effect.intent.resources.iter().map(|resource| (resource.clone(), *number)));
                }
            }
            let numbers: HashSet<u64> = latest.into_values().collect();
            let effects = state.history.effects.iter().filter(|(number, _)| numbers.contains(number));
            effects.map(|(_, effect)| effect.intent.clone()).collect()
        };
        for intent in known {
            let effect = self.effects().get(&intent.effect)?;
            if !effect.lasts() {
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
}
