//! `user`: a user of the system on a host, who cannot log in. One that is there stays; the undo takes away one that krun made.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};

pub const NAME: &str = "user";

pub struct User(pub Connection);

/// What `perform` takes.
pub fn args(which: &Which, user: &str, there: bool) -> Value {
    json!({ HOST: which.to_string(), "user": user, "there": there })
}

impl Effect for User {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        format!("{}/user/{}", text(args, HOST), text(args, "user"))
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        Ok(json!(machine(&self.0, args)?.provision().has_user(text(args, "user"))?))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["there"].clone()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let what = match (args["there"] == true, *before == true) {
            (true, true) => "there is the user",
            (true, false) => "make the user",
            (false, _) => "remove the user",
        };
        format!("{}: {what} {}", name(args), text(args, "user"))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let user = text(&intent.args, "user");
        if intent.args["there"] == true {
            machine.provision().add_user(user)?;
        } else {
            machine.provision().remove_user(user)?;
        }
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let is_so = self.before(&intent.args)? == intent.after;
        Ok(if is_so { Settled::Done(Value::Null) } else { Settled::NotDone })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let args = json!({ HOST: intent.args[HOST], "user": intent.args["user"], "there": intent.before });
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        vec![format!("# on the {}\nuserdel {}", name(&intent.args), text(&intent.args, "user"))]
    }
}
