//! Outcomes that Kafka gives partition by partition.

use crate::error::Error;

/// What became of one partition of a request that names several: part of them may be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionResult {
    pub topic: String,
    pub partition: i32,
    /// `None`: done, or accepted.
    pub error: Option<Error>,
}

impl PartitionResult {
    /// What was refused, in words: `orders-3: NOT_…: …`.
    pub fn told(&self) -> Option<String> {
        self.error.as_ref().map(|error| format!("{}-{}: {error}", self.topic, self.partition))
    }
}

/// Partitions by topic, as requests have them, in the order of first mention.
pub(crate) fn by_topic<'a, T>(partitions: impl IntoIterator<Item = (&'a str, T)>) -> Vec<(&'a str, Vec<T>)> {
    let mut topics: Vec<(&str, Vec<T>)> = Vec::new();
    for (topic, partition) in partitions {
        match topics.iter_mut().find(|(name, _)| *name == topic) {
            Some((_, there)) => there.push(partition),
            None => topics.push((topic, vec![partition])),
        }
    }
    topics
}
