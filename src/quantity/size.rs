//! Sizes: `"500MB"` (decimal), `"1GiB"` (binary), `"1048576"` (bytes).

use super::number::{Number, Reading, humanised};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A number of bytes. Printed with three digits in decimal units, rounded down; [`Size::exact`] loses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Size(u64);

const UNITS: [(&str, u64); 11] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("PiB", 1 << 50),
];
/// The decimal units, largest first.
pub(super) const PRINTED: [(&str, u64); 6] = [UNITS[5], UNITS[4], UNITS[3], UNITS[2], UNITS[1], UNITS[0]];

impl Size {
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The shortest text that parses to the same size: `1GiB`, `1500MB`, `1025B`.
    pub fn exact(self) -> String {
        exact(self.0)
    }
}

pub(super) fn exact(bytes: u64) -> String {
    UNITS
        .iter()
        .filter(|(_, unit)| bytes.is_multiple_of(*unit) && bytes >= *unit)
        .map(|(name, unit)| format!("{}{name}", bytes / unit))
        .min_by_key(String::len)
        .unwrap_or_else(|| "0B".to_owned())
}

/// Reads the size that the whole of `text` (a prefix of the reading's) is.
pub(super) fn read(reading: &Reading<'_>, text: &str) -> Result<u64, Error> {
    let (number, end) = Number::read(reading, 0)?;
    let unit = text.get(end..).unwrap_or_default();
    let at = end + (unit.len() - unit.trim_start().len());
    let factor = match unit.trim() {
        "" => 1,
        "KB" => 1000,
        name => match UNITS.iter().find(|(known, _)| *known == name) {
            Some((_, factor)) => *factor,
            None if name.to_lowercase().contains("bit") => {
                return Err(reading.wrong(at, "bits").hint("krun counts bytes, eight bits each: 100Mbit is 12.5MB"));
            }
            None => return Err(reading.unknown_unit(at, name, &UNITS)),
        },
    };
    number.times(factor, "a byte", reading, 0)
}

impl FromStr for Size {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let example = "for example \"500MB\", \"1GiB\" or plain bytes";
        read(&Reading { code: "INVALID_SIZE", what: "size", example, text }, text).map(Self)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&humanised(self.0, &PRINTED))
    }
}
