//! `edit_properties`: sets and removes keys of a `.properties` file on a host. What somebody else writes into the same file meanwhile
//! is left alone, by the undo as well: only where nobody did, the old text comes back byte for byte.

use crate::edit::properties::{Properties, is_secret};
use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::write_file::{kept_at, sha256};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::machine::Keeping;
use crate::host::{Machine, Which};
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub const NAME: &str = "edit_properties";

/// Of a secret, the journal has the hash.
const SECRET: &str = "sha256";

pub struct EditProperties(pub Connection);

/// What `perform` takes: to each key its value, `None` to remove it; and what is noted above keys that were not there. The
/// connection keeps the secrets.
pub fn args(
    connection: &Connection,
    which: &Which,
    path: &str,
    keys: &BTreeMap<String, Option<String>>,
    note: Option<&str>,
) -> Value {
    let value = |(key, value): (&String, &Option<String>)| {
        if let Some(value) = value.as_ref().filter(|_| is_secret(key)) {
            connection.hosts.keep_text(&sha256(value.as_bytes()), value.clone().into_bytes());
        }
        (key.clone(), noted(key, value.as_deref()))
    };
    let keys: Map<String, Value> = keys.iter().map(value).collect();
    json!({ HOST: which.to_string(), "path": path, "keys": keys, "note": note })
}

/// A value as the journal has it.
fn noted(key: &str, value: Option<&str>) -> Value {
    match value {
        Some(value) if is_secret(key) => json!({ SECRET: sha256(value.as_bytes()) }),
        value => json!(value),
    }
}

impl EditProperties {
    /// The file with the keys as they are to be.
    fn edited(&self, args: &Value, file: &Properties) -> Result<Properties, Error> {
        let mut edited = file.clone();
        for (key, value) in keys(args) {
            match value {
                Value::Null => drop(edited.remove(key)),
                Value::String(value) => drop(match args["note"].as_str() {
                    Some(note) => edited.set_noted(key, value, note),
                    None => edited.set(key, value),
                }),
                secret => {
                    let hash = secret[SECRET].as_str().unwrap_or_default();
                    let same = file.get(key).is_some_and(|now| sha256(now.as_bytes()) == hash);
                    let kept = self.0.hosts.text(hash).and_then(|bytes| String::from_utf8(bytes).ok());
                    match kept {
                        Some(value) => drop(edited.set(key, &value)),
                        None if same => {}
                        None => {
                            let text = format!("the value of {key} is a secret, and not known any more");
                            return Err(Error::new("TEXT_GONE", text).hint("set it by hand, then go on"));
                        }
                    }
                }
            }
        }
        Ok(edited)
    }
}

