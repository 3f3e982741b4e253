//! `make_folder`: a folder on a host, with its owner. One that is there stays as it is; the undo takes away one that krun made, as
//! long as nothing is in it.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::host::machine::Kind;
use crate::host::provision::Owner;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "make_folder";

const THERE: &str = "there";

pub struct MakeFolder(pub Connection);

/// What `perform` takes. Without an owner it goes.
pub fn args(which: &Which, path: &str, owner: Option<&Owner>) -> Value {
    json!({ HOST: which.to_string(), "path": path, "owner": owner })
}

impl Effect for MakeFolder {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    /// Error: `IS_THERE`, something else has its place.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.0, args)?;
        let path = text(args, "path");
        match machine.kind(path)? {
            Kind::Missing => Ok(Value::Null),
            Kind::Folder => Ok(json!(THERE)),
            // A link to a folder is one.
            Kind::Link if machine.kind(&format!("{path}/."))? == Kind::Folder => Ok(json!(THERE)),
            _ => Err(Error::new("IS_THERE", format!("{}: {path} is there, and is no folder", machine.name()))),
        }
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        if args["owner"].is_null() { Value::Null } else { json!(THERE) }
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let (name, path) = (name(args), text(args, "path"));
        match (args["owner"].is_null(), before.is_null()) {
            (true, _) => format!("{name}: remove the folder {path}"),
            (false, true) => format!("{name}: make the folder {path} for {}", text(&args["owner"], "user")),
            (false, false) => format!("{name}: the folder {path} is there"),
        }
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let path = text(&intent.args, "path");
        match serde_json::from_value::<Owner>(intent.args["owner"].clone()) {
            Ok(owner) => machine.provision().make_folder(path, &owner)?,
            Err(_) => drop(machine.provision().remove_empty_folder(path)?),
        }
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = self.before(&intent.args)?;
        if now == intent.after {
            return Ok(Settled::Done(Value::Null));
        }
        let inside = format!("{}/*", text(&intent.args, "path"));
        if intent.after.is_null() && !machine(&self.0, &intent.args)?.glob(&inside)?.is_empty() {
            return Ok(Settled::Over { evidence: format!("{} is not empty and stays", intent.target) });
        }
        Ok(Settled::NotDone)
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let args = json!({ HOST: intent.args[HOST], "path": intent.args["path"], "owner": Value::Null });
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        vec![format!("# on the {}\nrmdir {}", name(&intent.args), text(&intent.args, "path"))]
    }
}
