//! `edit_properties`: sets and removes keys of a `.properties` file on a host.

use crate::edit::properties::{Properties, is_secret};
use crate::effect::edit_file::{Asked, Format};
use crate::error::Error;
use serde_json::{Value, json};

/// Java's `.properties`: a value is a string.
pub struct PropertiesFormat;

impl Format for PropertiesFormat {
    const NAME: &'static str = "edit_properties";
    type File = Properties;

    /// Error: `MALFORMED_PROPERTIES`.
    fn parse(bytes: &[u8]) -> Result<Properties, Error> {
        Properties::parse(bytes).map_err(|bad| {
            Error::new("MALFORMED_PROPERTIES", bad.to_string()).hint("Java would not read this file either")
        })
    }

    fn bytes(file: &Properties) -> Vec<u8> {
        file.bytes()
    }

    fn get(file: &Properties, key: &str) -> Value {
        json!(file.get(key))
    }

    fn put(file: &mut Properties, key: &str, value: &Value, asked: &Asked<'_>) -> Result<(), Error> {
        match (value.as_str(), asked.note.filter(|_| !is_secret(key))) {
            (None, _) => file.remove(key),
            (Some(value), Some(note)) => file.set_noted(key, value, note),
            (Some(value), None) => file.set(key, value),
        };
        Ok(())
    }

    fn is_secret(key: &str, value: &Value) -> bool {
        value.is_string() && is_secret(key)
    }

    fn shown(key: &str, value: &Value) -> String {
        format!("{key}={}", Self::shown_value(key, value))
    }

    fn shown_value(_key: &str, value: &Value) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }
}
