//! Cutting the moves of a topic into batches, so that no broker is busy with too many at once.

use super::moves::{PartitionMove, TopicMoves};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// Batches in which each broker takes part in at most `per_broker` moves: as the leader that sends, or as one that receives.
///
/// The largest partitions come first, so that partitions of like size share a batch and few brokers wait for the slowest. A
/// change of order alone keeps nobody busy and goes with the first batch.
pub fn batches(moves: &TopicMoves, per_broker: NonZeroUsize) -> Vec<Vec<PartitionMove>> {
    let mut partitions: Vec<&PartitionMove> = moves.partitions.iter().collect();
    partitions.sort_by_key(|partition| (Reverse(partition.moved_bytes()), partition.partition));
    let mut batches: Vec<(Vec<PartitionMove>, BTreeMap<i32, usize>)> = Vec::new();
    for partition in partitions {
        let busy = busy(partition);
        let fits = |load: &BTreeMap<i32, usize>| {
            busy.iter().all(|broker| load.get(broker).is_none_or(|moves| *moves < per_broker.get()))
        };
        let batch = batches.iter().position(|(_, load)| fits(load)).unwrap_or(batches.len());
        if batch == batches.len() {
            batches.push((Vec::new(), BTreeMap::new()));
        }
        for broker in busy {
            *batches[batch].1.entry(broker).or_default() += 1;
        }
        batches[batch].0.push(partition.clone());
    }
    batches.into_iter().map(|(moves, _)| moves).collect()
}

/// The brokers that a move keeps busy.
fn busy(partition: &PartitionMove) -> Vec<i32> {
    let mut brokers: Vec<i32> = partition.added().collect();
    if let (false, Some(leader)) = (brokers.is_empty(), partition.from.first()) {
        brokers.push(*leader);
    }
    brokers
}
