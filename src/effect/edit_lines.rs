//! `edit_lines`: sets, replaces and removes lines of a text file on a host.
//!
//! | key | value |
//! |---|---|
//! | `^KAFKA_HEAP_OPTS=` | the line that begins so |
//! | `=ulimit -n 100000` | true: this line is there; `{ "for": "=…" }`: in the place of that one |
//!
//! Of a line that holds a secret, the key is `=` and the hash.

use crate::edit::lines::{Ambiguous, Lines};
use crate::effect::edit_file::{Asked, Format, text_gone};
use crate::effect::write_file::sha256;
use crate::error::Error;
use crate::secret;
use serde_json::{Value, json};

pub struct LinesFormat;

const FOR: &str = "for";
/// Of an undo: what comes back in the place of this line.
const BACK: &str = "back";
const HASHED: &str = "sha256:";

/// The key of the line that begins so.
pub fn starting(start: &str) -> String {
    format!("^{start}")
}

/// The key of a whole line. `keep` takes the text of one that holds a secret, and gives its hash.
pub fn whole(line: &str, keep: impl FnOnce(&str) -> String) -> String {
    if secret::is_named_in(line) { format!("={HASHED}{}", keep(line)) } else { format!("={line}") }
}

/// The value of a line that comes in the place of the one with this key.
pub fn in_place_of(key: &str) -> Value {
    json!({ FOR: key })
}

/// The line of a `=` key: written out, or kept under its hash, or in the file.
fn line_of(file: &Lines, name: &str, asked: Option<&Asked<'_>>) -> Option<String> {
    let Some(hash) = name.strip_prefix(HASHED) else { return Some(name.to_owned()) };
    let in_file = file.texts().into_iter().find(|line| sha256(line.as_bytes()) == hash);
    in_file.or_else(|| (asked?.texts)(hash))
}

impl LinesFormat {
    fn put_whole(file: &mut Lines, name: &str, value: &Value, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(line) = line_of(file, name, Some(asked)) else {
            // What is not known is not in the file either.
            return if value.is_null() { Ok(()) } else { Err(text_gone("this line")) };
        };
        let named = |member: &str| value.get(member).and_then(Value::as_str).and_then(|key| key.strip_prefix('='));
        if let Some(old) = named(BACK) {
            let old = line_of(file, old, Some(asked)).ok_or_else(|| text_gone("this line"))?;
            file.replace(&line, &old);
            return Ok(());
        }
        match named(FOR) {
            _ if value.is_null() => drop(file.remove(&line)),
            None => drop(file.add(&line)),
            Some(old) => {
                let old = line_of(file, old, None).unwrap_or_default();
                if !file.replace(&old, &line) && !file.has(&line) {
                    return Err(Error::new("NO_SUCH_LINE", format!("there is no line `{}`", shown_line(&old)))
                        .hint("set(LINE) adds one; set(START, LINE) sets the one that begins with START"));
                }
            }
        }
        Ok(())
    }
}

fn shown_line(line: &str) -> &str {
    if secret::is_named_in(line) { "***" } else { line }
}

fn ambiguous(start: &str, found: &Ambiguous) -> Error {
    let lines: Vec<String> = found.lines.iter().map(ToString::to_string).collect();
    Error::new("AMBIGUOUS_LINE", format!("several lines begin with `{start}`: {}", lines.join(", ")))
        .hint("say more of how the line begins, or take the others out by hand")
}

impl Format for LinesFormat {
    const NAME: &'static str = "edit_lines";
    type File = Lines;

    fn parse(bytes: &[u8]) -> Result<Lines, Error> {
        Ok(Lines::parse(bytes))
    }

    fn bytes(file: &Lines) -> Vec<u8> {
        file.bytes()
    }

    fn get(file: &Lines, key: &str) -> Value {
        match key.split_at_checked(1) {
            Some(("^", start)) => match file.starting(start).as_slice() {
                [] => Value::Null,
                [one] => json!(one),
                several => json!(several.join("\n")),
            },
            Some((_, name)) => {
                let is_there = line_of(file, name, None).is_some_and(|line| file.has(&line));
                if is_there { json!(true) } else { Value::Null }
            }
            None => Value::Null,
        }
    }

    /// Errors: `AMBIGUOUS_LINE`, `NO_SUCH_LINE`.
    fn put(file: &mut Lines, key: &str, value: &Value, asked: &Asked<'_>) -> Result<(), Error> {
        let (kind, name) = key.split_at_checked(1).unwrap_or_default();
        if kind == "=" {
            return Self::put_whole(file, name, value, asked);
        }
        let done = match value.as_str() {
            Some(line) => file.set_starting(name, line),
            None => file.remove_starting(name),
        };
        done.map(drop).map_err(|found| ambiguous(name, &found))
    }

    fn is_secret(_key: &str, value: &Value) -> bool {
        value.as_str().is_some_and(secret::is_named_in)
    }

    fn settled(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                if members.contains_key(FOR) {
                    json!(true)
                } else {
                    Value::Null
                }
            }
            plain => plain.clone(),
        }
    }

    /// A line that came in the place of another goes, and the other comes back in its place.
    fn back(keys: &Value, before: &Value) -> Value {
        let back = |(key, before): (&String, &Value)| {
            let old = keys[key].get(FOR).filter(|_| before.is_null());
            (key.clone(), old.map_or_else(|| before.clone(), |old| json!({ BACK: old })))
        };
        Value::Object(before.as_object().into_iter().flatten().map(back).collect())
    }

    fn shown_secret(key: &str) -> String {
        key.strip_prefix('^').map_or_else(|| "***".to_owned(), |start| format!("{start}***"))
    }

    fn shown(key: &str, value: &Value) -> String {
        match key.split_at_checked(1) {
            Some(("^", _)) => Self::shown_value(key, value),
            Some(_) if value.get(BACK).is_some() => {
                format!("{} for {}", Self::shown_key(value[BACK].as_str().unwrap_or_default()), Self::shown_key(key))
            }
            Some(_) if value.is_object() => {
                format!("{} for {}", Self::shown_key(key), Self::shown_key(value[FOR].as_str().unwrap_or_default()))
            }
            _ => Self::shown_key(key),
        }
    }

    fn shown_value(_key: &str, value: &Value) -> String {
        value.as_str().map_or_else(|| "there".to_owned(), |line| shown_line(line).to_owned())
    }

    fn shown_key(key: &str) -> String {
        match key.split_at_checked(1) {
            Some(("^", start)) => format!("{start}…"),
            Some((_, name)) if name.starts_with(HASHED) => "***".to_owned(),
            Some((_, line)) => format!("`{line}`"),
            None => String::new(),
        }
    }
}
