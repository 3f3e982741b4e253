//! What a plan starts from: the brokers, and where the replicas are. The state file's format, version 1.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A cluster at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
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
    /// False for one that replica lists name and that the cluster does not know: it is down.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub registered: bool,
    /// Empty where nothing is known of its disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log_dirs: Vec<LogDir>,
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

/// One of a broker's log dirs. Sizes are those of the file system that it lies on, in bytes (Kafka 3.3 tells them, KIP-827).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDir {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usable_bytes: Option<u64>,
    /// How many replicas lie in it: Kafka puts a new one where there are fewest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub name: String,
    /// One list for each partition 0, 1, …; the first is the preferred leader.
    pub replicas: Vec<Vec<i32>>,
    /// Bytes of one replica of each partition, `null` where that is not known; without the key none is.
    #[serde(default)]
    pub bytes: Vec<Option<u64>>,
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Broker {
    pub fn new(id: i32, rack: Option<&str>, state: BrokerState) -> Self {
        let rack = rack.map(str::to_owned);
        Self { id, rack, state, registered: true, log_dirs: Vec::new(), more: Map::new() }
    }
}

impl Topic {
    pub fn new(name: &str, replicas: Vec<Vec<i32>>, bytes: Vec<u64>) -> Self {
        Self { name: name.to_owned(), replicas, bytes: bytes.into_iter().map(Some).collect(), more: Map::new() }
    }

    /// Whether Kafka itself keeps this topic: moved last.
    pub fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }

    /// The size of one replica of a partition, where it is known.
    pub fn bytes_of(&self, partition: usize) -> Option<u64> {
        self.bytes.get(partition).copied().flatten()
    }
}

pub(super) fn is_internal(topic: &str) -> bool {
    topic.starts_with("__")
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_yes(registered: &bool) -> bool {
    *registered
}

/// By hand, because a derived one with kept keys holds a copy of the whole file in memory, several times its size.
impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StateVisitor)
    }
}

struct StateVisitor;

impl<'de> Visitor<'de> for StateVisitor {
    type Value = State;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a cluster state: an object with `brokers` and `topics`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<State, A::Error> {
        let (mut brokers, mut topics, mut more) = (None, None, Map::new());
        while let Some(key) = map.next_key::<String>()? {
            let twice = match key.as_str() {
                "brokers" => brokers.replace(map.next_value()?).is_some(),
                "topics" => topics.replace(map.next_value()?).is_some(),
                _ => more.insert(key.clone(), map.next_value()?).is_some(),
            };
            if twice {
                return Err(serde::de::Error::custom(format!("the key `{key}` is there twice")));
            }
        }
        let missing = serde::de::Error::missing_field;
        Ok(State {
            brokers: brokers.ok_or_else(|| missing("brokers"))?,
            topics: topics.ok_or_else(|| missing("topics"))?,
            more,
        })
    }
}
