//! `values/`: what is too large for a line of the journal, by its hash.

use crate::error::Error;
use crate::run::store::RunFolder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;

/// Above this many bytes a value gets a file of its own.
const LARGE: usize = 64 * 1024;
const STORED: &str = "stored";

/// What the journal keeps: the value itself, or where it is. It is on the disk before the journal says so.
pub(crate) fn put(folder: &RunFolder, value: &Value) -> Result<Value, Error> {
    let text = value.to_string();
    if text.len() <= LARGE {
        return Ok(value.clone());
    }
    let hash = hash(text.as_bytes());
    folder.write(&format!("values/{hash}.json"), text.as_bytes())?;
    Ok(json!({ "$krun": STORED, "sha256": hash, "bytes": text.len() }))
}

/// The value that the journal keeps, wherever it is.
pub(crate) fn get(folder: &RunFolder, kept: Value) -> Result<Value, Error> {
    if kept.get("$krun").and_then(Value::as_str) != Some(STORED) {
        return Ok(kept);
    }
    let wanted = kept.get("sha256").and_then(Value::as_str).unwrap_or_default();
    let path = folder.path().join(format!("values/{wanted}.json"));
    let lost = |why: String| Error::new("VALUE_LOST", format!("cannot read {}: {why}", path.display()));
    let text = fs::read(&path).map_err(|error| lost(error.to_string()))?;
    if hash(&text) != wanted {
        return Err(lost("it is not what was recorded".to_owned()));
    }
    serde_json::from_slice(&text).map_err(|error| lost(error.to_string()))
}

fn hash(text: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    Sha256::digest(text).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
