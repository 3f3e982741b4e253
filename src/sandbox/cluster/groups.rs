//! All consumer groups: who coordinates each, and what each has committed.

use super::group::Group;
use super::topics::NewTopic;
use super::{Cluster, Refusal};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where Kafka keeps groups; it comes into being when somebody asks for a coordinator.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// `offsets.topic.num.partitions` and `offsets.topic.replication.factor`.
const PARTITIONS: i32 = 50;
const REPLICAS: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) by_id: BTreeMap<String, Group>,
    pub(crate) committed: BTreeMap<String, Committed>,
}

/// By topic and partition.
pub(crate) type Committed = BTreeMap<(String, i32), Commit>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
}

impl Groups {
    /// Members fall silent; a group without members and offsets is forgotten.
    pub(crate) fn advance(&mut self, now: Duration) {
        self.by_id.values_mut().for_each(|group| group.expire(now));
        let committed = &self.committed;
        self.by_id.retain(|id, group| !group.is_empty() || committed.contains_key(id));
    }

    pub(crate) fn topic_deleted(&mut self, topic: &str) {
        for committed in self.committed.values_mut() {
            committed.retain(|(name, _), _| name != topic);
        }
        self.committed.retain(|_, committed| !committed.is_empty());
    }
}

impl Cluster {
    /// The broker that coordinates a group. The topic of the groups is made where it is missing.
    pub(crate) fn coordinator(&mut self, group: &str) -> Option<i32> {
        if !self.topics.contains_key(OFFSETS_TOPIC) {
            self.make_offsets_topic();
        }
        self.coordinator_now(group)
    }

    fn coordinator_now(&self, group: &str) -> Option<i32> {
        self.partition(OFFSETS_TOPIC, partition_of(group))?.leader
    }

    /// Whether `broker` may answer for a group.
    pub(crate) fn check_coordinator(&self, group: &str, broker: i32) -> Result<(), Refusal> {
        if group.is_empty() {
            return Err(Refusal::new(ResponseError::InvalidGroupId, "The group id is empty."));
        }
        match self.coordinator_now(group) {
            Some(coordinator) if coordinator == broker => Ok(()),
            _ => Err(Refusal::new(ResponseError::NotCoordinator, "This is not the correct coordinator.")),
        }
    }

    /// The groups that a broker coordinates.
    pub(crate) fn groups_of(&self, broker: i32) -> impl Iterator<Item = (&String, &Group)> {
        self.groups.by_id.iter().filter(move |(id, _)| self.coordinator_now(id) == Some(broker))
    }

    /// Takes an empty group away with all that it has committed.
    pub(crate) fn delete_group(&mut self, id: &str) -> Result<(), Refusal> {
        let group = self.groups.by_id.get(id);
        let group = group.ok_or_else(|| Refusal::new(ResponseError::GroupIdNotFound, "There is no such group."))?;
        if !group.is_empty() {
            return Err(Refusal::new(ResponseError::NonEmptyGroup, "The group is not empty."));
        }
        self.groups.by_id.remove(id);
        self.groups.committed.remove(id);
        self.counters.count("DeleteGroups", id.to_owned());
        Ok(())
    }

    /// As brokers make it by themselves: no request of a client, so it is not counted.
    fn make_offsets_topic(&mut self) {
        let living: Vec<i32> = self.living().into_iter().collect();
        if living.is_empty() {
            return;
        }
        let replicas = |index: i32| {
            let mut ids = living.clone();
            ids.rotate_left(usize::try_from(index).unwrap_or(0) % living.len());
            ids.truncate(REPLICAS);
            ids
        };
        let configs = [("cleanup.policy", "compact"), ("compression.type", "producer"), ("segment.bytes", "104857600")];
        let new = NewTopic {
            name: OFFSETS_TOPIC.to_owned(),
            partitions: -1,
            replication_factor: -1,
            assignments: (0..PARTITIONS).map(|index| (index, replicas(index))).collect(),
            configs: configs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        let counters = self.counters.clone();
        // It cannot be refused: the name is legal and new, and the brokers live.
        let _ = self.create_topic(&new, false);
        self.counters = counters;
    }
}

/// Java's hash of a string, without its sign, over the partitions.
fn partition_of(group: &str) -> i32 {
    let hash = group.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % PARTITIONS
}

#[cfg(test)]
mod tests {
    use super::partition_of;

    #[test]
    fn a_group_has_the_partition_that_kafka_gives_it() {
        // "test".hashCode() is 3556498, and "console-consumer-1".hashCode() is negative.
        assert_eq!(partition_of("test"), 48);
        assert!((0..50).contains(&partition_of("console-consumer-1")));
    }
}