impl Effect for EditProperties {
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
        keys(args).map(|(key, _)| format!("{}/{key}", self.target(args))).collect()
    }

    /// Errors: `NO_SUCH_FILE`, `MALFORMED_PROPERTIES`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let file = read(&*machine(&self.0, args)?, text(args, "path"))?;
        let edited = self.edited(args, &file)?;
        Ok(image(&values(args, &file), &sha256(&file.bytes()), &sha256(&edited.bytes())))
    }

    fn after(&self, args: &Value, before: &Value) -> Value {
        let edited = text(before, "edited");
        image(&args["keys"], edited, edited)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let change = |(key, value): (&String, &Value)| {
            let was = match &before["values"][key] {
                Value::Null => "was not there".to_owned(),
                was => format!("was {}", shown(was)),
            };
            match value {
                Value::Null => format!("remove {key} ({was})"),
                value => format!("{key}={} ({was})", shown(value)),
            }
        };
        let changes: Vec<String> = keys(args).map(change).collect();
        format!("{}: {}: {}", name(args), text(args, "path"), changes.join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let path = text(&intent.args, "path");
        // An undo, while nobody else has written since: the old text itself comes back.
        let (wrote, old) = (&intent.args["undoes"]["wrote"], &intent.args["undoes"]["old"]);
        if let (Some(wrote), Some(old)) = (wrote.as_str(), old.as_str()) {
            let checksum = |path: &str| machine.checksum(path).map_err(Failure::Refused);
            let keep = kept_at(path, &json!(old));
            if checksum(path)?.as_deref() == Some(wrote) && checksum(&keep)?.as_deref() == Some(old) {
                machine.copy_file(&keep, path)?;
                return Ok(Value::Null);
            }
        }
        let file = read(&*machine, path).map_err(Failure::Refused)?;
        let edited = self.edited(&intent.args, &file).map_err(Failure::Refused)?;
        let keep = kept_at(path, &json!(sha256(&file.bytes())));
        machine.write_file(path, &edited.bytes(), Keeping { old: Some(&keep), like: None })?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = values(&intent.args, &read(&*machine(&self.0, &intent.args)?, text(&intent.args, "path"))?);
        Ok(if now == intent.after["values"] {
            Settled::Done(Value::Null)
        } else if now == intent.before["values"] {
            Settled::NotDone
        } else {
            let other = keys(&intent.args).filter(|(key, _)| now[*key] != intent.after["values"][*key]);
            let other: Vec<String> = other.map(|(key, _)| format!("{key} is {}", shown(&now[key]))).collect();
            Settled::Changed { evidence: format!("{}: {}", intent.target, other.join(", ")) }
        })
    }

    fn narrowed(&self, intent: &Intent, resources: &[String]) -> Intent {
        let mut narrowed = intent.clone();
        let is_left = |key: &str| resources.contains(&format!("{}/{key}", intent.target));
        let (args, before, after) =
            (&mut narrowed.args["keys"], &mut narrowed.before["values"], &mut narrowed.after["values"]);
        for part in [args, before, after] {
            if let Some(keys) = part.as_object_mut() {
                keys.retain(|key, _| is_left(key));
            }
        }
        narrowed.resources = resources.to_vec();
        // A part of the edit has no text of its own to come back.
        narrowed.before["edited"] = Value::Null;
        narrowed
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let whole = intent.before["edited"] == intent.after["sha256"];
        let undoes = json!({ "wrote": intent.after["sha256"], "old": intent.before["sha256"] });
        let mut args = json!({ HOST: intent.args[HOST], "path": intent.args["path"], "keys": intent.before["values"] });
        if whole {
            args["undoes"] = undoes;
        }
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let before = intent.before["values"].as_object().into_iter().flatten();
        let change = |(key, value): (&String, &Value)| match value {
            Value::Null => format!("take {key} out"),
            value => format!("set {key}={}", shown(value)),
        };
        let changes: Vec<String> = before.map(change).collect();
        vec![format!("# on the {}, in {}: {}", name(&intent.args), text(&intent.args, "path"), changes.join(", "))]
    }
}

fn keys(args: &Value) -> impl Iterator<Item = (&String, &Value)> {
    args["keys"].as_object().into_iter().flatten()
}

fn image(values: &Value, sha256: &str, edited: &str) -> Value {
    json!({ "values": values, "sha256": sha256, "edited": edited })
}

/// The values of the keys that the effect is about.
fn values(args: &Value, file: &Properties) -> Value {
    Value::Object(keys(args).map(|(key, _)| (key.clone(), noted(key, file.get(key)))).collect())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "not there".to_owned(),
        _ => "***".to_owned(),
    }
}

/// Error: `MALFORMED_PROPERTIES`, `NO_SUCH_FILE`.
pub fn read(machine: &dyn Machine, path: &str) -> Result<Properties, Error> {
    let name = machine.name();
    let bytes = machine.read_file(path)?;
    let bytes = bytes.ok_or_else(|| Error::new("NO_SUCH_FILE", format!("{name}: there is no {path}")))?;
    Properties::parse(&bytes).map_err(|bad| {
        Error::new("MALFORMED_PROPERTIES", format!("{name}: {path}: {bad}"))
            .hint("Java would not read this file either")
    })
}
