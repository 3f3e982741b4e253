//! The reassignment JSON of Kafka's own tool, and a cluster after it was carried out.

use super::Cluster;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reassignment {
    pub(crate) version: u32,
    pub(crate) partitions: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) topic: String,
    pub(crate) partition: usize,
    pub(crate) replicas: Vec<i32>,
}

impl Reassignment {
    /// The cluster with these replicas; what is not named stays. An entry that Kafka would refuse is an error, and so is one
    /// that contradicts another.
    pub(crate) fn carried_out(&self, before: &Cluster) -> Result<Cluster, String> {
        if self.version != 1 {
            return Err(format!("version {} of the format", self.version));
        }
        let brokers: BTreeSet<i32> = before.brokers.iter().map(|broker| broker.id).collect();
        let topics: BTreeMap<&str, usize> =
            before.topics.iter().enumerate().map(|(at, topic)| (topic.name.as_str(), at)).collect();
        let mut after = before.clone();
        let mut seen = BTreeSet::new();
        for entry in &self.partitions {
            let place = format!("{}-{}", entry.topic, entry.partition);
            let topic = *topics.get(entry.topic.as_str()).ok_or_else(|| format!("there is no topic of {place}"))?;
            let replicas = after.topics[topic].replicas.get_mut(entry.partition);
            let replicas = replicas.ok_or_else(|| format!("there is no {place}"))?;
            if !seen.insert((topic, entry.partition)) {
                return Err(format!("{place} is there twice"));
            }
            if let Some(stranger) = entry.replicas.iter().find(|id| !brokers.contains(id)) {
                return Err(format!("{place} would go to broker {stranger}, which is not there"));
            }
            if entry.replicas.is_empty() {
                return Err(format!("{place} would have no replica"));
            }
            if entry.replicas.iter().collect::<BTreeSet<_>>().len() < entry.replicas.len() {
                return Err(format!("{place} would be on one broker twice"));
            }
            replicas.clone_from(&entry.replicas);
        }
        Ok(after)
    }
}
