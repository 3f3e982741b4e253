//! `write_unit`: another text for a unit file of systemd, which then reads its unit files again. The journal has the hash; what was
//! there before stays beside the file, and the undo takes it from there and lets systemd read it.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::restore_file::restore;
use crate::effect::write_file::{kept_at, sha256, write};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "write_unit";

/// Where an administrator's unit files are.
const FOLDER: &str = "/etc/systemd/system";

pub struct WriteUnit(pub Connection);

/// What `perform` takes; the connection keeps the text. `path` is that of the file, below systemd's folder.
pub fn args(connection: &Connection, which: &Which, unit: &str, bytes: Vec<u8>) -> Value {
    let sha256 = sha256(&bytes);
    connection.hosts.keep_text(&sha256, bytes);
    let unit = if unit.contains('.') { unit.to_owned() } else { format!("{unit}.service") };
    json!({ HOST: which.to_string(), "unit": unit, "path": format!("{FOLDER}/{unit}"), "sha256": sha256 })
}

impl Effect for WriteUnit {
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
        let machine = machine(&self.0, args)?;
        let sha256 = machine.checksum(text(args, "path"))?;
        Ok(json!({ "sha256": sha256, "read": !machine.service(text(args, "unit"))?.needs_reload }))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        json!({ "sha256": args["sha256"], "read": true })
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let verb = match (args["sha256"].is_null(), before["sha256"].is_null()) {
            (true, _) => "remove",
            (false, true) => "create",
            (false, false) => "change",
        };
        format!("{}: {verb} {}, and let systemd read it", name(args), text(args, "path"))
    }

    /// Errors: those of `write_file` and `restore_file`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let (path, before) = (text(&intent.args, "path"), &intent.before["sha256"]);
        if intent.args["restores"] == true {
            restore(&*machine, path, &intent.after["sha256"])?;
        } else {
            write(&self.0, intent, before)?;
        }
        machine.provision().reload_units()?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = self.before(&intent.args)?;
        let (is, was, shall) = (&now["sha256"], &intent.before["sha256"], &intent.after["sha256"]);
        Ok(if now == intent.after {
            Settled::Done(Value::Null)
        } else if is == was || is == shall {
            Settled::NotDone
        } else {
            let what = if is.is_null() { "is gone" } else { "has another text than krun found and wrote" };
            Settled::Changed { evidence: format!("{} {what}", intent.target) }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let mut args = intent.args.clone();
        args["sha256"] = intent.before["sha256"].clone();
        args["restores"] = json!(true);
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let (path, before) = (text(&intent.args, "path"), &intent.before["sha256"]);
        let keep = kept_at(path, before);
        let command = if before.is_null() { format!("rm {path}") } else { format!("cp -p {keep} {path}") };
        vec![format!("# on the {}\n{command} && systemctl daemon-reload", name(&intent.args))]
    }
}
