//! The one door through which the world is changed.
//!
//! Safe to go on? → journal the intent with the before-image (fsync) → act → journal the outcome (fsync). On resume an
//! effect with an outcome is not repeated, and one with an intent only is settled by asking the world.

use crate::error::{Error, Failure};
use crate::event::{Intent, Outcome, Path, Record};
use crate::run::session::Session;
use crate::run::step::after_its_scope;
use crate::run::stop::Level;
use crate::run::track::{Scope, Track};
use crate::run::trouble::{Halt, Trouble};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A kind of change. Its values are data: everything that settles or undoes one stands in its intent.
pub trait Effect: Send + Sync {
    /// The registered name, such as `alter_configs`.
    fn name(&self) -> &'static str;
    /// What it changes, such as `topic/orders`.
    fn target(&self, args: &Value) -> String;
    /// The single things that it changes, such as `topic/orders/retention.ms`.
    fn resources(&self, args: &Value) -> Vec<String>;
    /// Reads what is there.
    fn before(&self, args: &Value) -> Result<Value, Error>;
    /// What is there once it has happened.
    fn after(&self, args: &Value, before: &Value) -> Value;
    /// One line for the screen.
    fn summary(&self, args: &Value, before: &Value) -> String;
    fn act(&self, intent: &Intent) -> Result<Value, Failure>;
    /// Did it happen? By asking the world, never from memory.
    fn settle(&self, intent: &Intent) -> Result<Settled, Error>;
    /// The effect that takes it back, as data.
    fn undo(&self, intent: &Intent) -> Option<Undo>;
    /// Why it must not be undone yet, if so: a throttle stays while a move under it is listed.
    fn not_yet(&self, _intent: &Intent) -> Result<Option<String>, Error> {
        Ok(None)
    }
    /// Kafka's own commands that would undo it.
    fn by_hand(&self, _intent: &Intent, _bootstrap: &str) -> Vec<String> {
        Vec::new()
    }
    /// False where the world may move on by itself afterwards, such as leadership.
    fn lasts(&self) -> bool {
        true
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The world is as intended.
    Done(Value),
    /// The world is as it was before.
    NotDone,
    /// Anything else: somebody changed it.
    Changed { evidence: String },
    /// Only of an undo: there is nothing to take back any more, such as a move that has finished.
    Over { evidence: String },
    /// It can be neither read nor probed.
    CannotTell { evidence: String },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    pub effect: &'static str,
    pub args: Value,
}

/// The effects that there are, by name.
#[derive(Clone, Default)]
pub struct Effects(BTreeMap<&'static str, Arc<dyn Effect>>);

impl Effects {
    #[must_use]
    pub fn with(mut self, effect: impl Effect + 'static) -> Self {
        self.0.insert(effect.name(), Arc::new(effect));
        self
    }

    pub fn get(&self, name: &str) -> Result<Arc<dyn Effect>, Error> {
        self.0.get(name).cloned().ok_or_else(|| {
            Error::new("UNKNOWN_EFFECT", format!("this krun has no effect named `{name}`"))
                .hint("the run was begun by a krun that has it: use that one")
        })
    }
}

/// Which recorded effects this session has met again, and where it has compared the world with them.
#[derive(Debug, Default)]
pub(crate) struct Meetings {
    pub(crate) met: HashSet<u64>,
    pub(crate) compared: HashSet<(Path, u32)>,
}

impl Session {
    /// Makes one change, or gives what it gave when it was made before.
    pub fn perform(&self, name: &str, args: &Value) -> Result<Value, Trouble> {
        let effect = self.effects().get(name)?;
        let track = self.track();
        let target = effect.target(args);
        let attempt = where_allowed(&track, name, &target)?;
        let path = track.path();
        if let Some(number) = self.recorded(&path, attempt, name, args) {
            return self.meet(number);
        }
        if track.has(Scope::OverWork) {
            return Err(Halt::Broken(after_its_scope(&format!("`{name}` on {target}"))).into());
        }
        self.compare_with_the_world(&path, attempt)?;
        let resources = effect.resources(args);
        self.refuse_what_is_held(&path, attempt, &resources)?;
        self.confirm_first_change()?;
        let before = effect.before(args)?;
        let intent = Intent {
            attempt,
            effect: name.to_owned(),
            target,
            resources,
            nth: self.how_manieth(&path, attempt, name, args),
            after: effect.after(args, &before),
            summary: effect.summary(args, &before),
            args: args.clone(),
            before,
            path,
            undoes: None,
        };
        let number = self.intend(intent.clone())?;
        self.carry_out(number, &intent)
    }

    /// Journals an intent and gives its number. It counts as met: it is of this session.
    pub(crate) fn intend(&self, intent: Intent) -> Result<u64, Halt> {
        if self.stop().level() >= Level::Now {
            return Err(Halt::Interrupted);
        }
        let number = self.record(Record::EffectIntent(Box::new(intent)))?.seq;
        self.state().meetings.met.insert(number);
        self.write_by_hand();
        Ok(number)
    }

    /// Acts on a journalled intent and journals what came of it.
    pub(crate) fn carry_out(&self, number: u64, intent: &Intent) -> Result<Value, Trouble> {
        let outcome = if intent.before == intent.after {
            match self.settle(intent) {
                Ok(Settled::Done(value)) => Outcome::Done { value, acted: false },
                _ => Outcome::Done { value: Value::Null, acted: false },
            }
        } else {
            match self.act(intent)? {
                Ok(value) => Outcome::Done { value, acted: true },
                Err(Failure::Refused(error)) => Outcome::Refused { error },
                Err(Failure::Unknown(error)) => self.find_out(intent, &error)?,
            }
        };
        self.conclude(number, outcome)
    }

    fn conclude(&self, number: u64, outcome: Outcome) -> Result<Value, Trouble> {
        self.record(Record::EffectOutcome { effect: number, outcome: outcome.clone() })?;
        self.write_by_hand();
        match outcome {
            Outcome::Done { value, .. } => Ok(value),
            Outcome::Refused { error } => Err(error.into()),
            Outcome::Left { .. } | Outcome::Kept { .. } => Ok(Value::Null),
        }
    }

    fn act(&self, intent: &Intent) -> Result<Result<Value, Failure>, Halt> {
        let effect = self.effects().get(&intent.effect).map_err(Halt::Broken)?;
        self.inner().kill_points.pass();
        let result = effect.act(intent);
        self.inner().kill_points.pass();
        if matches!(result, Err(Failure::Unknown(_))) && self.stop().level() >= Level::Now {
            return Err(Halt::Interrupted);
        }
        Ok(result)
    }

    /// Sent and unanswered, or begun by a krun that was killed: asks the world until it is known.
    pub(crate) fn find_out(&self, intent: &Intent, why: &Error) -> Result<Outcome, Halt> {
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
                        super::question::WhatHappened::Done => {
                            return Ok(Outcome::Done { value: Value::Null, acted: true });
                        }
                        super::question::WhatHappened::Redo => true,
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

    /// The recorded effect that this call meets: the first of its key that this session has not met yet.
    fn recorded(&self, path: &[String], attempt: u32, name: &str, args: &Value) -> Option<u64> {
        let mut state = self.state();
        let number = state.history.effects.iter().find(|(number, effect)| {
            same_key(&effect.intent, path, attempt, name, args)
                && effect.put_back.is_none()
                && !state.meetings.met.contains(number)
        });
        let number = number.map(|(number, _)| *number)?;
        state.meetings.met.insert(number);
        Some(number)
    }

    fn how_manieth(&self, path: &[String], attempt: u32, name: &str, args: &Value) -> u32 {
        let state = self.state();
        let same = state.history.effects.values().filter(|effect| same_key(&effect.intent, path, attempt, name, args));
        u32::try_from(same.count()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// An effect of an earlier session, entered again.
    fn meet(&self, number: u64) -> Result<Value, Trouble> {
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
    fn compare_with_the_world(&self, path: &[String], attempt: u32) -> Result<(), Trouble> {
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
            if self.ask_what_happened(&intent, &evidence)? == super::question::WhatHappened::Redo
                && let Err(failure) = self.act(&intent)?
            {
                return Err(Error::from(failure).into());
            }
        }
        Ok(())
    }

    /// One open temporary a resource: whoever holds it is named.
    fn refuse_what_is_held(&self, path: &[String], attempt: u32, resources: &[String]) -> Result<(), Trouble> {
        if let Some(halt) = self.inner().holders.blocking(resources) {
            return Err(halt.into());
        }
        let state = self.state();
        for temporary in state.history.open_temporaries() {
            if attempt == 0
                && path.starts_with(&temporary.path)
                && state.history.innermost_temporary(path).as_ref() == Some(&temporary.path)
            {
                continue;
            }
            for number in state.history.in_place_of(&temporary.path) {
                let held = state.history.effects.get(&number).map(|effect| &effect.intent.resources);
                if let Some(resource) = held.into_iter().flatten().find(|held| resources.contains(held)) {
                    let holder = crate::event::path_text(&temporary.path);
                    return Err(Error::new(
                        "RESOURCE_HELD",
                        format!("{resource} is held by the temporary change `{holder}`"),
                    )
                    .hint("change it after that has been put back, or make it part of that change")
                    .into());
                }
            }
        }
        Ok(())
    }

    /// Asks the world about an effect. Metadata may be some seconds behind, so "somebody changed it" is only believed when
    /// it is seen again and again.
    pub(crate) fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let effect = self.effects().get(&intent.effect)?;
        let mut looks = 1;
        loop {
            match effect.settle(intent)? {
                Settled::Changed { .. } if looks < 8 && self.stop().sleep(Duration::from_millis(250), Level::Now) => {
                    looks += 1;
                }
                settled => return Ok(settled),
            }
        }
    }

    pub(crate) fn effects(&self) -> &Effects {
        &self.inner().setting.effects
    }
}

fn same_key(intent: &Intent, path: &[String], attempt: u32, name: &str, args: &Value) -> bool {
    intent.undoes.is_none()
        && intent.attempt == attempt
        && intent.effect == name
        && intent.path == path
        && intent.args == *args
}

fn where_allowed(track: &Track, name: &str, target: &str) -> Result<u32, Error> {
    if let Some(place) = track.reads_only() {
        return Err(Error::new(
            "EFFECT_WHERE_ONLY_READING",
            format!("`{name}` on {target} inside {place}, which only reads"),
        )
        .hint("make the change in a step of its own"));
    }
    track.attempt().ok_or_else(|| {
        Error::new("EFFECT_OUTSIDE_STEP", format!("`{name}` on {target} outside a step"))
            .hint("put it into `step(\"…\", || …)`: only what happens inside a step survives a crash")
    })
}
