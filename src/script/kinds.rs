//! The kinds of parameters: how each is written on the command line, and what a script gets.

use crate::error::Error;
use crate::quantity::{Rate, Size, Version, Window, duration};
use serde_json::Value;
use std::num::IntErrorKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    String,
    Int,
    Bool,
    Size,
    Rate,
    Duration,
    Version,
    List,
    Window,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::String,
        Self::Int,
        Self::Bool,
        Self::Size,
        Self::Rate,
        Self::Duration,
        Self::Version,
        Self::List,
        Self::Window,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Size => "size",
            Self::Rate => "rate",
            Self::Duration => "duration",
            Self::Version => "version",
            Self::List => "list",
            Self::Window => "window",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How such a value is written, for hints and `--help`.
    pub fn example(self) -> &'static str {
        match self {
            Self::String => "any text",
            Self::Int => "a whole number, such as 3",
            Self::Bool => "true or false",
            Self::Size => "a size, such as 500MB or 1GiB",
            Self::Rate => "a rate, such as 50MB/s",
            Self::Duration => "a duration, such as 30s or 1h30m",
            Self::Version => "a version, such as 2.6.3",
            Self::List => "values with commas between them, such as 1,2,3",
            Self::Window => "a window of the day with its time zone, such as 01:00-05:00 Asia/Seoul",
        }
    }

    /// The value of a text from the command line, or what is wrong with it.
    ///
    /// Sizes, rates, durations, versions and windows stay texts: scripts have them as strings, and the functions that take
    /// them read them. A list is an array of strings.
    pub fn parse(self, text: &str) -> Result<Value, Error> {
        let given = text;
        let text = text.trim();
        let as_text = || Value::from(text);
        match self {
            Self::String => Ok(Value::from(given)),
            Self::Int => int(text),
            Self::Bool => match text {
                "true" | "yes" | "on" => Ok(Value::from(true)),
                "false" | "no" | "off" => Ok(Value::from(false)),
                _ => Err(wrong(format!("`{text}` is neither true nor false"))),
            },
            Self::List => list(text),
            Self::Size => text.parse::<Size>().map(|_| as_text()),
            Self::Rate => text.parse::<Rate>().map(|_| as_text()),
            Self::Duration => duration::parse(text).map(|_| as_text()),
            Self::Version => text.parse::<Version>().map(|_| as_text()),
            Self::Window => text.parse::<Window>().map(|_| as_text()),
        }
    }
}

fn int(text: &str) -> Result<Value, Error> {
    text.parse::<i64>().map(Value::from).map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => wrong(format!("`{text}` is out of range")),
        _ => wrong(format!("`{text}` is no whole number")),
    })
}

fn list(text: &str) -> Result<Value, Error> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    match items.as_slice() {
        [""] => Ok(Value::Array(Vec::new())),
        items if items.contains(&"") => Err(wrong(format!("`{text}` has an empty item"))),
        items => Ok(Value::from(items.to_vec())),
    }
}

fn wrong(message: String) -> Error {
    Error::new("INVALID_VALUE", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_reads_its_values() {
        let good = [
            (Kind::String, " a b ", json!(" a b ")),
            (Kind::Int, "-3", json!(-3)),
            (Kind::Bool, "yes", json!(true)),
            (Kind::Size, "1.5GiB", json!("1.5GiB")),
            (Kind::Size, "1048576", json!("1048576")),
            (Kind::Rate, "50MB/s", json!("50MB/s")),
            (Kind::Duration, "1h30m", json!("1h30m")),
            (Kind::Version, "2.6.3", json!("2.6.3")),
            (Kind::List, "1, 2,3", json!(["1", "2", "3"])),
            (Kind::List, "", json!([])),
            (Kind::Window, "01:00-05:00 Asia/Seoul", json!("01:00-05:00 Asia/Seoul")),
        ];
        for (kind, text, value) in good {
            assert_eq!(kind.parse(text), Ok(value), "{} {text}", kind.name());
        }
    }

    #[test]
    fn each_kind_refuses_others() {
        let bad = [
            (Kind::Int, "three"),
            (Kind::Int, "9223372036854775808"),
            (Kind::Bool, "maybe"),
            (Kind::Size, "MB"),
            (Kind::Rate, "50MB"),
            (Kind::Duration, "30"),
            (Kind::Duration, "1h30"),
            (Kind::Duration, ""),
            (Kind::Version, "2"),
            (Kind::Version, "v2.6"),
            (Kind::List, "1,,3"),
            (Kind::Window, "01:00-25:00 Asia/Seoul"),
            (Kind::Window, "01:00-05:00 Mars/Olympus"),
        ];
        for (kind, text) in bad {
            assert!(kind.parse(text).is_err(), "{} {text}", kind.name());
        }
    }
}
