//! Edits of files on hosts, key by key: what the effects of all formats have in common.
//!
//! The arguments are the keys as they are to be, whatever the file says now: so a step that is entered again finds its effect. What
//! somebody else writes into the same file meanwhile is left alone, by the undo as well: only where nobody did, the old text
//! comes back byte for byte.

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
use std::marker::PhantomData;

/// Of a secret, the journal has the hash.
pub(super) const SECRET: &str = "sha256";

/// A format of files that is edited key by key.
pub trait Format: Send + Sync + 'static {
    /// The name of its effect.
    const NAME: &'static str;
    type File: Clone;

    /// What stands in a file, or why it cannot be read.
    fn parse(bytes: &[u8]) -> Result<Self::File, Error>;
    fn bytes(file: &Self::File) -> Vec<u8>;
    /// What a key is now; null where it is not there.
    fn get(file: &Self::File, key: &str) -> Value;
    /// Makes a key what it is to be; null: it is not to be there. `texts` knows secrets by their hashes.
    fn put(file: &mut Self::File, key: &str, value: &Value, asked: &Asked<'_>) -> Result<(), Error>;
    /// Whether the journal must not have this value.
    fn is_secret(key: &str, value: &Value) -> bool;
    /// The value whose hash the journal has, from what was kept of it.
    fn revived(kept: String) -> Value {
        Value::String(kept)
    }
    /// What `get` gives once `put` has been done with this.
    fn settled(value: &Value) -> Value {
        value.clone()
    }
    /// The keys that take an edit back, from what was asked for and what was there.
    fn back(_keys: &Value, before: &Value) -> Value {
        before.clone()
    }
    /// `num.io.threads=8`, and a value alone.
    fn shown(key: &str, value: &Value) -> String;
    fn shown_value(key: &str, value: &Value) -> String;
    fn shown_key(key: &str) -> String {
        key.to_owned()
    }
    fn shown_secret(key: &str) -> String {
        format!("{}=***", Self::shown_key(key))
    }
}

/// What an edit is given beside its keys.
pub struct Asked<'a> {
    /// What is to stand above keys that were not there.
    pub note: Option<&'a str>,
    /// The texts of secrets, by their hashes.
    pub texts: &'a dyn Fn(&str) -> Option<String>,
}

pub struct EditFile<F>(Connection, PhantomData<F>);

impl<F: Format> EditFile<F> {
    pub fn on(connection: &Connection) -> Self {
        Self(connection.clone(), PhantomData)
    }
}

/// What `perform` takes: to each key its value, null to remove it; and what is noted above keys that were not there. The
/// connection keeps the secrets.
pub fn args<F: Format>(
    connection: &Connection,
    which: &Which,
    path: &str,
    keys: &Map<String, Value>,
    note: Option<&str>,
) -> Value {
    let value = |(key, value): (&String, &Value)| {
        if F::is_secret(key, value) {
            keep(connection, &plain(value));
        }
        (key.clone(), noted::<F>(key, value.clone()))
    };
    let keys: Map<String, Value> = keys.iter().map(value).collect();
    json!({ HOST: which.to_string(), "path": path, "keys": keys, "note": note })
}

