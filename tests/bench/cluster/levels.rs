//! Where each broker should end, and the least that must move to get there.
//!
//! A rack holds at most one replica of a partition where there are racks enough: a small one cannot take its share of the
//! mean, and the others share what is left. This is water filled into racks of limited height.

use super::{Broker, Cluster};
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole numbers next to the level of a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Level {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Level {
    fn of(load: u64, brokers: u64) -> Self {
        Self { low: load / brokers, high: load.div_ceil(brokers) }
    }
}

/// The replicas that each broker should have, in the order of the brokers; none for one that leaves.
pub(super) fn of_replicas(cluster: &Cluster, replicas: u64) -> Vec<Option<Level>> {
    let height = if racks_bind(cluster) { cluster.partitions() } else { replicas };
    let mut free: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for broker in cluster.brokers.iter().filter(|broker| broker.stays()) {
        *free.entry(broker.rack.as_deref()).or_default() += 1;
    }
    let mut full: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    let mut left = replicas;
    loop {
        let brokers: u64 = free.values().sum();
        let over = |size: u64| u128::from(size) * u128::from(left) > u128::from(height) * u128::from(brokers);
        let (filled, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = free.iter().partition(|(_, size)| over(**size));
        if filled.is_empty() {
            let level = |broker: &Broker| match full.get(&broker.rack.as_deref()) {
                Some(size) => Level::of(height, *size),
                None => Level::of(left, brokers),
            };
            return per_broker(cluster, level);
        }
        left -= height * filled.len() as u64;
        full.extend(filled);
        free = rest;
    }
}

/// The same for what no rack limits.
pub(super) fn even(cluster: &Cluster, load: u64) -> Vec<Option<Level>> {
    let brokers = cluster.brokers.iter().filter(|broker| broker.stays()).count() as u64;
    per_broker(cluster, |_| Level::of(load, brokers))
}

fn per_broker(cluster: &Cluster, level: impl Fn(&Broker) -> Level) -> Vec<Option<Level>> {
    cluster.brokers.iter().map(|broker| broker.stays().then(|| level(broker))).collect()
}

/// Whether every broker that stays has a rack, and no partition has more replicas than there are racks.
fn racks_bind(cluster: &Cluster) -> bool {
    let staying = || cluster.brokers.iter().filter(|broker| broker.stays());
    let racks: std::collections::BTreeSet<_> = staying().map(|broker| broker.rack.as_deref()).collect();
    let most = cluster.topics.iter().flat_map(|topic| &topic.replicas).map(Vec::len).max().unwrap_or(0);
    !racks.contains(&None) && racks.len() >= most
}

/// What must leave the brokers above their level, or reach those below it, whichever is more.
pub(super) fn bound(loads: &[u64], levels: &[Option<Level>]) -> u64 {
    let pairs = || loads.iter().zip(levels);
    let out: u64 = pairs().map(|(load, level)| load.saturating_sub(level.map_or(0, |level| level.high))).sum();
    let into: u64 = pairs().map(|(load, level)| level.map_or(0, |level| level.low).saturating_sub(*load)).sum();
    out.max(into)
}

/// How far the brokers are from their levels, in all.
pub(super) fn off(loads: &[u64], levels: &[Option<Level>]) -> u64 {
    let off = |(load, level): (&u64, &Option<Level>)| {
        let Level { low, high } = level.unwrap_or(Level { low: 0, high: 0 });
        load.saturating_sub(high) + low.saturating_sub(*load)
    };
    loads.iter().zip(levels).map(off).sum()
}
