//! Random numbers that are the same on every machine.
//!
//! `SplitMix64` (Steele, Lea, Flood, 2014) for the bits. Logarithm and exponential are series of this file, not those of the
//! platform, whose last bits differ from one to the next: what is used here, `+ - * /` and the square root, IEEE 754 defines
//! to the bit.

use std::f64::consts::{LN_2, SQRT_2};

pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A text names the sequence: its FNV-1a hash is the seed.
    pub(crate) fn named(name: &str) -> Self {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 to one less than `end`. One of them is likelier than another by less than `end` in 2^64.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.next()) * (end as u128);
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// From 0 up to, and not with, 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal: the Box-Muller transform in its polar form (Marsaglia), which wants no sine.
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// Median 1; `sigma` is the standard deviation of the logarithm.
    pub(crate) fn log_normal(&mut self, sigma: f64) -> f64 {
        exp(sigma * self.normal())
    }
}

/// Of a normal positive number: `m · 2^e` with `m` near 1, and `ln m = 2 artanh((m - 1) / (m + 1))`.
#[expect(clippy::cast_precision_loss, reason = "an exponent has eleven bits")]
pub(crate) fn ln(x: f64) -> f64 {
    let mut exponent = (x.to_bits() >> 52).cast_signed() - 1023;
    let mut mantissa = f64::from_bits(x.to_bits() & ((1 << 52) - 1) | 1023 << 52);
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for odd in (1_u8..=27).step_by(2) {
        sum += power / f64::from(odd);
        power *= ratio * ratio;
    }
    2.0 * sum + exponent as f64 * LN_2
}

/// Between e^-700 and e^700: `2^k · e^r` with a small `r`.
#[expect(clippy::cast_possible_truncation, reason = "a thousand doublings at most")]
pub(crate) fn exp(x: f64) -> f64 {
    let doublings = (x / LN_2).round();
    let rest = x - doublings * LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1_u8..=20 {
        term *= rest / f64::from(n);
        sum += term;
    }
    sum * f64::from_bits((doublings as i64 + 1023).cast_unsigned() << 52)
}
