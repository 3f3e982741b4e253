//! Rates: `"50MB/s"`, as throttles are given.

use super::number::{Reading, humanised};
use super::size;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::{fmt, num::NonZeroU64, str::FromStr};

/// Bytes per second, never none: a throttle of nothing would hold a move for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(NonZeroU64);

const EXAMPLE: &str = "bytes per second, for example \"50MB/s\" or \"1MiB/s\"";

impl Rate {
    pub fn from_bytes_per_second(bytes: u64) -> Result<Self, Error> {
        let text = format!("{bytes}B/s");
        let reading = Reading { code: "INVALID_RATE", what: "rate", example: EXAMPLE, text: &text };
        NonZeroU64::new(bytes).map(Self).ok_or_else(|| reading.error("nothing would ever move"))
    }

    pub const fn bytes_per_second(self) -> u64 {
        self.0.get()
    }

    /// The shortest text that parses to the same rate.
    pub fn exact(self) -> String {
        format!("{}/s", size::exact(self.0.get()))
    }
}

impl FromStr for Rate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let reading = Reading { code: "INVALID_RATE", what: "rate", example: EXAMPLE, text };
        let (bytes, per) = text.split_once('/').unwrap_or((text, ""));
        let bytes_of = size::read(&reading, bytes.trim_end())?;
        match per.trim() {
            "s" => {}
            "" => {
                let error = reading.wrong(bytes.len(), "\"/s\" is missing");
                return Err(error.hint(format!("did you mean \"{}/s\"?", bytes.trim_end())));
            }
            per => {
                let why = format!("\"/{}\" instead of \"/s\"", per.escape_debug());
                return Err(reading.wrong(bytes.len(), &why));
            }
        }
        NonZeroU64::new(bytes_of).map(Self).ok_or_else(|| reading.error("nothing would ever move"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", humanised(self.0.get(), &size::PRINTED)))
    }
}
