//! `delete_acls`: takes rules away, these very ones (`DeleteAcls`). Its undo creates those that were there.

use crate::effect::connection::Connection;
use crate::effect::create_acls::{self, all, command, given, outcome, present, settled, target};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::acls::{self, Acl};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};

pub const NAME: &str = "delete_acls";

pub struct DeleteAcls(pub Connection);

impl Effect for DeleteAcls {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        target(args)
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        given(args).iter().map(|acl| format!("acl/{acl}")).collect()
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        present(&self.0, args)
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        all(args, false)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let one = |acl: &Acl| {
            let is_missing = before.get(acl.to_string()) == Some(&json!(false));
            format!("{acl}{}", if is_missing { " (not there)" } else { "" })
        };
        format!("delete ACLs: {}", given(args).iter().map(one).collect::<Vec<_>>().join("; "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let results = self.0.write(acls::delete(&self.0.client, &given(&intent.args)))?;
        outcome(results)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        settled(&self.0, intent)
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let was_there = |acl: &Acl| intent.before[acl.to_string()] == json!(true);
        let taken: Vec<Acl> = given(&intent.args).into_iter().filter(was_there).collect();
        (!taken.is_empty()).then(|| Undo { effect: create_acls::NAME, args: create_acls::args(&taken) })
    }

    fn by_hand(&self, intent: &Intent, bootstrap: &str) -> Vec<String> {
        let was_there = |acl: &Acl| intent.before[acl.to_string()] == json!(true);
        given(&intent.args).into_iter().filter(was_there).map(|acl| command(&acl, "--add", bootstrap)).collect()
    }
}
