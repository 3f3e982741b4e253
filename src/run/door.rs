//! The one door through which the world is changed.
//!
//! Safe to go on? → journal the intent with the before-image (fsync) → act → journal the outcome (fsync). On resume an
//! effect with an outcome is not repeated, and one with an intent only is settled by asking the world.

use crate::error::{Error, Failure};
use crate::event::{Intent, Outcome, Record};
use crate::run::effects::{Caller, Effect, Effects, Settled};
use crate::run::history::History;
use crate::run::session::{Session, host_name, user_name};
use crate::run::step::after_its_scope;
use crate::run::stop::Level;
use crate::run::track::{Scope, Track};
use crate::run::trouble::{Halt, Trouble};
use serde_json::Value;
use std::sync::PoisonError;

impl Session {
    /// Makes one change, or gives what it gave when it was made before.
    pub fn perform(&self, name: &str, args: &Value) -> Result<Value, Trouble> {
        let effect = self.effects().get(name)?;
        let track = self.track();
        let target = effect.target(args);
        if self.asks_only() {
            return Err(read_only(name, &target).into());
        }
        let attempt = where_allowed(&track, name, &target)?;
        if let Some(why) = effect.is_final() {
            refuse_where_it_is_put_back(&track, name, &target, why)?;
        }
        let path = track.path();
        self.settle_unknown_put_backs()?;
        if let Some(number) = self.recorded(&path, attempt, name, args) {
            return self.meet(number);
        }
        if track.has(Scope::OverWork) {
            return Err(Halt::Broken(after_its_scope(&format!("`{name}` on {target}"))).into());
        }
        self.compare_with_the_world(&path, attempt)?;
        let resources = effect.resources(args);
        self.refuse_what_is_held(&path, attempt, &resources, effect.adapts(args))?;
        self.claim(&track.item, &resources)?;
        self.confirm_first_change()?;
        self.admit(&*effect, args)?;
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

    /// Whether this run may change what an effect is about.
    pub(super) fn admit(&self, effect: &dyn Effect, args: &Value) -> Result<(), Trouble> {
        let root = &self.inner().setting.root;
        let is_over = |run: &str| {
            let entries =
                root.all().ok().and_then(|all| all.into_iter().find(|(name, _)| name == run)?.1.ok()?.entries().ok());
            entries.is_some_and(|entries| !History::of(&entries).is_open())
        };
        let about = self.about();
        let (who, host) = (user_name(), host_name());
        let folder = &self.inner().setting.folder;
        let leave_trace = |place: &str| {
            let _in_turn = self.inner().turns.writing.lock().unwrap_or_else(PoisonError::into_inner);
            folder.leave_trace(place)
        };
        effect.admit(
            args,
            &Caller {
                run: &about.run,
                runbook: &about.runbook,
                who,
                host,
                is_over: &is_over,
                leave_trace: &leave_trace,
            },
        )
    }

    /// Journals an intent and gives its number. It counts as met: it is of this session.
    pub(crate) fn intend(&self, intent: Intent) -> Result<u64, Halt> {
        if self.stop().level() >= Level::Now {
            return Err(Halt::Interrupted);
        }
        let number = self.record(Record::EffectIntent(Box::new(intent)))?.seq;
        self.state().meetings.met.insert(number);
        self.by_hand_changed();
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

    pub(super) fn conclude(&self, number: u64, outcome: Outcome) -> Result<Value, Trouble> {
        self.record(Record::EffectOutcome { effect: number, outcome: outcome.clone() })?;
        self.by_hand_changed();
        match outcome {
            Outcome::Done { value, .. } => Ok(value),
            Outcome::Refused { error } => Err(error.into()),
            Outcome::Left { .. } | Outcome::Kept { .. } => Ok(Value::Null),
        }
    }

    pub(super) fn act(&self, intent: &Intent) -> Result<Result<Value, Failure>, Halt> {
        let effect = self.effects().get(&intent.effect).map_err(Halt::Broken)?;
        self.inner().kill_points.pass();
        let result = effect.act(intent);
        self.inner().kill_points.pass();
        if matches!(result, Err(Failure::Unknown(_))) && self.stop().level() >= Level::Now {
            return Err(Halt::Interrupted);
        }
        Ok(result)
    }

    /// The recorded effect that this call meets: the first of its key that this session has not met yet.
    fn recorded(&self, path: &[String], attempt: u32, name: &str, args: &Value) -> Option<u64> {
        let mut state = self.state();
        let number = state
            .history
            .same(path, attempt, name, args)
            .find(|(number, effect)| effect.put_back.is_none() && !state.meetings.met.contains(number));
        let number = number.map(|(number, _)| number)?;
        state.meetings.met.insert(number);
        Some(number)
    }

    fn how_manieth(&self, path: &[String], attempt: u32, name: &str, args: &Value) -> u32 {
        let before = self.state().history.same(path, attempt, name, args).count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// One open temporary a resource: whoever holds it is named. A step in the work may adapt just what its `temporarily` did.
    fn refuse_what_is_held(
        &self,
        path: &[String],
        attempt: u32,
        resources: &[String],
        adapts: bool,
    ) -> Result<(), Trouble> {
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
                if adapts && path.starts_with(&temporary.path) && held.is_some_and(|held| held == resources) {
                    continue;
                }
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

    pub(crate) fn effects(&self) -> &Effects {
        &self.inner().setting.effects
    }
}

fn read_only(name: &str, target: &str) -> Error {
    Error::new("READ_ONLY", format!("`{name}` on {target}: here a cluster is only asked, and never changed"))
        .hint("put the change into a step of a runbook, or type it in `krun repl` after `:rw`")
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

/// What cannot be undone would make a lie of the scope around it.
fn refuse_where_it_is_put_back(track: &Track, name: &str, target: &str, why: &str) -> Result<(), Error> {
    let place = if track.has(Scope::Change) {
        "the change of a temporarily"
    } else if track.has(Scope::AllOrNothing) {
        "an all_or_nothing"
    } else {
        return Ok(());
    };
    Err(Error::new("CANNOT_BE_PUT_BACK", format!("`{name}` on {target} inside {place}, and {why}"))
        .hint("make it in a step of its own, after `point_of_no_return(\"…\")`"))
}
