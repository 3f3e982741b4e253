//! How long acknowledgements took: counts by buckets that are exact below 32 ms and within 1/16 above.

use std::collections::BTreeMap;

const EXACT: u64 = 32;
const PARTS: u64 = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Waits(BTreeMap<u16, u64>);

impl Waits {
    pub(super) fn add(&mut self, milliseconds: u64) {
        self.add_bucket(bucket(milliseconds), 1);
    }

    pub(super) fn add_bucket(&mut self, bucket: u16, count: u64) {
        *self.0.entry(bucket).or_default() += count;
    }

    pub(super) fn take(&mut self) -> Vec<(u16, u64)> {
        std::mem::take(&mut self.0).into_iter().collect()
    }

    /// The upper end of the bucket that 99 of 100 do not exceed, in milliseconds.
    pub(super) fn p99(&self) -> u64 {
        let total: u64 = self.0.values().sum();
        let (mut seen, wanted) = (0, total.saturating_mul(99).div_ceil(100));
        for (bucket, count) in &self.0 {
            seen += count;
            if seen >= wanted {
                return upper(*bucket);
            }
        }
        0
    }
}

fn bucket(milliseconds: u64) -> u16 {
    if milliseconds < EXACT {
        return u16::try_from(milliseconds).unwrap_or(0);
    }
    let power = milliseconds.ilog2();
    let part = (milliseconds >> (power - 4)) - PARTS;
    u16::try_from(EXACT + u64::from(power - 5) * PARTS + part).unwrap_or(u16::MAX)
}

fn upper(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    if bucket < EXACT {
        return bucket;
    }
    let (power, part) = ((bucket - EXACT) / PARTS + 5, (bucket - EXACT) % PARTS);
    ((PARTS + part + 1) << (power - 4)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_never_wider_than_a_sixteenth() {
        for milliseconds in (0..5000).chain([123_456, 86_400_000]) {
            let upper = upper(bucket(milliseconds));
            assert!((milliseconds..=milliseconds + milliseconds / 16).contains(&upper), "{milliseconds}: {upper}");
        }
    }

    #[test]
    fn one_in_a_hundred_may_be_slower() {
        let mut waits = Waits::default();
        (0..99).for_each(|_| waits.add(5));
        waits.add(9000);
        assert_eq!(waits.p99(), 5);
        waits.add(9000);
        assert!(waits.p99() >= 9000);
        assert_eq!(Waits::default().p99(), 0);
    }
}
