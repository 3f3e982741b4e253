//! Durations: `"30s"`, `"1h30m"`, `"500ms"`. Whole milliseconds, as everything in Kafka.

use super::number::{Number, Reading};
use crate::error::Error;
use std::time::Duration;

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads a duration: numbers with units, from the largest to the smallest, each unit once; a fraction only in the last.
pub fn parse(text: &str) -> Result<Duration, Error> {
    let text = text.trim();
    let example = "for example \"30s\", \"1h30m\" or \"500ms\"";
    let reading = Reading { code: "INVALID_DURATION", what: "duration", example, text };
    let mut at = 0;
    let mut smallest = u64::MAX;
    let mut total = 0_u64;
    let mut fraction_at = None;
    loop {
        let (number, end) = Number::read(&reading, at)?;
        if let Some(at) = fraction_at {
            return Err(reading.wrong(at, "a fraction that is not in the last part"));
        }
        let rest = &text[end..];
        let skipped = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (name, unit_at) = (&rest[..length], end + skipped);
        if name.is_empty() && rest.is_empty() {
            let number = &text[at..end];
            let error = reading.wrong(end, "the unit is missing");
            return Err(error.hint(format!("did you mean \"{number}s\", \"{number}ms\" or \"{number}m\"?")));
        }
        let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(&reading, unit_at, name));
        };
        if *unit >= smallest {
            return Err(reading.wrong(unit_at, &format!("\"{name}\" after the same or a smaller unit")));
        }
        smallest = *unit;
        fraction_at = (number.decimals > 0).then_some(at);
        let part = number.times(*unit, "a millisecond", &reading, at)?;
        total = total.checked_add(part).ok_or_else(|| reading.wrong(at, "a number too large"))?;
        let rest = &rest[length..];
        if rest.trim_start().is_empty() {
            return Ok(Duration::from_millis(total));
        }
        at = text.len() - rest.trim_start().len();
    }
}

/// Words that people write for the units.
fn unknown(reading: &Reading<'_>, at: usize, name: &str) -> Error {
    let lower = name.to_lowercase();
    let meant = match lower.as_str() {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
        "w" | "week" | "weeks" => {
            return reading.wrong(at, &format!("unknown unit \"{name}\"")).hint("a week is \"7d\"");
        }
        _ => return reading.unknown_unit(at, name, &UNITS),
    };
    reading.wrong(at, &format!("unknown unit \"{name}\"")).hint(format!("did you mean \"{meant}\"?"))
}

/// The text that parses to the same duration, whole milliseconds: `1h30m`, `1s500ms`, `0s`.
pub fn text(duration: Duration) -> String {
    parts(duration, UNITS.len())
}

/// As an estimate is told: `less than a second`, `about 16 s`, `about 12 min`, `about 2 h 10 min`, `about 3 d 4 h`.
pub fn rough(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    // Two digits of something that is only estimated are enough.
    let minutes = seconds.div_ceil(60);
    let two = |big: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("about {big} {unit}"),
        _ => format!("about {big} {unit} {small} {small_unit}"),
    };
    match seconds {
        0 => "less than a second".to_owned(),
        1..=90 => format!("about {seconds} s"),
        91..=5400 => format!("about {minutes} min"),
        5401..=86_399 => two(minutes / 60, "h", minutes % 60, "min"),
        _ => two(minutes / 1440, "d", minutes % 1440 / 60, "h"),
    }
}

fn parts(duration: Duration, most: usize) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut out = String::new();
    let first = UNITS.iter().position(|(_, unit)| left >= *unit).unwrap_or(UNITS.len());
    for (name, unit) in UNITS.iter().skip(first).take(most) {
        if left >= *unit {
            out += &(left / unit).to_string();
            out += name;
            left %= unit;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}
