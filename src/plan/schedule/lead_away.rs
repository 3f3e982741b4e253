//! Leadership goes off a leaving broker before anything is copied.
//!
//! New replicas are fetched from the leader. A broker that leaves leads a third or so of what it holds, and would send all of
//! that by itself; with these leads spread over the replicas that stay, the receiving brokers set the time (a drain of one of
//! thirty brokers takes 40 to 45 % less, by the fluid model).

use super::MoveIndex;
use super::traffic::Traffic;
use crate::plan::{PartitionMove, Plan, TopicMoves};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// The changes of order that come before the moves; none where no broker leaves, or where it saves no time.
    ///
    /// No data moves for them. The order that each partition ends in is that of its move.
    pub fn lead_away(&self) -> Vec<TopicMoves> {
        let mut topics: Vec<TopicMoves> = Vec::new();
        let mut last = None;
        for (at, leader) in first_leaders(self) {
            let moves = &self.moves[at.topic];
            if last.replace(at.topic) != Some(at.topic) {
                topics.push(TopicMoves { topic: moves.topic.clone(), partitions: Vec::new() });
            }
            let one = &moves.partitions[at.partition];
            let others = one.from.iter().copied().filter(|id| *id != leader);
            let to = std::iter::once(leader).chain(others).collect();
            if let Some(topic) = topics.last_mut() {
                topic.partitions.push(PartitionMove { to, ..one.clone() });
            }
        }
        topics
    }
}

/// For moves of partitions that a leaving broker leads: who leads instead.
pub(super) fn first_leaders(plan: &Plan) -> BTreeMap<MoveIndex, i32> {
    let leaving = leaving(plan);
    if leaving.is_empty() {
        return BTreeMap::new();
    }
    let leaders = spread(plan, &leaving);
    let (before, after) = (Traffic::led_by(plan, &BTreeMap::new()), Traffic::led_by(plan, &leaders));
    let is_shorter =
        after.bound(after.all()) < before.bound(before.all()) || after.bound_one_by_one() < before.bound_one_by_one();
    if is_shorter { leaders } else { BTreeMap::new() }
}

/// The brokers that end empty.
fn leaving(plan: &Plan) -> BTreeSet<i32> {
    let brokers = plan.certificate.brokers.iter();
    brokers.filter(|share| share.replicas.before > 0 && share.replicas.after == 0).map(|share| share.broker).collect()
}

/// The largest first, each to the one of its replicas that stay which has the least to send.
fn spread(plan: &Plan, leaving: &BTreeSet<i32>) -> BTreeMap<MoveIndex, i32> {
    let mut sends: BTreeMap<i32, u64> = BTreeMap::new();
    let mut to_spread = Vec::new();
    for (topic, moves) in plan.moves.iter().enumerate() {
        for (partition, one) in moves.partitions.iter().enumerate() {
            let Some(leader) = one.from.first().filter(|_| one.added().next().is_some()) else { continue };
            if leaving.contains(leader) && one.from.iter().any(|id| one.to.contains(id)) {
                to_spread.push((Reverse(one.moved_bytes()), MoveIndex { topic, partition }, one));
            } else {
                add(&mut sends, *leader, one.moved_bytes());
            }
        }
    }
    to_spread.sort_unstable_by_key(|(bytes, at, _)| (*bytes, *at));
    let mut leaders = BTreeMap::new();
    for (Reverse(bytes), at, one) in to_spread {
        let staying = one.from.iter().copied().filter(|id| one.to.contains(id));
        let least = staying.min_by_key(|id| (sends.get(id).copied().unwrap_or(0), *id));
        if let Some(leader) = least {
            add(&mut sends, leader, bytes);
            leaders.insert(at, leader);
        }
    }
    leaders
}

fn add(sends: &mut BTreeMap<i32, u64>, broker: i32, bytes: u64) {
    let sum = sends.entry(broker).or_default();
    *sum = sum.saturating_add(bytes);
}
