//! `restore_file`: the undo of `write_file`. What stays beside the file comes back, with its owner and mode; a file that was not
//! there goes.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::write_file::{kept_at, settled_by_checksum};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Machine;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "restore_file";

pub struct RestoreFile(pub Connection);

/// From what a `write_file` was given, and what it had found.
pub(super) fn args(of: &Value, before: &Value) -> Value {
    json!({ HOST: of[HOST], "path": of["path"], "sha256": before })
}

impl Effect for RestoreFile {
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
        Ok(json!(machine(&self.0, args)?.checksum(text(args, "path"))?))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["sha256"].clone()
    }

    fn summary(&self, args: &Value, _before: &Value) -> String {
        let verb = if args["sha256"].is_null() { "remove" } else { "restore" };
        format!("{}: {verb} {}", name(args), text(args, "path"))
    }

    /// Error: `OLD_TEXT_GONE`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        restore(&*machine_to_change(&self.0, &intent.args)?, text(&intent.args, "path"), &intent.after)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        settled_by_checksum(&self.0, intent)
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }
}

/// Brings back the text with this hash that was kept beside a file; without one the file goes.
pub(super) fn restore(machine: &dyn Machine, path: &str, old: &Value) -> Result<(), Failure> {
    if old.is_null() {
        return machine.remove_file(path);
    }
    let keep = &kept_at(path, old);
    let kept = machine.checksum(keep).map_err(Failure::Refused)?;
    if json!(kept) != *old {
        let what = if kept.is_some() { "was changed since" } else { "is gone" };
        let text = format!("{}: the old text of {path} {what}: it was kept in {keep}", machine.name());
        return Err(Failure::Refused(Error::new("OLD_TEXT_GONE", text).hint("restore the file by hand")));
    }
    machine.copy_file(keep, path)
}
