//! The partitions that time can change: of a hundred thousand nearly all are at rest, and a tick looks only at the others.

use super::Cluster;
use super::partition::{Partition, bytes_f64};
use std::collections::BTreeSet;

#[derive(Debug)]
pub(super) struct Restless {
    /// Something happened to the cluster as a whole: any may be restless.
    any: bool,
    some: BTreeSet<(String, usize)>,
}

impl Default for Restless {
    fn default() -> Self {
        Self { any: true, some: BTreeSet::new() }
    }
}

impl Restless {
    pub(super) fn rouse(&mut self, topic: &str, partition: usize) {
        if !self.any {
            self.some.insert((topic.to_owned(), partition));
        }
    }

    pub(super) fn rouse_all(&mut self) {
        self.any = true;
    }

    /// By topic and number, in order; complete since the last [`Cluster::find_the_restless`].
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.some.iter().map(|(topic, partition)| (topic.as_str(), *partition))
    }
}

impl Cluster {
    pub(super) fn find_the_restless(&mut self) {
        if std::mem::take(&mut self.restless.any) {
            let numbered = self.topics.iter().flat_map(|(name, topic)| {
                topic.partitions.iter().enumerate().map(move |(number, partition)| (name, number, partition))
            });
            let restless = numbered.filter(|(_, _, partition)| !is_at_rest(partition));
            self.restless.some = restless.map(|(name, number, _)| (name.clone(), number)).collect();
        }
    }

    pub(super) fn leave_those_at_rest(&mut self) {
        let topics = &self.topics;
        let find = |topic: &str, number: usize| topics.get(topic)?.partitions.get(number);
        self.restless.some.retain(|(topic, number)| find(topic, *number).is_some_and(|one| !is_at_rest(one)));
    }
}

/// Every replica has the whole log and is in sync, and none comes or goes.
fn is_at_rest(partition: &Partition) -> bool {
    let size = bytes_f64(partition.log.size());
    !partition.is_moving()
        && partition.isr.len() == partition.replicas.len()
        && partition.copied.values().all(|copied| size - copied < 0.5)
}
