//! `uninstall`: the undo of `install`. A release that a link points to, or a process runs, stays.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::install::standing_of;
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::delivery::Standing;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "uninstall";

pub struct Uninstall(pub Connection);

/// From what an `install` was given.
pub(super) fn args(of: &Value) -> Value {
    json!({ HOST: of[HOST], "path": of["path"], "programs": of["programs"] })
}

impl Effect for Uninstall {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let standing = standing_of(&*machine(&self.0, args)?, args)?;
        Ok(if standing == Standing::Missing { Value::Null } else { json!("there") })
    }

    fn after(&self, _args: &Value, _before: &Value) -> Value {
        Value::Null
    }

    fn summary(&self, args: &Value, _before: &Value) -> String {
        format!("{}: remove {}", name(args), text(args, "path"))
    }

    /// Error: `IN_USE`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let path = text(&intent.args, "path");
        if let Some(user) = machine.provision().user_of(path).map_err(Failure::Refused)? {
            let text = format!("{}: {path} is in use: {user}", machine.name());
            return Err(Failure::Refused(Error::new("IN_USE", text).hint("remove it by hand once nothing uses it")));
        }
        machine.provision().remove_folder(path)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        Ok(if self.before(&intent.args)?.is_null() { Settled::Done(Value::Null) } else { Settled::NotDone })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }
}
