//! How unevenly single topics lie: a broker should not have much more of a topic than its share.

use super::Cluster;
use serde::Serialize;
use std::collections::BTreeMap;

/// The pairs of a topic and a broker that stays where the broker has more than the topic's share, rounded up, plus one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Excess {
    pub(crate) replicas: u64,
    pub(crate) leaders: u64,
}

impl Excess {
    pub(super) fn of(cluster: &Cluster) -> Self {
        let staying: Vec<i32> =
            cluster.brokers.iter().filter(|broker| broker.stays()).map(|broker| broker.id).collect();
        let mut excess = Self::default();
        for topic in &cluster.topics {
            excess.replicas += above(topic.replicas.iter().flatten(), &staying);
            excess.leaders += above(topic.replicas.iter().filter_map(|replicas| replicas.first()), &staying);
        }
        excess
    }
}

fn above<'a>(holders: impl Iterator<Item = &'a i32>, staying: &[i32]) -> u64 {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for id in holders {
        *counts.entry(*id).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let limit = all.div_ceil(staying.len().max(1)) + 1;
    staying.iter().filter(|id| counts.get(id).is_some_and(|count| *count > limit)).count() as u64
}
