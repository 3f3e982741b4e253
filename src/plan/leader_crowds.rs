//! Topics whose leaders crowd on a broker: two partitions that have changed their leaders exchange them, for nothing.

use super::leaders::Leaders;

const ROUNDS: usize = 3;
/// Among how many partitions of a broker one is looked for that comes in return.
const LOOK: usize = 1024;

impl Leaders<'_> {
    /// Takes leaders from brokers that have more of their topic than the limit.
    pub(super) fn disperse(&mut self) {
        for _ in 0..ROUNDS {
            let crowded = |partition: &usize| self.has_changed(*partition) && self.is_crowded(*partition);
            let crowded: Vec<usize> = (0..self.job.partitions.len()).filter(crowded).collect();
            let mut changed = false;
            for partition in crowded {
                changed |= self.is_crowded(partition) && self.relieve(partition);
            }
            if !changed {
                return;
            }
        }
    }

    fn is_crowded(&self, partition: usize) -> bool {
        let topic = self.partition(partition).topic;
        self.of_topic(topic, self.leader(partition)) > self.most(topic)
    }

    /// Hands the partition to another replica, and one that is led there comes back for it.
    fn relieve(&mut self, partition: usize) -> bool {
        let (topic, from) = (self.partition(partition).topic, self.leader(partition));
        for slot in self.partition(partition).slots() {
            let to = self.now[slot] as usize;
            if to == from || self.would_crowd(topic, to) {
                continue;
            }
            if let Some((other, back)) = self.in_return(topic, to, from) {
                self.hand_over(partition, slot);
                self.hand_over(other, back);
                return true;
            }
        }
        false
    }

    /// A partition of another topic, led by `by`, that `to` could lead as well, and its slot there.
    fn in_return(&self, topic: u32, by: usize, to: usize) -> Option<(usize, usize)> {
        self.led[by].iter().take(LOOK).map(|other| *other as usize).find_map(|other| {
            let partition = self.partition(other);
            if partition.topic == topic || !self.has_changed(other) {
                return None;
            }
            let slot = partition.slots().find(|slot| self.now[*slot] as usize == to)?;
            (!self.would_crowd(partition.topic, to)).then_some((other, slot))
        })
    }
}
