//! `give`: another owner and mode for a file or folder on a host. Its undo gives it back.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::host::provision::Owner;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "give";

pub struct Give(pub Connection);

/// What `perform` takes.
pub fn args(which: &Which, path: &str, owner: &Owner) -> Value {
    json!({ HOST: which.to_string(), "path": path, "owner": owner })
}

impl Effect for Give {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        vec![format!("{}/owner", self.target(args))]
    }

    /// Error: `NO_SUCH_FILE`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.0, args)?;
        let path = text(args, "path");
        let owner = machine.provision().owner(path)?;
        let missing = || Error::new("NO_SUCH_FILE", format!("{}: there is no {path}", machine.name()));
        Ok(json!(owner.ok_or_else(missing)?))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["owner"].clone()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let (to, was) = (shown(&args["owner"]), shown(before));
        format!("{}: {} belongs to {to} (was {was})", name(args), text(args, "path"))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let owner = serde_json::from_value::<Owner>(intent.args["owner"].clone());
        let owner =
            owner.map_err(|why| Failure::Refused(Error::new("INVALID_ARGUMENT", format!("no owner: {why}"))))?;
        machine.provision().give(text(&intent.args, "path"), &owner)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = self.before(&intent.args)?;
        Ok(if now == intent.after {
            Settled::Done(Value::Null)
        } else if now == intent.before {
            Settled::NotDone
        } else {
            Settled::Changed { evidence: format!("{} belongs to {}", intent.target, shown(&now)) }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let args = json!({ HOST: intent.args[HOST], "path": intent.args["path"], "owner": intent.before });
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let (path, was) = (text(&intent.args, "path"), &intent.before);
        let (user, group, mode) = (text(was, "user"), text(was, "group"), text(was, "mode"));
        vec![format!("# on the {}\nchown {user}:{group} {path} && chmod {mode} {path}", name(&intent.args))]
    }
}

/// `kafka:kafka 755`.
fn shown(owner: &Value) -> String {
    format!("{}:{} {}", text(owner, "user"), text(owner, "group"), text(owner, "mode"))
}
