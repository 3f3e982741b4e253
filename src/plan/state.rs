//! What a plan starts from: the brokers, and where the replicas are. The state file's format, version 1.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A cluster at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub brokers: Vec<Broker>,
    pub topics: Vec<Topic>,
    /// Keys that planning does not need, kept as they came.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Broker {
    pub id: i32,
    #[serde(default)]
    pub rack: Option<String>,
    #[serde(default)]
    pub state: BrokerState,
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrokerState {
    /// Holds data and stays.
    #[default]
    Old,
    /// Empty, just added.
    New,
    /// Holds data and must end empty.
    Leaving,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub name: String,
    /// One list for each partition 0, 1, …; the first is the preferred leader.
    pub replicas: Vec<Vec<i32>>,
    /// Bytes of one replica of each partition.
    pub bytes: Vec<u64>,
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Broker {
    pub fn new(id: i32, rack: Option<&str>, state: BrokerState) -> Self {
        Self { id, rack: rack.map(str::to_owned), state, more: Map::new() }
    }
}

impl Topic {
    pub fn new(name: &str, replicas: Vec<Vec<i32>>, bytes: Vec<u64>) -> Self {
        Self { name: name.to_owned(), replicas, bytes, more: Map::new() }
    }

    /// Whether Kafka itself keeps this topic: moved last.
    pub fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }
}

pub(super) fn is_internal(topic: &str) -> bool {
    topic.starts_with("__")
}
