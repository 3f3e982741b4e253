//! Clusters to plan for, and a judge of the plans: nothing here knows how krun plans.
//!
//! A state is the project's state file as the planner reads it, with the case and the seed that made it.

pub(crate) mod cases;
mod generator;
mod levels;
pub(crate) mod random;
pub(crate) mod reassignment;
pub(crate) mod score;
mod topics;

use serde::{Deserialize, Serialize};

pub(crate) use generator::generate;
pub(crate) use levels::Level;
pub(crate) use reassignment::Reassignment;
pub(crate) use score::Score;

/// A state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) case: String,
    pub(crate) seed: u64,
    pub(crate) intent: Intent,
    pub(crate) brokers: Vec<Broker>,
    pub(crate) topics: Vec<Topic>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Intent {
    ScaleOut,
    Drain,
    Replace,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Broker {
    pub(crate) id: i32,
    pub(crate) rack: Option<String>,
    pub(crate) state: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Holds data and stays.
    Old,
    /// Empty, just added.
    New,
    /// Holds data and must end empty.
    Leaving,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// By partition; the first is the preferred leader.
    pub(crate) replicas: Vec<Vec<i32>>,
    /// Bytes of one replica of each partition.
    pub(crate) bytes: Vec<u64>,
}

impl Broker {
    pub(crate) fn stays(&self) -> bool {
        self.state != Role::Leaving
    }
}

impl Cluster {
    pub(crate) fn partitions(&self) -> u64 {
        self.topics.iter().map(|topic| topic.replicas.len() as u64).sum()
    }

    /// As a look at the cluster would find it once the moves are done: a broker that was new has data.
    pub(crate) fn settled(mut self) -> Self {
        for broker in &mut self.brokers {
            if broker.state == Role::New {
                broker.state = Role::Old;
            }
        }
        self
    }
}
