//! The simulated cluster: its state, and what changes it. No I/O and no clock; time passes through [`Cluster::advance`].

pub(crate) mod batch;
mod cleaning;
pub(crate) mod config_keys;
pub(crate) mod configs;
pub(crate) mod controller;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod convergence;
pub(crate) mod counters;
pub(crate) mod disks;
pub(crate) mod dump;
pub(crate) mod effective;
pub(crate) mod generations;
pub(crate) mod group;
pub(crate) mod groups;
mod growth;
mod liveness;
pub(crate) mod log;
pub(crate) mod partition;
mod pauses;
pub(crate) mod producers;
mod reassignment;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod rebalances;
pub(crate) mod record_times;
mod replication;
mod restless;
mod sharing;
pub(crate) mod stale;
pub(crate) mod streams;
mod topics;
mod writing;

pub(crate) use pauses::Process;
pub(crate) use topics::{NewTopic, check_name};

use crate::sandbox::guise::{Guise, Line};
use cleaning::Cleaning;
use configs::Configs;
use controller::Controller;
use counters::Counters;
use disks::Disks;
use generations::Generations;
use groups::Groups;
use kafka_protocol::error::ResponseError;
use partition::{Election, Partition};
use producers::Producers;
use restless::Restless;
use stale::Seen;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use streams::Stream;
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct Cluster {
    /// Kafka's cluster id: 22 characters.
    pub(crate) id: String,
    /// Every registered broker, by id.
    pub(crate) brokers: BTreeMap<i32, Broker>,
    pub(crate) topics: BTreeMap<String, Topic>,
    pub(crate) configs: Configs,
    pub(crate) counters: Counters,
    pub(crate) producers: Producers,
    pub(crate) groups: Groups,
    /// Time that has passed since the start.
    pub(crate) now: Duration,
    /// Bytes per second that a broker can take in from the leaders of its replicas.
    pub(crate) copy_rate: u64,
    pub(crate) guise: Guise,
    pub(crate) controller: Controller,
    /// How long the controller waits for a broker that does not say anything before it fences it.
    pub(crate) session_timeout: Duration,
    restless: Restless,
    generations: Generations,
    /// What brokers that are behind believe, by their ids.
    stale: BTreeMap<i32, Seen>,
    disks: Disks,
    cleaning: Cleaning,
    /// What is written without a client, by topic.
    streams: BTreeMap<String, Stream>,
}

#[derive(Debug, Clone)]
pub(crate) struct Broker {
    pub(crate) port: u16,
    pub(crate) rack: Option<String>,
    /// Registered and not fenced: what the controller believes.
    pub(crate) alive: bool,
    /// What is really the matter with it.
    pub(crate) process: Process,
    /// The release that it is of, and the protocol that it speaks to other brokers.
    pub(crate) guise: Guise,
    pub(crate) protocol: Line,
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) partitions: Vec<Partition>,
}

/// A request, or a part of one, that Kafka would refuse.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: ResponseError,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: ResponseError, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Cluster {
    /// A cluster of living brokers without a topic.
    pub(crate) fn new(id: String, ports: &BTreeMap<i32, u16>, copy_rate: u64, guise: Guise) -> Self {
        Self {
            id,
            brokers: ports
                .iter()
                .map(|(&id, &port)| {
                    let (process, protocol) = (Process::Up, guise.line());
                    (id, Broker { port, rack: None, alive: true, process, guise, protocol })
                })
                .collect(),
            topics: BTreeMap::new(),
            configs: Configs::default(),
            counters: Counters::default(),
            producers: Producers::default(),
            groups: Groups::default(),
            now: Duration::ZERO,
            copy_rate,
            guise,
            controller: Controller::new(guise, ports.keys().next().copied()),
            session_timeout: guise.session_timeout(),
            restless: Restless::default(),
            generations: Generations::default(),
            stale: BTreeMap::new(),
            disks: Disks::default(),
            cleaning: Cleaning::default(),
            streams: BTreeMap::new(),
        }
    }

    pub(crate) fn set_racks(&mut self, racks: BTreeMap<i32, Option<String>>) {
        for (id, rack) in racks {
            if let Some(broker) = self.brokers.get_mut(&id) {
                broker.rack = rack;
            }
        }
    }

    pub(crate) fn is_alive(&self, broker: i32) -> bool {
        self.brokers.get(&broker).is_some_and(|broker| broker.alive)
    }

    /// The ids of the brokers that do something: a paused one is alive for the controller, and does nothing.
    pub(crate) fn running(&self) -> BTreeSet<i32> {
        self.brokers
            .iter()
            .filter(|(_, broker)| broker.alive && broker.process == Process::Up)
            .map(|(&id, _)| id)
            .collect()
    }

    /// The ids of the living brokers, to be asked while partitions change.
    pub(crate) fn living(&self) -> BTreeSet<i32> {
        self.brokers.iter().filter(|(_, broker)| broker.alive).map(|(&id, _)| id).collect()
    }

    pub(crate) fn topic_by_id(&self, id: Uuid) -> Option<(&String, &Topic)> {
        by_id(&self.topics, id)
    }

    pub(crate) fn partition(&self, topic: &str, index: i32) -> Option<&Partition> {
        self.topics.get(topic)?.partitions.get(usize::try_from(index).ok()?)
    }

    /// The same, or Kafka's error.
    pub(crate) fn partition_mut(&mut self, topic: &str, index: i32) -> Result<&mut Partition, Refusal> {
        let unknown = |message| Refusal::new(ResponseError::UnknownTopicOrPartition, message);
        let topic_state =
            self.topics.get_mut(topic).ok_or_else(|| unknown(format!("Unable to find a topic named {topic}.")))?;
        let found =
            usize::try_from(index).ok().and_then(|number| Some((number, topic_state.partitions.get_mut(number)?)));
        let (number, partition) = found.ok_or_else(|| unknown(format!("Unable to find partition {topic}:{index}.")))?;
        self.restless.rouse(topic, number);
        Ok(partition)
    }

    /// How the partitions of a topic find a leader when theirs is gone.
    pub(crate) fn election_of(&self, topic: &str) -> Election {
        match self.configs.topic_value(topic, "unclean.leader.election.enable").as_deref() {
            Some("true") => Election::Unclean,
            _ => Election::Online,
        }
    }

    /// `min.insync.replicas` of a topic.
    pub(crate) fn min_isr(&self, topic: &str) -> usize {
        self.configs.topic_value(topic, "min.insync.replicas").and_then(|value| value.parse().ok()).unwrap_or(1)
    }
}

pub(crate) fn by_id(topics: &BTreeMap<String, Topic>, id: Uuid) -> Option<(&String, &Topic)> {
    topics.iter().find(|(_, topic)| topic.id == id)
}

/// `[1, 2, 3]` as `[1,2,3]`.
pub(crate) fn ids_text(ids: &[i32]) -> String {
    format!("[{}]", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}
