//! What a plan may touch, and the refusals of what cannot be planned.

use super::state::{BrokerState, State, Topic};
use crate::error::Error;
use crate::suggestion::did_you_mean;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which topics are planned, and on which brokers they may end.
///
/// Topics outside the scope stay where they are and do not count: the level is that of the chosen topics alone, so a topic
/// that is planned on its own spreads over all brokers, whatever the others do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// These topics only; all without it.
    pub topics: Option<Vec<String>>,
    /// Not these.
    pub exclude: Vec<String>,
    /// The brokers that may hold the topics afterwards; without it all that are not leaving.
    pub brokers: Option<Vec<i32>>,
}

impl Scope {
    /// The ids of the brokers that may hold replicas afterwards.
    pub(super) fn target(&self, state: &State) -> Result<BTreeSet<i32>, Error> {
        let mut ids = BTreeSet::new();
        for broker in &state.brokers {
            if broker.id < 0 {
                return Err(malformed(format!("broker id {} is negative", broker.id)));
            }
            if !ids.insert(broker.id) {
                return Err(duplicate(format!("broker {} is in the state twice", broker.id)));
            }
        }
        let leaving = |id: i32| state.brokers.iter().any(|b| b.id == id && b.state == BrokerState::Leaving);
        let mut target = BTreeSet::new();
        match &self.brokers {
            None => target.extend(ids.iter().copied().filter(|id| !leaving(*id))),
            Some(wanted) => {
                for id in wanted {
                    if !ids.contains(id) {
                        let error = Error::new("UNKNOWN_BROKER", format!("there is no broker {id}"));
                        return Err(error.hint(format!("the brokers are {}", list(&ids))));
                    }
                    if leaving(*id) {
                        let error =
                            Error::new("BROKER_LEAVING", format!("broker {id} is leaving and cannot be a target"));
                        return Err(error.hint("leave it out of the target brokers, or do not mark it as leaving"));
                    }
                    if !target.insert(*id) {
                        return Err(duplicate(format!("broker {id} is named twice in the target brokers")));
                    }
                }
            }
        }
        if target.is_empty() {
            let error = Error::new("EMPTY_TARGET", "there is no broker left to hold the replicas");
            return Err(error.hint("name at least one broker that stays"));
        }
        Ok(target)
    }

    /// The chosen topics, those of Kafka itself last, each group by name.
    pub(super) fn choose<'a>(&self, state: &'a State) -> Result<Vec<&'a Topic>, Error> {
        let mut names = BTreeSet::new();
        for topic in &state.topics {
            if !names.insert(topic.name.as_str()) {
                return Err(malformed(format!("topic \"{}\" is in the state twice", topic.name)));
            }
        }
        for name in self.topics.iter().flatten().chain(&self.exclude) {
            if !names.contains(name.as_str()) {
                let error = Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no topic \"{name}\""));
                let hint = did_you_mean(name, names.iter().copied());
                return Err(error.hint(hint.unwrap_or_else(|| format!("the cluster has {} topics", names.len()))));
            }
        }
        let wanted: Option<BTreeSet<&str>> =
            self.topics.as_ref().map(|topics| topics.iter().map(String::as_str).collect());
        let excluded: BTreeSet<&str> = self.exclude.iter().map(String::as_str).collect();
        let chosen = |topic: &&Topic| {
            let name = topic.name.as_str();
            wanted.as_ref().is_none_or(|wanted| wanted.contains(name)) && !excluded.contains(name)
        };
        let mut topics: Vec<&Topic> = state.topics.iter().filter(chosen).collect();
        topics.sort_by_key(|topic| (topic.is_internal(), topic.name.as_str()));
        Ok(topics)
    }
}

/// Refuses a topic that cannot be planned on `target`, where `known` are all brokers.
pub(super) fn check(topic: &Topic, known: &BTreeSet<i32>, target: &BTreeSet<i32>) -> Result<(), Error> {
    let name = &topic.name;
    if topic.replicas.len() != topic.bytes.len() {
        let (partitions, sizes) = (topic.replicas.len(), topic.bytes.len());
        return Err(malformed(format!("topic \"{name}\" has {partitions} partitions and {sizes} sizes")));
    }
    for (partition, replicas) in topic.replicas.iter().enumerate() {
        let unique: BTreeSet<i32> = replicas.iter().copied().collect();
        let place = format!("partition {partition} of topic \"{name}\"");
        if replicas.is_empty() {
            return Err(malformed(format!("{place} has no replicas")));
        }
        if unique.len() < replicas.len() {
            return Err(malformed(format!("{place} has a broker twice in its replicas {replicas:?}")));
        }
        if let Some(dead) = unique.difference(known).next() {
            let error =
                Error::new("UNKNOWN_BROKER", format!("{place} has a replica on broker {dead}, which is not there"));
            return Err(error
                .hint(format!("start broker {dead}, or add it to the state as leaving, to move its replicas away")));
        }
        if replicas.len() > target.len() {
            let (factor, left) = (replicas.len(), target.len());
            let error = Error::new(
                "INVALID_REPLICATION_FACTOR",
                format!("{place} has {factor} replicas, and only {left} brokers may hold them: {}", list(target)),
            );
            return Err(error.hint("add brokers to the target, or lower the replication factor first"));
        }
    }
    Ok(())
}

fn list(ids: &BTreeSet<i32>) -> String {
    ids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn malformed(message: String) -> Error {
    Error::new("INVALID_STATE", message).hint("take the state of the cluster anew, or correct the state file")
}

fn duplicate(message: String) -> Error {
    Error::new("DUPLICATE_BROKER", message).hint("name each broker once")
}
