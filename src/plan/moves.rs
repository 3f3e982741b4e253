//! A plan: for each topic the partitions that change, from which brokers to which, with the certificate of the whole.

use super::certificate::Certificate;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

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
        text(|out| self.write_kafka_json(out))
    }

    /// The same for the way back.
    pub fn rollback_json(&self) -> String {
        text(|out| self.write_rollback_json(out))
    }

    /// [`kafka_json`](Self::kafka_json) piece by piece: a plan may be as large as the memory.
    pub fn write_kafka_json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_assignment(out, |partition| &partition.to)
    }

    /// [`rollback_json`](Self::rollback_json) piece by piece.
    pub fn write_rollback_json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_assignment(out, |partition| &partition.from)
    }

    fn write_assignment(&self, out: &mut dyn Write, replicas: fn(&PartitionMove) -> &Vec<i32>) -> io::Result<()> {
        out.write_all(b"{\"version\":1,\"partitions\":[")?;
        let mut separator = "";
        for topic in &self.moves {
            let name = serde_json::Value::from(topic.topic.as_str()).to_string();
            for partition in &topic.partitions {
                write!(out, "{separator}{{\"topic\":{name},\"partition\":{},\"replicas\":[", partition.partition)?;
                for (nth, id) in replicas(partition).iter().enumerate() {
                    write!(out, "{}{id}", if nth == 0 { "" } else { "," })?;
                }
                out.write_all(b"]}")?;
                separator = ",\n";
            }
        }
        out.write_all(b"]}\n")
    }
}

/// What is written, as a text. Writing to memory does not fail.
fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    let _ = write(&mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}
