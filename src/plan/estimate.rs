//! How long a plan takes at a throttle.

use super::moves::PartitionMove;
use crate::quantity::Rate;
use std::collections::BTreeMap;
use std::time::Duration;

/// The time for batches one after another, where each broker receives at most `rate` and sends at most `rate`.
///
/// A batch takes as long as its busiest broker. New replicas are copied from the leader. The time for starting a batch and
/// for seeing that it is done is not in it.
pub fn estimate(batches: &[Vec<PartitionMove>], rate: Rate) -> Duration {
    batches.iter().map(|batch| estimate_batch(batch, rate)).fold(Duration::ZERO, Duration::saturating_add)
}

/// The time for one batch.
pub fn estimate_batch(batch: &[PartitionMove], rate: Rate) -> Duration {
    let (mut received, mut sent) = (BTreeMap::<i32, u64>::new(), BTreeMap::<i32, u64>::new());
    let add = |load: &mut BTreeMap<i32, u64>, broker: i32, bytes: u64| {
        let sum = load.entry(broker).or_default();
        *sum = sum.saturating_add(bytes);
    };
    for partition in batch {
        for broker in partition.added() {
            add(&mut received, broker, partition.bytes);
        }
        if let Some(leader) = partition.from.first() {
            add(&mut sent, *leader, partition.moved_bytes());
        }
    }
    let most = received.values().chain(sent.values()).max().copied().unwrap_or(0);
    let millis = u128::from(most) * 1000 / u128::from(rate.bytes_per_second());
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
