//! What an embedder adds to krun: functions of scripts, and kinds of effects. The command line adds nothing.

use crate::bind::{self, change};
use crate::effect::{self, connection::Connection};
use crate::run::effects::{Effect, Effects};
use crate::script::check::Rules;
use crate::script::engine::{self, Engine};
use std::sync::Arc;

/// Adds functions to an engine; called for each engine that is built.
pub(super) type Register = dyn Fn(&mut Engine) + Send + Sync;

#[derive(Clone, Default)]
pub(crate) struct Extensions {
    pub(super) functions: Vec<Arc<Register>>,
    pub(super) effects: Vec<Arc<dyn Effect>>,
}

impl Extensions {
    /// An engine with krun's own functions and these.
    pub(crate) fn engine(&self) -> Engine {
        engine::build(|engine| {
            bind::register(engine);
            for register in &self.functions {
                register(engine);
            }
        })
    }

    /// All effects on a cluster and its hosts, and these.
    pub(crate) fn effects(&self, connection: &Connection) -> Effects {
        let own = self.effects.iter().cloned();
        own.fold(effect::on(connection), Effects::with_shared)
    }

    /// Checks a script by the rules. A function that has the name of a kind of effect is taken for one that has the effect.
    pub(crate) fn check<T>(&self, look: impl FnOnce(&Rules<'_>) -> T) -> T {
        let own = self.effects.iter().map(|effect| effect.name());
        let effects: Vec<&str> = change::EFFECTS.iter().copied().chain(own).collect();
        look(&Rules { effects: &effects })
    }
}
