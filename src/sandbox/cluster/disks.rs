//! The brokers' disks: one log dir each, and what happens when it is full.

use super::Cluster;
use super::partition::bytes_f64;
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of the disk of a broker of which nothing else is said.
pub(crate) const USUAL: u64 = 100_000_000_000;

#[derive(Debug, Default)]
pub(crate) struct Disks {
    /// Bytes in all, by broker.
    sizes: BTreeMap<i32, u64>,
    /// Brokers that ended because their disk was full, and whose sockets are still open.
    halted: Vec<i32>,
    /// When it was counted last what is on them, and how many bytes fitted in then, less what was copied since.
    looked_at: Duration,
    room: BTreeMap<i32, f64>,
}

const LOOK_AGAIN: Duration = Duration::from_millis(200);

impl Cluster {
    /// Bytes in all.
    pub(crate) fn disk_size(&self, broker: i32) -> u64 {
        self.disks.sizes.get(&broker).copied().unwrap_or(USUAL)
    }

    pub(crate) fn set_disk_size(&mut self, broker: i32, bytes: u64) {
        self.disks.sizes.insert(broker, bytes);
        // To be counted at once.
        self.disks.room.insert(broker, -1.0);
    }

    /// Bytes of all replicas on a broker, and of segments that are deleted and not gone yet.
    pub(crate) fn disk_used(&self, broker: i32) -> u64 {
        let partitions = self.topics.values().flat_map(|topic| &topic.partitions);
        let held: u64 = partitions.filter_map(|partition| partition.size_on(broker)).sum();
        held + self.cleaning.not_yet_free(broker)
    }

    /// Some bytes were copied to a broker.
    pub(super) fn fills(&mut self, broker: i32, bytes: f64) {
        if let Some(room) = self.disks.room.get_mut(&broker) {
            *room -= bytes;
        }
    }

    /// A write that does not fit fails the log dir, and a broker without another log dir halts (KIP-112). Started again, it
    /// halts again unless there is room. Only disks of which a size was said are looked at, and not at every moment: all
    /// replicas have to be counted for that.
    pub(super) fn fail_full_disks(&mut self) {
        let is_near = self.disks.room.values().any(|room| *room < 0.0);
        if self.disks.sizes.is_empty() || !is_near && self.now < self.disks.looked_at + LOOK_AGAIN {
            return;
        }
        self.disks.looked_at = self.now;
        let mut used: BTreeMap<i32, u64> = BTreeMap::new();
        for partition in self.topics.values().flat_map(|topic| &topic.partitions) {
            for &broker in partition.copied.keys() {
                *used.entry(broker).or_default() += partition.size_on(broker).unwrap_or(0);
            }
        }
        let used = |id: &i32| used.get(id).copied().unwrap_or(0) + self.cleaning.not_yet_free(*id);
        let room = |(id, size): (&i32, &u64)| (*id, bytes_f64(*size) - bytes_f64(used(id)));
        self.disks.room = self.disks.sizes.iter().map(room).collect();
        let running = self.running();
        let is_full = |(id, room): &(&i32, &f64)| running.contains(id) && **room < 0.0;
        let full: Vec<i32> = self.disks.room.iter().filter(is_full).map(|(id, _)| *id).collect();
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
