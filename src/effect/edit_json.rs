//! `edit_json`: sets and removes values of a JSON file on a host, by their pointers.

use crate::edit::json::Json;
use crate::edit::properties::is_secret;
use crate::effect::edit_file::{Asked, Format};
use crate::error::Error;
use serde_json::{Value, json};

/// JSON: a value is `{ "json": … }`, since null may stand in a file.
pub struct JsonFormat;

const JSON: &str = "json";

/// A value as the effect has it.
pub fn wrapped(value: &Value) -> Value {
    json!({ JSON: value })
}

/// The same for people, without the secrets.
pub fn without_secrets(pointer: &str, value: &Value) -> Value {
    match value {
        _ if holds_secret(pointer, &Value::Null) => json!("***"),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.clone(), without_secrets(&format!("{pointer}/{key}"), member)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| without_secrets(pointer, item)).collect(),
        plain => plain.clone(),
    }
}

/// Whether something on the way to this value, or a key in it, is that of a secret.
fn holds_secret(pointer: &str, value: &Value) -> bool {
    pointer.split('/').any(is_secret)
        || match value {
            Value::Object(members) => members.iter().any(|(key, member)| is_secret(key) || holds_secret("", member)),
            Value::Array(items) => items.iter().any(|item| holds_secret("", item)),
            _ => false,
        }
}

impl Format for JsonFormat {
    const NAME: &'static str = "edit_json";
    type File = Json;

    /// Error: `MALFORMED_JSON`.
    fn parse(bytes: &[u8]) -> Result<Json, Error> {
        Json::parse(bytes).map_err(|unfit| {
            Error::new("MALFORMED_JSON", unfit.to_string())
                .hint("mend it first: it is edited only where it can be read")
        })
    }

    fn bytes(file: &Json) -> Vec<u8> {
        file.bytes()
    }

    fn get(file: &Json, key: &str) -> Value {
        file.get(key).map_or(Value::Null, |value| wrapped(&value))
    }

    /// Error: `NO_SUCH_PLACE`.
    fn put(file: &mut Json, key: &str, value: &Value, _asked: &Asked<'_>) -> Result<(), Error> {
        match value.get(JSON) {
            None => drop(file.remove(key)),
            Some(value) => {
                let set = file.set(key, value);
                set.map_err(|unfit| {
                    Error::new("NO_SUCH_PLACE", unfit.to_string()).hint("a pointer is like /settings/0/name")
                })?;
            }
        }
        Ok(())
    }

    fn is_secret(key: &str, value: &Value) -> bool {
        value.get(JSON).is_some_and(|value| holds_secret(key, value))
    }

    fn revived(kept: String) -> Value {
        serde_json::from_str(&kept).unwrap_or(Value::String(kept))
    }

    fn shown(key: &str, value: &Value) -> String {
        format!("{key}={}", Self::shown_value(key, value))
    }

    fn shown_value(_key: &str, value: &Value) -> String {
        value[JSON].to_string()
    }
}
