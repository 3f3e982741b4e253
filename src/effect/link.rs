//! `link`: points a link on a host elsewhere. Its undo points it back.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "link";

pub struct Link(pub Connection);

/// What `perform` takes. Without a target the link goes.
pub fn args(which: &Which, path: &str, to: Option<&str>) -> Value {
    json!({ HOST: which.to_string(), "path": path, "to": to })
}

impl Effect for Link {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    /// Error: `NOT_A_LINK`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        Ok(json!(machine(&self.0, args)?.read_link(text(args, "path"))?))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["to"].clone()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let (name, path) = (name(args), text(args, "path"));
        let was = before.as_str().map_or(String::new(), |before| format!(" (was {before})"));
        match args["to"].as_str() {
            Some(to) => format!("{name}: link {path} → {to}{was}"),
            None => format!("{name}: remove the link {path}{was}"),
        }
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let path = text(&intent.args, "path");
        match intent.args["to"].as_str() {
            Some(to) => machine.link(path, to)?,
            None => machine.remove_file(path)?,
        }
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = self.before(&intent.args)?;
        Ok(if now == intent.after {
            Settled::Done(Value::Null)
        } else if now == intent.before {
            Settled::NotDone
        } else {
            let what = now.as_str().map_or("is gone".to_owned(), |to| format!("points to {to}"));
            Settled::Changed { evidence: format!("{} {what}", intent.target) }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let args = json!({ HOST: intent.args[HOST], "path": intent.args["path"], "to": intent.before });
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let path = text(&intent.args, "path");
        let command = match intent.before.as_str() {
            Some(before) => format!("ln -sfn {before} {path}.new && mv -T {path}.new {path}"),
            None => format!("rm {path}"),
        };
        vec![format!("# on the {}\n{command}", name(&intent.args))]
    }
}
