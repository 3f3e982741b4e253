//! The cases: from the four partitions of a first try to a million.

use super::Intent;

/// A kind of cluster; with a seed it is one cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Brokers that hold data and stay.
    pub(crate) old: usize,
    /// Brokers that were just added.
    pub(crate) new: usize,
    /// Brokers that hold data and must end empty.
    pub(crate) leaving: usize,
    /// 0: no broker has a rack.
    pub(crate) racks: usize,
    pub(crate) partitions: usize,
    pub(crate) replication_factor: usize,
    /// What a topic's number of partitions is drawn from.
    pub(crate) topic_sizes: &'static [usize],
    pub(crate) intent: Intent,
}

const SIZES: &[usize] = &[1, 3, 6, 12, 24, 48, 96, 192];
const SMALL: &[usize] = &[3, 6, 12, 24, 48];

pub(crate) const ALL: [Case; 9] = [
    scale_out("S1a", 3, 1, 0, 4, 1, &[4]),
    scale_out("S1b", 3, 1, 0, 4, 3, &[4]),
    // Racks of three, three and two brokers: the smallest one must hold every partition once.
    scale_out("S2", 6, 2, 3, 600, 3, SMALL),
    scale_out("S2e", 6, 3, 3, 600, 3, SMALL),
    scale_out("S3", 30, 6, 3, 10_000, 3, SIZES),
    scale_out("S4", 100, 10, 5, 100_000, 3, SIZES),
    scale_out("S5", 1000, 50, 10, 1_000_000, 3, SIZES),
    thirty("D1", 0, Intent::Drain),
    thirty("R1", 1, Intent::Replace),
];

pub(crate) fn named(name: &str) -> Option<&'static Case> {
    ALL.iter().find(|case| case.name == name)
}

const fn scale_out(
    name: &'static str,
    old: usize,
    new: usize,
    racks: usize,
    partitions: usize,
    replication_factor: usize,
    topic_sizes: &'static [usize],
) -> Case {
    let intent = Intent::ScaleOut;
    Case { name, old, new, leaving: 0, racks, partitions, replication_factor, topic_sizes, intent }
}

/// Thirty brokers in three racks, one of which leaves.
const fn thirty(name: &'static str, new: usize, intent: Intent) -> Case {
    let (partitions, replication_factor, topic_sizes) = (10_000, 3, SIZES);
    Case { name, old: 29, new, leaving: 1, racks: 3, partitions, replication_factor, topic_sizes, intent }
}