/// Keeps a secret for as long as this process lives, and gives its hash.
pub fn keep(connection: &Connection, secret: &str) -> String {
    let hash = sha256(secret.as_bytes());
    connection.hosts.keep_text(&hash, secret.as_bytes().to_vec());
    hash
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as the journal has it.
fn noted<F: Format>(key: &str, value: Value) -> Value {
    if !value.is_null() && F::is_secret(key, &value) {
        json!({ SECRET: sha256(plain(&value).as_bytes()) })
    } else {
        value
    }
}

fn hash_of(value: &Value) -> Option<&str> {
    value.as_object().filter(|members| members.len() == 1)?.get(SECRET)?.as_str()
}

impl<F: Format> EditFile<F> {
    /// The file with the keys as they are to be.
    fn edited(&self, args: &Value, file: &F::File) -> Result<F::File, Error> {
        let mut edited = file.clone();
        let texts = |hash: &str| self.0.hosts.text(hash).and_then(|bytes| String::from_utf8(bytes).ok());
        let asked = Asked { note: args["note"].as_str(), texts: &texts };
        for (key, value) in keys(args) {
            let Some(hash) = hash_of(value) else {
                F::put(&mut edited, key, value, &asked)?;
                continue;
            };
            let same = hash_of(&noted::<F>(key, F::get(file, key))) == Some(hash);
            match texts(hash) {
                Some(kept) => F::put(&mut edited, key, &F::revived(kept), &asked)?,
                None if same => {}
                None => return Err(text_gone(&F::shown_key(key))),
            }
        }
        Ok(edited)
    }

    fn read(&self, args: &Value) -> Result<F::File, Error> {
        read::<F>(&*machine(&self.0, args)?, text(args, "path"))
    }

    /// The values of the keys that the effect is about.
    fn values(args: &Value, file: &F::File) -> Value {
        Value::Object(keys(args).map(|(key, _)| (key.clone(), noted::<F>(key, F::get(file, key)))).collect())
    }
}

pub(super) fn text_gone(key: &str) -> Error {
    let text = format!("the value of {key} is a secret, and not known any more");
    Error::new("TEXT_GONE", text).hint("set it by hand, then go on")
}

impl<F: Format> Effect for EditFile<F> {
    fn name(&self) -> &'static str {
        F::NAME
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

    /// Errors: `NO_SUCH_FILE`, and what the format cannot read or do.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let file = self.read(args)?;
        let edited = self.edited(args, &file)?;
        Ok(image(&Self::values(args, &file), &sha256(&F::bytes(&file)), &sha256(&F::bytes(&edited))))
    }

    fn after(&self, args: &Value, before: &Value) -> Value {
        let edited = text(before, "edited");
        let settled = |(key, value): (&String, &Value)| {
            (key.clone(), if hash_of(value).is_some() { value.clone() } else { F::settled(value) })
        };
        image(&Value::Object(keys(args).map(settled).collect()), edited, edited)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let change = |(key, value): (&String, &Value)| {
            let was = match &before["values"][key] {
                Value::Null => "was not there".to_owned(),
                was => format!("was {}", shown_value::<F>(key, was)),
            };
            match value {
                Value::Null => format!("remove {} ({was})", F::shown_key(key)),
                secret if hash_of(secret).is_some() => format!("{} ({was})", F::shown_secret(key)),
                value => format!("{} ({was})", F::shown(key, value)),
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
        let file = read::<F>(&*machine, path).map_err(Failure::Refused)?;
        let edited = self.edited(&intent.args, &file).map_err(Failure::Refused)?;
        let keep = kept_at(path, &json!(sha256(&F::bytes(&file))));
        machine.write_file(path, &F::bytes(&edited), Keeping { old: Some(&keep), like: None })?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = Self::values(&intent.args, &self.read(&intent.args)?);
        Ok(if now == intent.after["values"] {
            Settled::Done(Value::Null)
        } else if now == intent.before["values"] {
            Settled::NotDone
        } else {
            let other = keys(&intent.args).filter(|(key, _)| now[*key] != intent.after["values"][*key]);
            let is = |key: &String| format!("{} is {}", F::shown_key(key), shown_value::<F>(key, &now[key]));
            let other: Vec<String> = other.map(|(key, _)| is(key)).collect();
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
        let keys = F::back(&intent.args["keys"], &intent.before["values"]);
        let mut args = json!({ HOST: intent.args[HOST], "path": intent.args["path"], "keys": keys });
        if whole {
            args["undoes"] = undoes;
        }
        Some(Undo { effect: F::NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let before = intent.before["values"].as_object().into_iter().flatten();
        let change = |(key, value): (&String, &Value)| match value {
            Value::Null => format!("take {} out", F::shown_key(key)),
            secret if hash_of(secret).is_some() => format!("set {}", F::shown_secret(key)),
            value => format!("set {}", F::shown(key, value)),
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

fn shown_value<F: Format>(key: &str, value: &Value) -> String {
    match value {
        Value::Null => "not there".to_owned(),
        secret if hash_of(secret).is_some() => "***".to_owned(),
        value => F::shown_value(key, value),
    }
}

/// Errors: `NO_SUCH_FILE`, and what the format cannot read.
pub fn read<F: Format>(machine: &dyn Machine, path: &str) -> Result<F::File, Error> {
    let name = machine.name();
    let bytes = machine.read_file(path)?;
    let bytes = bytes.ok_or_else(|| Error::new("NO_SUCH_FILE", format!("{name}: there is no {path}")))?;
    F::parse(&bytes).map_err(|error| Error { message: format!("{name}: {path}: {}", error.message), ..error })
}
