//! Topics come and go.

use super::config_keys::Scope;
use super::partition::Partition;
use super::{Cluster, Refusal, Topic, ids_text};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A topic that is asked for.
pub(crate) struct NewTopic {
    pub(crate) name: String,
    /// -1: the broker's default, or as many as `assignments` has.
    pub(crate) partitions: i32,
    /// -1: likewise.
    pub(crate) replication_factor: i16,
    /// Replicas by partition; empty to leave it to the controller.
    pub(crate) assignments: BTreeMap<i32, Vec<i32>>,
    pub(crate) configs: BTreeMap<String, String>,
}

/// More than any sandbox needs; a request for two thousand million partitions must not be obeyed.
pub(super) const MOST_PARTITIONS: i32 = 10_000;

impl Cluster {
    /// Creates a topic, or only checks it with `validate_only`. Gives its id, and how many partitions and replicas of
    /// each it has.
    pub(crate) fn create_topic(&mut self, new: &NewTopic, validate_only: bool) -> Result<(Uuid, i32, i16), Refusal> {
        let name = &new.name;
        check_name(name)?;
        if self.topics.contains_key(name) {
            let message = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ResponseError::TopicAlreadyExists, message));
        }
        for (key, value) in &new.configs {
            Scope::Topic.check(key, value).map_err(|message| Refusal::new(ResponseError::InvalidConfig, message))?;
        }
        let placement = if new.assignments.is_empty() { self.place(new)? } else { self.placement_as_asked(new)? };
        let living = self.living();
        let partitions: Vec<Partition> =
            placement.iter().map(|replicas| Partition::new(replicas.clone(), &|id| living.contains(&id))).collect();
        if partitions.iter().any(|partition| partition.leader.is_none()) {
            let message = "All brokers are currently fenced or in controlled shutdown.";
            return Err(Refusal::new(ResponseError::InvalidReplicationFactor, message));
        }
        let factor = placement.first().map_or(0, Vec::len);
        let (id, count) = (Uuid::new_v4(), placement.len());
        if !validate_only {
            let placed: Vec<String> = placement.iter().map(|replicas| ids_text(replicas)).collect();
            let set: Vec<String> = new.configs.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            self.counters.count("CreateTopics", format!("{name} {}{}", placed.join(","), set.concat()));
            self.topics.insert(name.clone(), Topic { id, partitions });
            self.restless.rouse_all();
            self.configs.topic_created(name, new.configs.clone());
        }
        Ok((id, i32::try_from(count).unwrap_or(i32::MAX), i16::try_from(factor).unwrap_or(i16::MAX)))
    }

    pub(crate) fn delete_topic(&mut self, name: &str) -> Result<Uuid, Refusal> {
        let topic = self.topics.remove(name).ok_or_else(|| {
            Refusal::new(ResponseError::UnknownTopicOrPartition, "This server does not host this topic-partition.")
        })?;
        self.configs.topic_deleted(name);
        self.producers.forget_topic(name);
        self.groups.topic_deleted(name);
        self.counters.count("DeleteTopics", name.to_owned());
        Ok(topic.id)
    }

    fn placement_as_asked(&self, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
        if new.partitions != -1 || new.replication_factor != -1 {
            let message = "Both partitions count and replication factor must be -1 where replicas are assigned.";
            return Err(Refusal::new(ResponseError::InvalidRequest, message));
        }
        let factor = new.assignments.values().next().map_or(0, Vec::len);
        for (place, (&index, replicas)) in new.assignments.iter().enumerate() {
            self.check_assignment(replicas)?;
            if usize::try_from(index) != Ok(place) || replicas.len() != factor {
                let message = "partitions should be a consecutive 0-based integer sequence, all with as many replicas.";
                return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message));
            }
        }
        Ok(new.assignments.values().cloned().collect())
    }

    /// Round robin, the living first; where it starts depends on the number of topics, so it is the same in each run.
    fn place(&self, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
        let partitions = if new.partitions == -1 { 1 } else { new.partitions };
        if !(1..=MOST_PARTITIONS).contains(&partitions) {
            let message = format!("Number of partitions was set to an invalid value: {partitions}.");
            return Err(Refusal::new(ResponseError::InvalidPartitions, message));
        }
        let asked = if new.replication_factor == -1 { 1 } else { new.replication_factor };
        let factor = usize::try_from(asked).unwrap_or(0);
        if factor == 0 || factor > self.brokers.len() {
            let message = format!(
                "Unable to replicate the partition {asked} time(s): only {} broker(s) are registered.",
                self.brokers.len()
            );
            return Err(Refusal::new(ResponseError::InvalidReplicationFactor, message));
        }
        let start = self.topics.len();
        let count = usize::try_from(partitions).unwrap_or(0);
        Ok((0..count).map(|at| self.row(start + at, factor)).collect())
    }
}

/// Kafka's rule for the names of topics.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name == "." || name == ".." || name.len() > 249 || !name.chars().all(legal) {
        let message = format!("Topic name is invalid: '{name}'");
        return Err(Refusal::new(ResponseError::InvalidTopicException, message));
    }
    Ok(())
}
