//! Kafka versions: `"2.6.3"`, `"2.6"`, `"4.0"`, and four numbers before 1.0 (`"0.11.0.3"`).

use super::number::Reading;
use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cmp::Ordering, fmt, str::FromStr};

/// A version of Kafka, or a line of versions (`2.6`: any patch of it).
///
/// Ordered by its numbers; a line comes just before its own versions, so `2.6 < 2.6.0 < 2.6.3 < 2.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    /// Unused numbers are 0.
    numbers: [u16; 4],
    /// 2 to 4.
    given: u8,
}

impl Version {
    pub const fn major(self) -> u16 {
        self.numbers[0]
    }

    pub const fn minor(self) -> u16 {
        self.numbers[1]
    }

    /// The third number, if it was given.
    pub fn patch(self) -> Option<u16> {
        (self.given > 2).then_some(self.numbers[2])
    }

    /// What `inter.broker.protocol.version` takes: `2.6` of `2.6.3`; before 1.0 it is three numbers, `0.11.0` of `0.11.0.3`.
    #[must_use]
    pub fn line(self) -> Self {
        let given = if self.major() == 0 { self.given.min(3) } else { 2 };
        let mut numbers = [0; 4];
        numbers[..usize::from(given)].copy_from_slice(&self.numbers[..usize::from(given)]);
        Self { numbers, given }
    }

    /// `2.6` covers `2.6` and `2.6.3`; `2.6.3` covers itself alone.
    pub fn covers(self, other: Self) -> bool {
        other.numbers().starts_with(self.numbers())
    }

    fn numbers(&self) -> &[u16] {
        &self.numbers[..usize::from(self.given)]
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers().cmp(other.numbers())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let example = "for example \"2.6.3\", or \"2.6\"";
        let reading = Reading { code: "INVALID_VERSION", what: "Kafka version", example, text };
        if let Some(meant) = text.strip_prefix(['v', 'V']).filter(|rest| rest.parse::<Self>().is_ok()) {
            return Err(reading.wrong(0, "a letter").hint(format!("did you mean \"{meant}\"?")));
        }
        if let Some(meant) = text.rsplit('-').next().filter(|last| *last != text && last.parse::<Self>().is_ok()) {
            let error = reading.error("the number before the dash is Scala's version");
            return Err(error.hint(format!("did you mean \"{meant}\"?")));
        }
        let mut numbers = [0; 4];
        let mut given = 0_u8;
        let mut at = 0;
        for part in text.split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                let why = if part.is_empty() { "a number is missing" } else { "something other than a number" };
                return Err(reading.wrong(at, why));
            }
            let number = part.parse().map_err(|_| reading.wrong(at, "a number too large"))?;
            let Some(place) = numbers.get_mut(usize::from(given)) else {
                return Err(reading.wrong(at, "a fifth number"));
            };
            *place = number;
            given += 1;
            at += part.len() + 1;
        }
        if given < 2 {
            return Err(reading.error("the minor version is missing"));
        }
        if given > 3 && numbers[0] > 0 {
            return Err(reading.error("a fourth number; only versions before 1.0 had one"));
        }
        Ok(Self { numbers, given })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers().iter().map(u16::to_string).collect();
        f.pad(&numbers.join("."))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
