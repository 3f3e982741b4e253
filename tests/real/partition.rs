//! One partition, in the same words whoever was asked: the metadata through librdkafka, or Kafka's own tool.

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
