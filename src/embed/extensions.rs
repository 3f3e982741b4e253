//! What an embedder adds to krun: functions of scripts, and kinds of effects. The command line adds nothing.

use crate::bind::{self, change};
use crate::effect::{self, connection::Connection};
use crate::error::Error;
use crate::host::Hosts;
use crate::kafka::security::Security;
use crate::kafka::{Client, Deadlines};
use crate::run::effects::{Effect, Effects};
use crate::run::stop::Stop;
use crate::script::api::HostApi;
use crate::script::check::Rules;
use crate::script::engine::{self, Engine};
use std::collections::{BTreeMap, HashSet};
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

    /// What would take the place of something of krun's own, or of another of these.
    pub(super) fn refuse_what_is_taken(&self) -> Result<(), Error> {
        let own = engine::build(|engine| self.functions.iter().for_each(|register| register(engine)));
        // What every engine has.
        let of_all = HostApi::in_both(&own, &engine::build(|_| {}));
        let of_krun = engine::build(bind::register);
        let taken = HostApi::in_both(&own, &of_krun);
        if let Some(function) = taken.difference(&of_all).next() {
            let text = format!("`{function}` is a function of krun's own");
            return Err(Error::new("FUNCTION_TAKEN", text).hint("register it by another name"));
        }
        let of_krun = HostApi::of(&of_krun);
        if let Some(namespace) = HostApi::of(&own).namespaces().find(|name| of_krun.has_namespace(name)) {
            let text = format!("`{namespace}` is a namespace of krun's own");
            return Err(Error::new("FUNCTION_TAKEN", text).hint("register the module by another name"));
        }
        let known = effects_on_no_cluster()?;
        let mut names = HashSet::new();
        for effect in &self.effects {
            let name = effect.name();
            let text = if known.get(name).is_ok() {
                format!("`{name}` is a kind of effect of krun's own")
            } else if !names.insert(name) {
                format!("two kinds of effects are named `{name}`")
            } else {
                continue;
            };
            return Err(Error::new("EFFECT_TAKEN", text).hint("give it another name: journals know a kind by its name"));
        }
        Ok(())
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

/// Only their names count.
fn effects_on_no_cluster() -> Result<Effects, Error> {
    let client = Client::unasked(&[], &Security::default(), Deadlines::default(), "")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Error::new("NO_THREADS", format!("cannot start threads: {error}")))?;
    let hosts = Hosts::new(BTreeMap::new(), |_| Err(Error::new("UNSUPPORTED", "there is no cluster")));
    Ok(effect::on(&Connection::new(client, hosts, runtime.handle().clone(), Stop::default())))
}
