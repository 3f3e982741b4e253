//! A decimal number and its unit at the front of a text, without rounding through floats.

use crate::error::Error;
use crate::suggestion;

/// What is being read, for its errors.
pub(super) struct Reading<'a> {
    /// Such as `INVALID_SIZE`.
    pub(super) code: &'static str,
    /// Such as `size`.
    pub(super) what: &'static str,
    /// What the hint shows.
    pub(super) example: &'static str,
    pub(super) text: &'a str,
}

impl Reading<'_> {
    /// The error for something wrong at byte `at` of the text.
    pub(super) fn wrong(&self, at: usize, why: &str) -> Error {
        let place = self.text.get(..at).map_or(0, |before| before.chars().count()) + 1;
        self.error(&format!("{why} at character {place}"))
    }

    /// The error for a text that is wrong as a whole.
    pub(super) fn error(&self, why: &str) -> Error {
        let Self { code, what, example, text } = self;
        Error::new(code, format!("\"{}\" is no {what}: {why}", text.escape_debug())).hint(format!("write {example}"))
    }

    /// The error for a word that is no unit.
    pub(super) fn unknown_unit(&self, at: usize, unit: &str, units: &[(&'static str, u64)]) -> Error {
        let error = self.wrong(at, &format!("unknown unit \"{}\"", unit.escape_debug()));
        let names = units.iter().map(|(name, _)| *name);
        let all = names.clone().collect::<Vec<_>>().join(", ");
        // `K`, `M` and `g` lack what follows, so the distance of words would find the wrong neighbour.
        let same = names.clone().find(|name| name.eq_ignore_ascii_case(unit));
        let longer = names.clone().find(|name| starts_alike(name, unit));
        let meant = same.or(longer).or_else(|| suggestion::nearest(unit, names));
        match meant {
            Some(name) => error.hint(format!("did you mean \"{name}\"? the units are {all}")),
            None => error.hint(format!("the units are {all}; write {}", self.example)),
        }
    }
}

fn starts_alike(name: &str, unit: &str) -> bool {
    unit.chars().count() == 1 && name.to_lowercase().starts_with(&unit.to_lowercase())
}

/// A number with a fraction: `digits / 10^decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) digits: u128,
    pub(super) decimals: u32,
}

impl Number {
    /// Reads the number at byte `at` and tells where it ends.
    pub(super) fn read(reading: &Reading<'_>, at: usize) -> Result<(Self, usize), Error> {
        let rest = &reading.text[at..];
        if rest.starts_with(['-', '−']) {
            return Err(reading.wrong(at, "it is negative"));
        }
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (whole, fraction) = match rest[..length].split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (&rest[..length], None),
        };
        if whole.is_empty() {
            let why = if rest.is_empty() { "a number is missing" } else { "a number must stand" };
            return Err(reading.wrong(at, why));
        }
        let fraction = match fraction {
            Some("") => return Err(reading.wrong(at + length, "digits are missing after the point")),
            Some(more) if more.contains('.') => return Err(reading.wrong(at, "a second point in the number")),
            Some(fraction) => fraction.trim_end_matches('0'),
            None => "",
        };
        let number = format!("{whole}{fraction}").parse().ok().zip(u32::try_from(fraction.len()).ok());
        let (digits, decimals) = number.ok_or_else(|| reading.wrong(at, "a number too large"))?;
        Ok((Self { digits, decimals }, at + length))
    }

    /// The number times a unit, rounded down to whole smallest units.
    ///
    /// A fraction of the smallest unit itself (`1.5B`) is refused, and so is a number that would round down to nothing.
    pub(super) fn times(self, unit: u64, smallest: &str, reading: &Reading<'_>, at: usize) -> Result<u64, Error> {
        let too_large = || reading.wrong(at, "a number too large");
        let scale = 10_u128.checked_pow(self.decimals).ok_or_else(too_large)?;
        let product = self.digits.checked_mul(u128::from(unit)).ok_or_else(too_large)?;
        let value = product / scale;
        if product % scale != 0 && (unit == 1 || value == 0) {
            return Err(reading.wrong(at, &format!("a fraction of {smallest}")));
        }
        u64::try_from(value).map_err(|_| too_large())
    }
}

/// Three digits of `value`, in the largest of the units (largest first) that it reaches.
pub(super) fn humanised(value: u64, units: &[(&'static str, u64)]) -> String {
    let (name, unit) = units.iter().copied().find(|(_, unit)| value >= *unit).unwrap_or(("B", 1));
    let whole = value / unit;
    let decimals: usize = match whole {
        _ if unit == 1 => 0,
        0..=9 => 2,
        10..=99 => 1,
        _ => 0,
    };
    // Rounded down: what is nearly full must not read as full.
    let scale = 10_u64.pow(u32::try_from(decimals).unwrap_or(0));
    let fraction = u128::from(value % unit) * u128::from(scale) / u128::from(unit);
    if fraction == 0 {
        return format!("{whole}{name}");
    }
    let digits = format!("{fraction:0decimals$}");
    format!("{whole}.{}{name}", digits.trim_end_matches('0'))
}
