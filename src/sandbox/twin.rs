//! A cluster that is copied: its brokers, where its replicas lie and how large they are. No records, so nothing can be read.

use super::cluster::partition::bytes_f64;
use super::cluster::{Cluster, NewTopic};
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a state file says that a sandbox can be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Where it was read from.
    pub file: PathBuf,
    pub brokers: Vec<TwinBroker>,
    pub topics: Vec<TwinTopic>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinBroker {
    pub id: i32,
    pub rack: Option<String>,
    /// One that is not is dead from the beginning.
    pub registered: bool,
    /// Bytes of all of its disks, where that is known.
    pub disk: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinTopic {
    pub name: String,
    /// By partition; the first is the preferred leader.
    pub replicas: Vec<Vec<i32>>,
    /// Bytes of one replica, by partition; what is not known counts as nothing.
    pub bytes: Vec<u64>,
    /// What is set on the topic itself.
    pub configs: BTreeMap<String, String>,
}

/// Ports and sockets of one process.
const MOST_BROKERS: usize = 200;

impl Twin {
    pub(super) fn check(&self) -> Result<(), Error> {
        let ids: BTreeSet<i32> = self.brokers.iter().map(|broker| broker.id).collect();
        let invalid = |what: String| {
            let message = format!("{} cannot be made into a sandbox: {what}", self.file.display());
            Err(Error::new("SANDBOX_OPTION_INVALID", message))
        };
        if ids.is_empty() || ids.len() > MOST_BROKERS || ids.len() < self.brokers.len() {
            let has = format!("it has {} brokers, of which {} differ", self.brokers.len(), ids.len());
            return invalid(format!("{has}, and between 1 and {MOST_BROKERS} are possible"));
        }
        let unknown = |topic: &TwinTopic| topic.replicas.iter().flatten().find(|id| !ids.contains(id)).copied();
        match self.topics.iter().find_map(|topic| Some((&topic.name, unknown(topic)?))) {
            Some((name, id)) => invalid(format!("topic {name} has a replica on broker {id}, which is not in it")),
            None => Ok(()),
        }
    }

    /// Fills a cluster that has these brokers and no topics.
    pub(super) fn fill(&self, cluster: &mut Cluster) -> Result<(), Error> {
        for topic in &self.topics {
            let new = NewTopic {
                name: topic.name.clone(),
                partitions: -1,
                replication_factor: -1,
                assignments: (0..).zip(topic.replicas.iter().cloned()).collect(),
                configs: topic.configs.clone(),
            };
            let made = cluster.create_topic(&new, false);
            made.map_err(|refusal| self.refused(&topic.name, &refusal.message))?;
            let partitions = cluster.topics.get_mut(&topic.name).map(|made| &mut made.partitions).into_iter().flatten();
            for (partition, bytes) in partitions.zip(topic.bytes.iter().copied().chain(std::iter::repeat(0))) {
                partition.log.begin_with(bytes);
                partition.copied.values_mut().for_each(|copied| *copied = bytes_f64(bytes));
            }
        }
        for broker in &self.brokers {
            if let Some(bytes) = broker.disk {
                cluster.set_disk_size(broker.id, bytes);
            }
            if !broker.registered {
                cluster.kill_broker(broker.id);
            }
        }
        cluster.counters = super::cluster::counters::Counters::default();
        Ok(())
    }

    fn refused(&self, topic: &str, why: &str) -> Error {
        let message = format!("{}: topic {topic} cannot be made: {why}", self.file.display());
        Error::new("SANDBOX_OPTION_INVALID", message)
    }
}
