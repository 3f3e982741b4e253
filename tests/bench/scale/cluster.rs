//! The clusters that are scaled out: state files, the same ones each time.

use serde_json::{Value, json};

pub(crate) struct State {
    brokers: u64,
    /// The last so many.
    new: u64,
    topics: Vec<Topic>,
}

struct Topic {
    name: String,
    /// Bytes by partition.
    bytes: Vec<u64>,
    first_broker: u64,
}

const REPLICAS: u64 = 3;

/// 50 topics of 2,000 partitions on six brokers, and a seventh that is new.
pub(crate) fn wide() -> State {
    let topic = |nth: u64| Topic { name: format!("topic-{nth:02}"), bytes: vec![1_000_000; 2000], first_broker: nth };
    State { brokers: 7, new: 1, topics: (0..50).map(topic).collect() }
}

/// Some topics of a few partitions, of 2 to 32 MB.
pub(crate) fn uneven() -> State {
    let bytes = |topic: u64, partition: u64| 1_000_000 * (2 + (topic * 7 + partition * 13 + topic * partition) % 31);
    let topic = |nth: u64| Topic {
        name: format!("topic-{nth:02}"),
        bytes: (0..6 + nth % 12).map(|partition| bytes(nth, partition)).collect(),
        first_broker: nth,
    };
    State { brokers: 8, new: 2, topics: (0..20).map(topic).collect() }
}

impl State {
    pub(crate) fn partitions(&self) -> usize {
        self.topics.iter().map(|topic| topic.bytes.len()).sum()
    }

    /// Of one replica.
    pub(crate) fn bytes(&self, topic: &str, partition: usize) -> u64 {
        let topic = self.topics.iter().find(|one| one.name == topic);
        topic.and_then(|topic| topic.bytes.get(partition)).copied().unwrap_or(0)
    }

    pub(crate) fn text(&self) -> String {
        let old = self.brokers - self.new;
        let broker = |id: u64| json!({ "id": id, "state": if id > old { "new" } else { "old" } });
        let replicas = |topic: &Topic, partition: u64| -> Vec<u64> {
            // Round robin, and the followers not always the next ones.
            let place = topic.first_broker + partition;
            let step = 1 + place / old % (old / REPLICAS);
            (0..REPLICAS).map(|nth| 1 + (place + nth * step) % old).collect()
        };
        let topic = |topic: &Topic| {
            let all: Vec<Vec<u64>> = (0..).zip(&topic.bytes).map(|(partition, _)| replicas(topic, partition)).collect();
            json!({ "name": topic.name, "replicas": all, "bytes": topic.bytes })
        };
        let brokers: Vec<Value> = (1..=self.brokers).map(broker).collect();
        json!({ "version": 1, "brokers": brokers, "topics": self.topics.iter().map(topic).collect::<Vec<_>>() })
            .to_string()
    }
}
