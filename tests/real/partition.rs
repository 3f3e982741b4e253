//! One partition, in the same words whoever was asked: the metadata through librdkafka, or Kafka's own tool.

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::time::Duration;

/// Generous: a machine of two cores may be running everything else at the same time.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) topic: String,
    pub(crate) id: i32,
    pub(crate) leader: Option<i32>,
    /// In their order: the first is the preferred leader.
    pub(crate) replicas: Vec<i32>,
    /// By broker id: the cluster tells them in any order.
    pub(crate) isr: Vec<i32>,
}

impl Partition {
    /// All replicas in sync, and a leader.
    pub(crate) fn whole(&self) -> bool {
        self.leader.is_some() && self.replicas.iter().all(|replica| self.isr.contains(replica))
    }

    pub(crate) fn led_by_preferred(&self) -> bool {
        self.leader.is_some() && self.leader == self.replicas.first().copied()
    }
}

/// By topic and number, so that two answers can be compared.
pub(crate) fn in_order(mut partitions: Vec<Partition>) -> Vec<Partition> {
    partitions.sort_by(|a, b| (&a.topic, a.id).cmp(&(&b.topic, b.id)));
    for partition in &mut partitions {
        partition.isr.sort_unstable();
    }
    partitions
}

/// A client that has never asked before, so that nothing it answers is old.
pub(super) fn client(bootstrap: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("log_level", "0")
        .create()
        .expect("librdkafka takes a bootstrap address")
}

/// Every partition of every topic, by topic and number.
pub(super) fn all(bootstrap: &str) -> Vec<Partition> {
    let metadata = client(bootstrap).fetch_metadata(None, PATIENCE).expect("the cluster answers");
    let partitions = metadata.topics().iter().flat_map(|topic| {
        topic.partitions().iter().map(|partition| Partition {
            topic: topic.name().to_owned(),
            id: partition.id(),
            leader: (partition.leader() >= 0).then(|| partition.leader()),
            replicas: partition.replicas().to_vec(),
            isr: partition.isr().to_vec(),
        })
    });
    in_order(partitions.collect())
}

/// How many brokers the one at this address knows; `None` where none answers.
pub(super) fn brokers(address: &str) -> Option<usize> {
    client(address).fetch_metadata(None, Duration::from_secs(5)).ok().map(|metadata| metadata.brokers().len())
}
