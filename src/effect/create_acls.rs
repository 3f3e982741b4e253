//! `create_acls`: allows and denies (`CreateAcls`). Its undo deletes those that were not there before.

use crate::effect::connection::Connection;
use crate::effect::delete_acls;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::acls::{self, Acl};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Map, Value, json};

pub const NAME: &str = "create_acls";

pub struct CreateAcls(pub Connection);

/// What `perform` takes, of this effect and of `delete_acls`.
pub fn args(acls: &[Acl]) -> Value {
    json!({ "acls": acls })
}

impl Effect for CreateAcls {
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
        all(args, true)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let one = |acl: &Acl| {
            let is_there = before[acl.to_string()] == json!(true);
            format!("{acl}{}", if is_there { " (already so)" } else { "" })
        };
        format!("create ACLs: {}", given(args).iter().map(one).collect::<Vec<_>>().join("; "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let results = self.0.write(acls::create(&self.0.client, &given(&intent.args)))?;
        outcome(results)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        settled(&self.0, intent)
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let was_missing = |acl: &Acl| intent.before[acl.to_string()] != json!(true);
        let added: Vec<Acl> = given(&intent.args).into_iter().filter(was_missing).collect();
        (!added.is_empty()).then(|| Undo { effect: delete_acls::NAME, args: args(&added) })
    }

    fn by_hand(&self, intent: &Intent, bootstrap: &str) -> Vec<String> {
        let was_missing = |acl: &Acl| intent.before[acl.to_string()] != json!(true);
        let added = given(&intent.args).into_iter().filter(was_missing);
        added.map(|acl| command(&acl, "--remove --force", bootstrap)).collect()
    }
}

pub(super) fn given(args: &Value) -> Vec<Acl> {
    args.get("acls").and_then(|acls| serde_json::from_value(acls.clone()).ok()).unwrap_or_default()
}

pub(super) fn target(args: &Value) -> String {
    let acls = given(args);
    match acls.first() {
        Some(one) if acls.len() == 1 => format!("acl/{one}"),
        _ => format!("{} ACLs", acls.len()),
    }
}

/// Each rule, in words → whether it is there.
pub(super) fn present(connection: &Connection, args: &Value) -> Result<Value, Error> {
    let there = connection.read(acls::list(&connection.client))?;
    let image = given(args).into_iter().map(|acl| (acl.to_string(), json!(there.contains(&acl))));
    Ok(Value::Object(image.collect::<Map<_, _>>()))
}

pub(super) fn all(args: &Value, there: bool) -> Value {
    Value::Object(given(args).iter().map(|acl| (acl.to_string(), json!(there))).collect::<Map<_, _>>())
}

/// Both changes are harmless twice, so what is not there yet is not done.
pub(super) fn settled(connection: &Connection, intent: &Intent) -> Result<Settled, Error> {
    if given(&intent.args).is_empty() {
        return Ok(Settled::CannotTell {
            evidence: "which ACLs were meant cannot be read from the journal".to_owned(),
        });
    }
    let present = present(connection, &intent.args)?;
    let wanted = |(acl, there): (&String, &Value)| intent.after.get(acl).is_none_or(|wanted| wanted == there);
    let done = present.as_object().into_iter().flatten().all(wanted);
    Ok(if done { Settled::Done(Value::Null) } else { Settled::NotDone })
}

/// Some may be refused and others not: all of those that were are named.
pub(super) fn outcome(results: Vec<Result<(), Error>>) -> Result<Value, Failure> {
    let asked = results.len();
    let refused: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
    let said: Vec<String> = refused.iter().map(ToString::to_string).collect();
    match refused.first() {
        Some(first) if refused.len() == asked => {
            Err(Failure::Refused(Error { message: said.join("; "), ..first.clone() }))
        }
        _ => Ok(json!({ "refused": said })),
    }
}

/// Kafka's own command for one rule.
pub(super) fn command(acl: &Acl, verb: &str, bootstrap: &str) -> String {
    let on = match acl.resource.as_str() {
        "CLUSTER" => "--cluster".to_owned(),
        kind => format!("--{} '{}'", kind.to_lowercase().replace('_', "-"), acl.name),
    };
    let who = if acl.permission == "DENY" { "deny" } else { "allow" };
    format!(
        "kafka-acls.sh --bootstrap-server {bootstrap} {verb} --{who}-principal '{}' --{who}-host '{}' --operation {} {on} --resource-pattern-type {}",
        acl.principal,
        acl.host,
        acl.operation,
        acl.pattern.to_lowercase()
    )
}
