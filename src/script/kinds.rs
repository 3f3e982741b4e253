//! The kinds of parameters: how each is written on the command line, and what a script gets.

use crate::error::Error;
use crate::quantity::{Rate, Size, Version, Window, duration};
use serde_json::Value;

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
    /// One of the texts that the declaration lists.
    Choice,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::String,
        Self::Int,
        Self::Bool,
        Self::Size,
        Self::Rate,
        Self::Duration,
        Self::Version,
        Self::List,
        Self::Window,
        Self::Choice,
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
            Self::Choice => "choice",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// A number with or without a unit: there may be words beside it.
    pub fn is_quantity(self) -> bool {
        matches!(self, Self::Int | Self::Size | Self::Rate | Self::Duration)
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
            Self::Choice => "one of the values that it lists",
        }
    }

    /// The value of a text from the command line; a fragment that says what is wrong, otherwise.
    ///
    /// Sizes, rates, durations, versions and windows stay texts: scripts have them as strings, and the functions that take
    /// them read them. A list is an array of strings.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        let given = text;
        let text = text.trim();
        match self {
            Self::String => Ok(Value::from(given)),
            Self::Int => text.parse::<i64>().map(Value::from).map_err(|error| match error.kind() {
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                    format!("`{text}` is out of range")
                }
                _ => format!("`{text}` is no whole number"),
            }),
            Self::Bool => match text {
                "true" | "yes" | "on" => Ok(Value::from(true)),
                "false" | "no" | "off" => Ok(Value::from(false)),
                _ => Err(format!("`{text}` is neither true nor false")),
            },
            Self::List => {
                let items: Vec<&str> = text.split(',').map(str::trim).collect();
                match items.as_slice() {
                    [""] => Ok(Value::Array(Vec::new())),
                    items if items.contains(&"") => Err(format!("`{text}` has an empty item")),
                    items => Ok(Value::from(items.to_vec())),
                }
            }
            Self::Size => text.parse::<Size>().map(|_| Value::from(text)).map_err(why),
            Self::Rate => text.parse::<Rate>().map(|_| Value::from(text)).map_err(why),
            Self::Duration => duration::parse(text).map(|_| Value::from(text)).map_err(why),
            // Which ones there are is for the declaration to say.
            Self::Choice => Ok(Value::from(text)),
            Self::Version => text.parse::<Version>().map(|_| Value::from(text)).map_err(why),
            Self::Window => text.parse::<Window>().map(|_| Value::from(text)).map_err(why),
        }
    }
}

/// What was wrong with a quantity, as one fragment.
fn why(error: Error) -> String {
    match error.hint {
        Some(hint) => format!("{} ({hint})", error.message),
        None => error.message,
    }
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
