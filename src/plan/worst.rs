//! The topic that is spread worst: a broker with many of its replicas feels every burst of it.

use super::job::Job;
use super::moves::TopicMoves;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One topic's load on one broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicShare {
    pub topic: String,
    pub broker: i32,
    /// Replicas of the topic on this broker afterwards.
    pub replicas: u64,
    /// What each broker would have if the topic were spread evenly, rounded up.
    pub even: u64,
}

/// The topic and broker that are furthest above an even spread, the first by order of topics and brokers. `None` where no
/// broker has more than an even share.
pub(super) fn topic(job: &Job, moves: &[TopicMoves]) -> Option<TopicShare> {
    let staying = job.seats.iter().filter(|seat| seat.stays).count().max(1) as u64;
    let changed: BTreeMap<&str, &TopicMoves> = moves.iter().map(|moves| (moves.topic.as_str(), moves)).collect();
    let mut worst: Option<(u64, TopicShare)> = None;
    let mut next = 0;
    for (topic, name) in (0_u32..).zip(&job.topics) {
        let first = next;
        next += job.partitions[first..].iter().take_while(|partition| partition.topic == topic).count();
        let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
        for partition in first..next {
            for id in job.original(partition) {
                *counts.entry(id).or_default() += 1;
            }
        }
        if let Some(moves) = changed.get(name.as_str()) {
            for partition in &moves.partitions {
                partition.removed().for_each(|id| *counts.entry(id).or_default() -= 1);
                partition.added().for_each(|id| *counts.entry(id).or_default() += 1);
            }
        }
        let even = counts.values().sum::<u64>().div_ceil(staying);
        let most = counts.into_iter().max_by_key(|(id, count)| (*count, std::cmp::Reverse(*id)));
        let Some((broker, replicas)) = most.filter(|(_, count)| *count > even) else { continue };
        if worst.as_ref().is_none_or(|(above, _)| replicas - even > *above) {
            worst = Some((replicas - even, TopicShare { topic: name.clone(), broker, replicas, even }));
        }
    }
    worst.map(|(_, share)| share)
}
