//! Brokers whose metadata are behind: what the controller told them last is some time old.

use super::partition::Partition;
use super::{Broker, Cluster, Topic};
use std::collections::BTreeMap;

/// What a broker knew at one moment.
#[derive(Debug)]
pub(crate) struct Seen {
    brokers: BTreeMap<i32, Broker>,
    topics: BTreeMap<String, Topic>,
    controller: i32,
}

/// What a broker tells when it is asked about the cluster.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) brokers: &'a BTreeMap<i32, Broker>,
    pub(crate) topics: &'a BTreeMap<String, Topic>,
    /// -1 where there is none.
    pub(crate) controller: i32,
}

impl View<'_> {
    pub(crate) fn is_alive(&self, broker: i32) -> bool {
        self.brokers.get(&broker).is_some_and(|broker| broker.alive)
    }
}

impl Cluster {
    /// The cluster as this broker knows it.
    pub(crate) fn view(&self, broker: i32) -> View<'_> {
        match self.stale.get(&broker) {
            Some(seen) => View { brokers: &seen.brokers, topics: &seen.topics, controller: seen.controller },
            None => View { brokers: &self.brokers, topics: &self.topics, controller: self.advertised_controller() },
        }
    }

    /// From now on the broker hears of no change any more.
    pub(crate) fn freeze_metadata(&mut self, broker: i32) {
        let known = |topic: &Topic| Topic {
            id: topic.id,
            partitions: topic.partitions.iter().map(Partition::without_data).collect(),
        };
        let topics = self.topics.iter().map(|(name, topic)| (name.clone(), known(topic))).collect();
        let seen = Seen { brokers: self.brokers.clone(), topics, controller: self.advertised_controller() };
        self.stale.insert(broker, seen);
    }

    /// It hears of everything again; so does one that starts.
    pub(crate) fn thaw_metadata(&mut self, broker: i32) {
        self.stale.remove(&broker);
    }
}
