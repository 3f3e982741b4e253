//! The rack-aware water level, and the least that has to move to reach it.
//!
//! A partition that spreads over racks puts a limit on what a rack can hold: with as many racks as replicas each rack holds
//! exactly one of every partition, however few brokers it has. The level is the most even one within these limits.

use std::collections::BTreeMap;

/// What the brokers of one rack may hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RackShare {
    pub(super) brokers: u128,
    pub(super) least: u128,
    pub(super) most: u128,
}

/// Per broker, as an exact fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) total: u128,
    pub(super) brokers: u128,
}

impl Level {
    pub(super) fn floor(self) -> u64 {
        u64::try_from(self.total / self.brokers.max(1)).unwrap_or(u64::MAX)
    }

    pub(super) fn ceil(self) -> u64 {
        u64::try_from(self.total.div_ceil(self.brokers.max(1))).unwrap_or(u64::MAX)
    }
}

/// The limits of each rack for partitions given as weight per replication factor (their number, or their bytes).
///
/// A partition of `r` replicas on `k` racks is spread over `min(r, k)` of them, so a rack can hold `r - min(r, k) + 1` of it
/// at most, and at least what the other racks cannot take.
pub(super) fn rack_shares(brokers: &[u64], weights: &BTreeMap<usize, u128>) -> Vec<RackShare> {
    let racks = brokers.len() as u64;
    let share = |rack: usize| {
        let (mut least, mut most) = (0, 0);
        for (replicas, weight) in weights {
            let replicas = *replicas as u64;
            let spread = replicas.min(racks);
            let in_one = |rack: u64| rack.min(replicas - spread + 1);
            let others: u64 = brokers.iter().enumerate().filter(|(i, _)| *i != rack).map(|(_, n)| in_one(*n)).sum();
            let needed = replicas.saturating_sub(others).max(u64::from(spread == racks));
            least += weight * u128::from(needed);
            most += weight * u128::from(in_one(brokers[rack]));
        }
        RackShare { brokers: u128::from(brokers[rack]), least, most }
    };
    (0..brokers.len()).map(share).collect()
}

/// The most even way to pour `total` over the racks: a common level, cut off at what each rack may hold.
pub(super) fn water_levels(total: u128, racks: &[RackShare]) -> Vec<Level> {
    let mut fixed: Vec<Option<u128>> = vec![None; racks.len()];
    loop {
        let held: u128 = fixed.iter().flatten().sum();
        let left = total.saturating_sub(held);
        let free =
            |fixed: &[Option<u128>]| -> Vec<usize> { (0..racks.len()).filter(|i| fixed[*i].is_none()).collect() };
        let open = free(&fixed);
        let brokers: u128 = open.iter().map(|i| racks[*i].brokers).sum();
        // Scaled by `brokers`, so that the common level left / brokers stays exact.
        let over = |i: usize| (racks[i].brokers * left).saturating_sub(racks[i].most * brokers);
        let under = |i: usize| (racks[i].least * brokers).saturating_sub(racks[i].brokers * left);
        let (too_high, too_low): (u128, u128) =
            (open.iter().map(|i| over(*i)).sum(), open.iter().map(|i| under(*i)).sum());
        if too_high == 0 && too_low == 0 {
            let level = |(rack, fixed): (&RackShare, &Option<u128>)| match fixed {
                Some(total) => Level { total: *total, brokers: rack.brokers },
                None => Level { total: left, brokers },
            };
            return racks.iter().zip(&fixed).map(level).collect();
        }
        // The side that is further out binds for certain; the other may be free again at the new level.
        for i in open {
            if too_high >= too_low && over(i) > 0 {
                fixed[i] = Some(racks[i].most);
            } else if too_high < too_low && under(i) > 0 {
                fixed[i] = Some(racks[i].least);
            }
        }
    }
}

/// The least movement that brings every load between its low and high mark: whatever is above must go, whatever is missing
/// must come, and one move can do both. What is given up goes without a move.
pub(super) fn bound(loads: impl IntoIterator<Item = (u64, u64, u64)>, given_up: u64) -> u64 {
    let (mut out, mut into) = (0_u64, 0_u64);
    for (load, low, high) in loads {
        out = out.saturating_add(load.saturating_sub(high));
        into = into.saturating_add(low.saturating_sub(load));
    }
    out.saturating_sub(given_up).max(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(brokers: &[u64], partitions: u128, replicas: usize) -> Vec<(u128, u128)> {
        let shares = rack_shares(brokers, &BTreeMap::from([(replicas, partitions)]));
        let levels = water_levels(partitions * replicas as u128, &shares);
        levels.iter().map(|level| (level.total, level.brokers)).collect()
    }

    #[test]
    fn as_many_racks_as_replicas_fix_every_rack() {
        assert_eq!(levels(&[3, 3, 2], 600, 3), [(600, 3), (600, 3), (600, 2)]);
    }

    #[test]
    fn a_small_rack_is_full_and_the_others_share_the_rest() {
        // Two racks of three: each partition leaves one rack out, but the rack of one broker cannot hold more than all.
        assert_eq!(levels(&[1, 4, 4], 100, 2), [(200, 9); 3]);
        assert_eq!(levels(&[1, 1, 6], 100, 2), [(100, 2), (100, 2), (100, 6)]);
    }

    #[test]
    fn without_racks_everything_is_shared() {
        assert_eq!(levels(&[4], 4, 3), [(12, 4)]);
        let level = Level { total: 10, brokers: 4 };
        assert_eq!((level.floor(), level.ceil()), (2, 3));
    }

    #[test]
    fn more_replicas_than_racks_are_shared_by_what_the_racks_can_hold() {
        // Three replicas on two racks: one rack has one broker, so the other holds two of each.
        assert_eq!(levels(&[1, 3], 10, 3), [(10, 1), (20, 3)]);
    }

    #[test]
    fn the_bound_is_the_larger_side() {
        assert_eq!(bound([(2, 1, 1), (1, 1, 1), (1, 1, 1), (0, 1, 1)], 0), 1);
        assert_eq!(bound([(10, 3, 4), (0, 3, 4), (0, 3, 4)], 0), 6);
        assert_eq!(bound([(10, 3, 4), (3, 3, 4)], 4), 2);
    }
}
