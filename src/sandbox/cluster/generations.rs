//! Brokers of several releases in one cluster: which of them can fetch from which.

use super::Cluster;
use crate::sandbox::guise::{Guise, Line};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Who does not fetch from whom.
#[derive(Debug, Default)]
pub(crate) struct Generations {
    /// Follower and leader: the follower speaks a protocol that the leader's release does not know yet.
    apart: BTreeSet<(i32, i32)>,
    /// Brokers that fetch nothing until this time of the cluster.
    held_back: BTreeMap<i32, Duration>,
}

impl Generations {
    pub(super) fn may_fetch(&self, follower: i32, leader: i32, now: Duration) -> bool {
        !self.apart.contains(&(follower, leader)) && self.held_back.get(&follower).is_none_or(|until| now >= *until)
    }
}

impl Cluster {
    /// The release that a broker is of.
    pub(crate) fn guise_of(&self, broker: i32) -> Guise {
        self.brokers.get(&broker).map_or(self.guise, |broker| broker.guise)
    }

    /// From now on a broker is of this release and speaks this protocol to the others (with `ZooKeeper`; with `KRaft` the
    /// cluster's `metadata.version` sees to it that all understand each other). For a while it fetches nothing.
    pub(crate) fn set_generation(&mut self, id: i32, guise: Guise, protocol: Line, fetches_after: Duration) {
        if let Some(broker) = self.brokers.get_mut(&id) {
            (broker.guise, broker.protocol) = (guise, protocol);
        }
        self.generations.held_back.remove(&id);
        if !fetches_after.is_zero() {
            self.generations.held_back.insert(id, self.now + fetches_after);
        }
        self.generations.apart = self.apart();
        self.restless.rouse_all();
    }

    fn apart(&self) -> BTreeSet<(i32, i32)> {
        let brokers = || self.brokers.iter().map(|(&id, broker)| (id, broker));
        let newest = brokers().map(|(_, broker)| broker.protocol).max();
        let oldest = brokers().map(|(_, broker)| broker.guise.line()).min();
        if !self.guise.has_zookeeper() || newest <= oldest {
            return BTreeSet::new();
        }
        let leaders_of = |(follower, own): (i32, &super::Broker)| {
            let protocol = own.protocol;
            let too_old = brokers().filter(move |(_, leader)| leader.guise.line() < protocol);
            too_old.map(move |(leader, _)| (follower, leader)).collect::<Vec<_>>()
        };
        brokers().flat_map(leaders_of).filter(|(follower, leader)| follower != leader).collect()
    }

    /// Those that a broker cannot fetch from, and those that cannot fetch from it, by the protocol.
    pub(crate) fn apart_from(&self, id: i32) -> (Vec<i32>, Vec<i32>) {
        let apart = &self.generations.apart;
        let leaders = apart.iter().filter(|(follower, _)| *follower == id).map(|(_, leader)| *leader);
        let followers = apart.iter().filter(|(_, leader)| *leader == id).map(|(follower, _)| *follower);
        (leaders.collect(), followers.collect())
    }

    /// Leaders take followers out of the ISR that cannot fetch from them; `replica.lag.time.max.ms` is taken for passed.
    pub(super) fn drop_who_cannot_fetch(&mut self) {
        if self.generations.apart.is_empty() {
            return;
        }
        let apart = &self.generations.apart;
        for (name, topic) in &mut self.topics {
            for (index, partition) in topic.partitions.iter_mut().enumerate() {
                let Some(leader) = partition.leader else { continue };
                let before = partition.isr.len();
                partition.isr.retain(|id| !apart.contains(&(*id, leader)));
                if partition.isr.len() < before {
                    self.restless.rouse(name, index);
                }
            }
        }
    }
}
