//! Effects as data: what every kind of change can say of itself, and the registry of kinds.

use crate::error::{Error, Failure};
use crate::event::{Intent, Path};
use crate::run::trouble::Trouble;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A kind of change. Its values are data: everything that settles or undoes one stands in its intent.
pub trait Effect: Send + Sync {
    /// The registered name, such as `alter_configs`.
    fn name(&self) -> &'static str;
    /// Whether this run may change that at all, asked before anything is noted: it is what it is taken for, and no other run is
    /// at work on it.
    fn admit(&self, _args: &Value, _run: &Caller<'_>) -> Result<(), Trouble> {
        Ok(())
    }
    /// What it changes, such as `topic/orders`.
    fn target(&self, args: &Value) -> String;
    /// The single things that it changes, such as `topic/orders/retention.ms`: its target, where that is but one.
    fn resources(&self, args: &Value) -> Vec<String> {
        vec![self.target(args)]
    }
    /// Reads what is there.
    fn before(&self, args: &Value) -> Result<Value, Error>;
    /// What is there once it has happened.
    fn after(&self, args: &Value, before: &Value) -> Value;
    /// One line for the screen.
    fn summary(&self, args: &Value, before: &Value) -> String;
    fn act(&self, intent: &Intent) -> Result<Value, Failure>;
    /// Did it happen? By asking the world, never from memory.
    fn settle(&self, intent: &Intent) -> Result<Settled, Error>;
    /// The same, of these resources only: the others were written again later.
    fn narrowed(&self, intent: &Intent, _resources: &[String]) -> Intent {
        intent.clone()
    }
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
    /// What is worth knowing once effects of this kind have put things back: from what each of them gave.
    fn afterwards(&self, _gave: &[Value]) -> Vec<String> {
        Vec::new()
    }
    /// Whether it changes what a `temporarily` around it has in place, and goes when that is put back.
    fn adapts(&self, _args: &Value) -> bool {
        false
    }
    /// False where the world does not show whether it is still so: then nobody is asked, and in doubt it is written again.
    fn shows_itself(&self, _intent: &Intent) -> Result<bool, Error> {
        Ok(true)
    }
    /// Why it can never be put back, if so: it has no place where things are put back.
    fn is_final(&self) -> Option<&'static str> {
        None
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

/// The run that wants to change something, as a lock names it.
pub struct Caller<'a> {
    pub run: &'a str,
    pub runbook: &'a str,
    /// The user, and the machine that krun runs on.
    pub who: String,
    pub host: String,
    /// Whether a run is known here, and over.
    pub is_over: &'a dyn Fn(&str) -> bool,
    /// Notes where something is about to carry the run's name, such as `broker/4`, so that it is taken away at the end.
    pub leave_trace: &'a dyn Fn(&str) -> Result<(), Error>,
}

/// What a session leaves behind and nobody needs any more is cleared away: with the run's name, all that it did, where it left a trace, and
/// whether it is over. Gives what could not be.
pub type Leave = dyn Fn(&str, &[Intent], &[String], bool) -> Vec<String> + Send + Sync;

/// The effects that there are, by name.
#[derive(Clone, Default)]
pub struct Effects {
    kinds: BTreeMap<&'static str, Arc<dyn Effect>>,
    leave: Option<Arc<Leave>>,
}

impl Effects {
    #[must_use]
    pub fn with(self, effect: impl Effect + 'static) -> Self {
        self.with_shared(Arc::new(effect))
    }

    #[must_use]
    pub fn with_shared(mut self, effect: Arc<dyn Effect>) -> Self {
        self.kinds.insert(effect.name(), effect);
        self
    }

    /// What is done at the end of a session.
    #[must_use]
    pub fn leaving(
        mut self,
        leave: impl Fn(&str, &[Intent], &[String], bool) -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        self.leave = Some(Arc::new(leave));
        self
    }

    pub(crate) fn leave(&self, run: &str, did: &[Intent], traces: &[String], is_over: bool) -> Vec<String> {
        self.leave.as_ref().map(|leave| leave(run, did, traces, is_over)).unwrap_or_default()
    }

    pub fn get(&self, name: &str) -> Result<Arc<dyn Effect>, Error> {
        self.kinds.get(name).cloned().ok_or_else(|| {
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
    /// Put-backs that a killed session left without an outcome were asked about.
    pub(crate) put_backs_known: bool,
}
