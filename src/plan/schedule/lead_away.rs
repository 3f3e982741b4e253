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
        let down = down(self);
        for (at, leader) in first_leaders(self) {
            let preferred = self.moves[at.topic].partitions[at.partition].from.first();
            // What a dead broker led, another one leads already.
            if preferred.is_some_and(|id| down.contains(id)) {
                continue;
            }
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

/// For moves of partitions that a leaving broker leads: who leads instead. The leads of one that is down are taken over by
/// the next replica in order, whoever wishes what.
pub(super) fn first_leaders(plan: &Plan) -> BTreeMap<MoveIndex, i32> {
    let down = down(plan);
    let taken_over = taken_over(plan, &down);
    let leaving = leaving(plan);
    if leaving.is_empty() {
        return taken_over;
    }
    let mut leaders = taken_over.clone();
    leaders.extend(spread(plan, &leaving, &down));
    let (before, after) = (Traffic::led_by(plan, &taken_over), Traffic::led_by(plan, &leaders));
    let is_shorter =
        after.bound(after.all()) < before.bound(before.all()) || after.bound_one_by_one() < before.bound_one_by_one();
    if is_shorter { leaders } else { taken_over }
}

/// The brokers that end empty and can still do something about it.
fn leaving(plan: &Plan) -> BTreeSet<i32> {
    let brokers = plan.certificate.brokers.iter().filter(|share| !share.down);
    brokers.filter(|share| share.replicas.before > 0 && share.replicas.after == 0).map(|share| share.broker).collect()
}

fn down(plan: &Plan) -> BTreeSet<i32> {
    plan.certificate.brokers.iter().filter(|share| share.down).map(|share| share.broker).collect()
}

fn taken_over(plan: &Plan, down: &BTreeSet<i32>) -> BTreeMap<MoveIndex, i32> {
    if down.is_empty() {
        return BTreeMap::new();
    }
    let moves = plan.moves.iter().enumerate().flat_map(|(topic, moves)| {
        let at = move |partition| MoveIndex { topic, partition };
        moves.partitions.iter().enumerate().map(move |(partition, one)| (at(partition), one))
    });
    let led_by_the_dead = moves.filter(|(_, one)| one.from.first().is_some_and(|id| down.contains(id)));
    led_by_the_dead.filter_map(|(at, one)| Some((at, *one.from.iter().find(|id| !down.contains(id))?))).collect()
}

/// The largest first, each to the one of its replicas that stay which has the least to send.
fn spread(plan: &Plan, leaving: &BTreeSet<i32>, down: &BTreeSet<i32>) -> BTreeMap<MoveIndex, i32> {
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
        let staying = one.from.iter().copied().filter(|id| one.to.contains(id) && !down.contains(id));
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
