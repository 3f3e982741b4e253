//! Bytes, rates and durations as a person reads them: three digits, and a unit.

use jiff::Timestamp;

const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];

/// Decimal units, as disks, networks and Kafka's throttles are sold: `1.25 GB`.
pub(super) fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown, a float has fifteen")]
    let mut scaled = count as f64;
    let mut unit = 0;
    // 999.5 would be rounded up to four digits, so it belongs to the next unit.
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let digits = match scaled {
        _ if unit == 0 => 0,
        few if few < 9.995 => 2,
        some if some < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.digits$} {}", UNITS[unit])
}

/// Bytes per second.
pub(super) fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// Whole seconds: `42 s`, `1 min 12 s`, `2 h 5 min`, `3 d 4 h`.
pub(super) fn seconds(count: u64) -> String {
    let (big, small, big_unit, small_unit) = match count {
        0..60 => return format!("{count} s"),
        60..3600 => (count / 60, count % 60, "min", "s"),
        3600..86_400 => (count / 3600, count % 3600 / 60, "h", "min"),
        _ => (count / 86_400, count % 86_400 / 3600, "d", "h"),
    };
    match small {
        0 => format!("{big} {big_unit}"),
        _ => format!("{big} {big_unit} {small} {small_unit}"),
    }
}

/// The time between two moments, with tenths below a minute; a clock that was set back in between gives zero.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    let millis = u64::try_from(to.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0);
    if millis < 59_950 {
        let tenths = (millis + 50) / 100;
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        seconds((millis + 500) / 1000)
    }
}

/// `1 step`, `2 steps`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_and_never_a_thousand_of_a_unit() {
        let shown = [0, 1, 999, 1000, 1250, 9_995_000, 99_950_000, 999_499_999, 999_500_000, u64::MAX].map(bytes);
        assert_eq!(
            shown,
            ["0 B", "1 B", "999 B", "1.00 kB", "1.25 kB", "10.0 MB", "100 MB", "999 MB", "1.00 GB", "18447 PB"]
        );
    }

    #[test]
    fn durations_name_two_units_at_most() {
        let shown = [0, 59, 60, 72, 3600, 7500, 86_400, 273_600].map(seconds);
        assert_eq!(shown, ["0 s", "59 s", "1 min", "1 min 12 s", "1 h", "2 h 5 min", "1 d", "3 d 4 h"]);
    }

    #[test]
    fn between_rounds_and_survives_a_clock_that_was_set_back() {
        let at = |millis| Timestamp::from_millisecond(millis).expect("a valid moment");
        assert_eq!(between(at(0), at(12_349)), "12.3 s");
        assert_eq!(between(at(0), at(59_960)), "1 min");
        assert_eq!(between(at(5000), at(0)), "0.0 s");
    }
}
