//! `copy_file`: a file of a host in the place of another one there, with owner and mode. What it replaces stays beside it.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::restore_file;
use crate::effect::write_file::kept_at;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "copy_file";

pub struct CopyFile(pub Connection);

/// What `perform` takes.
pub fn args(which: &Which, from: &str, to: &str) -> Value {
    json!({ HOST: which.to_string(), "from": from, "path": to })
}

impl Effect for CopyFile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    /// Error: `NO_SUCH_FILE`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.0, args)?;
        let from = machine.checksum(text(args, "from"))?.ok_or_else(|| {
            Error::new("NO_SUCH_FILE", format!("{}: there is no {}", machine.name(), text(args, "from")))
        })?;
        Ok(json!({ "from": from, "to": machine.checksum(text(args, "path"))? }))
    }

    fn after(&self, _args: &Value, before: &Value) -> Value {
        json!({ "from": before["from"], "to": before["from"] })
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let instead = if before["to"].is_null() { "" } else { " (in place of another)" };
        format!("{}: copy {} to {}{instead}", name(args), text(args, "from"), text(args, "path"))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let path = text(&intent.args, "path");
        if !intent.before["to"].is_null() {
            machine.copy_file(path, &kept_at(path, &intent.before["to"]))?;
        }
        machine.copy_file(text(&intent.args, "from"), path)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = json!(machine(&self.0, &intent.args)?.checksum(text(&intent.args, "path"))?);
        Ok(if now == intent.after["to"] {
            Settled::Done(Value::Null)
        } else if now == intent.before["to"] {
            Settled::NotDone
        } else {
            Settled::Changed { evidence: format!("{} is another file by now", intent.target) }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: restore_file::NAME, args: restore_file::args(&intent.args, &intent.before["to"]) })
    }
}
