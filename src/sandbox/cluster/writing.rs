//! Batches are appended: in sync at once, but for followers that hang.

use super::Cluster;
use super::batch::{BatchHeader, Run};
use super::log::Rolling;
use super::partition::{Partition, bytes_f64};
use bytes::Bytes;
use std::collections::BTreeSet;

impl Cluster {
    /// What the leader does about followers that do not fetch. `replica.lag.time.max.ms` is taken for passed at once, so
    /// that a replica in sync always has the whole log.
    pub(crate) fn drop_the_silent_from_isr(&mut self, topic: &str, index: i32) {
        let running = self.running();
        if let Ok(partition) = self.partition_mut(topic, index) {
            only_running(partition, &running);
        }
    }

    /// Appends a batch whose header was read, and gives its base offset.
    pub(crate) fn append(&mut self, topic: &str, index: i32, header: BatchHeader, records: Bytes) -> Option<i64> {
        let rolling = self.rolling(topic);
        self.partition_mut(topic, index).ok().map(|partition| append(partition, Run::one(header, records), rolling))
    }
}

pub(super) fn only_running(partition: &mut Partition, running: &BTreeSet<i32>) {
    let leader = partition.leader;
    partition.isr.retain(|id| running.contains(id) || leader == Some(*id));
}

pub(super) fn append(partition: &mut Partition, run: Run, rolling: Rolling) -> i64 {
    let base = partition.log.append(run, partition.leader_epoch, rolling);
    let size = bytes_f64(partition.log.size());
    for broker in &partition.isr {
        partition.copied.insert(*broker, size);
    }
    base
}
