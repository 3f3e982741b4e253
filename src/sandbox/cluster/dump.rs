//! The whole state as canonical JSON: equal states give equal text, whatever order things happened in.

use super::{Cluster, partition::Partition};
use serde_json::{Map, Value, json};

impl Cluster {
    /// Topics, brokers and dynamic configs, sorted. Without topic ids, epochs and sizes, which differ between equal runs.
    pub(crate) fn dump(&self) -> Value {
        let topics: Map<String, Value> = self
            .topics
            .iter()
            .map(|(name, topic)| (name.clone(), topic.partitions.iter().map(dump_partition).collect()))
            .collect();
        let brokers: Map<String, Value> =
            self.brokers.iter().map(|(id, broker)| (id.to_string(), json!({ "alive": broker.alive }))).collect();
        json!({ "brokers": brokers, "topics": topics, "configs": self.configs.dump() })
    }
}

fn dump_partition(partition: &Partition) -> Value {
    let mut isr = partition.isr.clone();
    isr.sort_unstable();
    json!({
        "replicas": partition.replicas,
        "adding": partition.adding,
        "removing": partition.removing,
        "leader": partition.leader.unwrap_or(-1),
        "isr": isr,
        "log_end_offset": partition.log.end(),
    })
}
