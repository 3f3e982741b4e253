//! A plan: for each topic the partitions that change, from which brokers to which, with the certificate of the whole.

use super::certificate::Certificate;
use serde::{Deserialize, Serialize};

/// What to do, topic by topic: by name, Kafka's own topics last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub moves: Vec<TopicMoves>,
    pub certificate: Certificate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicMoves {
    pub topic: String,
    /// By number.
    pub partitions: Vec<PartitionMove>,
}

/// One partition that changes. With the same brokers in another order only the preferred leader changes, and no data moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionMove {
    pub partition: i32,
    /// The replicas before; the first is the preferred leader.
    pub from: Vec<i32>,
    /// The replicas afterwards, in the order that they must have.
    pub to: Vec<i32>,
    /// Bytes of one replica.
    pub bytes: u64,
}

impl PartitionMove {
    /// The brokers that get a replica.
    pub fn added(&self) -> impl Iterator<Item = i32> {
        self.to.iter().copied().filter(|id| !self.from.contains(id))
    }

    /// The brokers that lose their replica.
    pub fn removed(&self) -> impl Iterator<Item = i32> {
        self.from.iter().copied().filter(|id| !self.to.contains(id))
    }

    pub fn changes_leader(&self) -> bool {
        self.from.first() != self.to.first()
    }

    /// The bytes that brokers copy for it.
    pub fn moved_bytes(&self) -> u64 {
        self.bytes.saturating_mul(self.added().count() as u64)
    }
}

impl TopicMoves {
    /// The bytes that brokers copy for it.
    pub fn moved_bytes(&self) -> u64 {
        self.partitions.iter().fold(0, |sum: u64, partition| sum.saturating_add(partition.moved_bytes()))
    }
}

impl Plan {
    /// Whether everything is where it should be.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// The file that `kafka-reassign-partitions.sh --reassignment-json-file` reads.
    pub fn kafka_json(&self) -> String {
        self.assignment(|partition| &partition.to)
    }

    /// The same for the way back.
    pub fn rollback_json(&self) -> String {
        self.assignment(|partition| &partition.from)
    }

    fn assignment(&self, replicas: impl Fn(&PartitionMove) -> &Vec<i32>) -> String {
        let entry = |topic: &TopicMoves| {
            let name = serde_json::Value::from(topic.topic.as_str());
            let line = |p: &PartitionMove| {
                format!(r#"{{"topic":{name},"partition":{},"replicas":{}}}"#, p.partition, list(replicas(p)))
            };
            topic.partitions.iter().map(line).collect::<Vec<_>>()
        };
        let entries: Vec<String> = self.moves.iter().flat_map(entry).collect();
        format!("{{\"version\":1,\"partitions\":[{}]}}\n", entries.join(",\n"))
    }
}

fn list(ids: &[i32]) -> String {
    let ids: Vec<String> = ids.iter().map(i32::to_string).collect();
    format!("[{}]", ids.join(","))
}
