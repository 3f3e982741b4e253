//! The brokers' disks: one log dir each, and what happens when it is full.

use super::Cluster;
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of the disk of a broker of which nothing else is said.
const USUAL: u64 = 100_000_000_000;

#[derive(Debug, Default)]
pub(crate) struct Disks {
    /// Bytes in all, by broker.
    sizes: BTreeMap<i32, u64>,
    /// Brokers that ended because their disk was full, and whose sockets are still open.
    halted: Vec<i32>,
    /// When it was counted last what is on them.
    looked_at: Duration,
}

const LOOK_AGAIN: Duration = Duration::from_millis(200);

impl Cluster {
    /// Bytes in all.
    pub(crate) fn disk_size(&self, broker: i32) -> u64 {
        self.disks.sizes.get(&broker).copied().unwrap_or(USUAL)
    }

    pub(crate) fn set_disk_size(&mut self, broker: i32, bytes: u64) {
        self.disks.sizes.insert(broker, bytes);
    }

    /// Bytes of all replicas on a broker.
    pub(crate) fn disk_used(&self, broker: i32) -> u64 {
        let partitions = self.topics.values().flat_map(|topic| &topic.partitions);
        partitions.filter_map(|partition| partition.size_on(broker)).sum()
    }

    /// A write that does not fit fails the log dir, and a broker without another log dir halts (KIP-112). Started again, it
    /// halts again unless there is room. Only disks of which a size was said are looked at, and not at every moment: all
    /// replicas have to be counted for that.
    pub(super) fn fail_full_disks(&mut self) {
        if self.disks.sizes.is_empty() || self.now < self.disks.looked_at + LOOK_AGAIN {
            return;
        }
        self.disks.looked_at = self.now;
        let mut used: BTreeMap<i32, u64> = BTreeMap::new();
        for partition in self.topics.values().flat_map(|topic| &topic.partitions) {
            for &broker in partition.copied.keys() {
                *used.entry(broker).or_default() += partition.size_on(broker).unwrap_or(0);
            }
        }
        let running = self.running();
        let is_full = |id: &i32, size: u64| running.contains(id) && used.get(id).is_some_and(|used| *used > size);
        let full: Vec<i32> =
            self.disks.sizes.iter().filter(|(id, size)| is_full(id, **size)).map(|(id, _)| *id).collect();
        for id in full {
            self.kill_broker(id);
            self.disks.halted.push(id);
        }
    }

    /// Those that have halted since this was asked last.
    pub(crate) fn take_halted(&mut self) -> Vec<i32> {
        std::mem::take(&mut self.disks.halted)
    }
}
