//! Replication throttles that are set (KIP-73): rates of brokers, lists of replicas of topics.

use super::configs::{self, ConfigEntry, Resource, Source};
use super::{Client, cluster, topics};
use crate::error::Error;
use serde::Serialize;

/// So many topics are asked about in one request.
const AT_ONCE: usize = 500;

/// One config that throttles something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Throttle {
    /// `broker/3` or `topic/orders`.
    pub on: String,
    pub config: String,
    /// `None` where the broker does not show it (below Kafka 2.6, KAFKA-9625).
    pub value: Option<String>,
}

/// Whether a config is a throttle's.
pub fn is_throttle(config: &str) -> bool {
    config.contains(".replication.throttled.") || config == "replica.alter.log.dirs.io.max.bytes.per.second"
}

/// All throttles that are set dynamically. One that nobody can be asked about is an error.
pub async fn list(client: &Client) -> Result<Vec<Throttle>, Error> {
    let mut found = Vec::new();
    for broker in cluster::describe(client).await?.brokers {
        let entries = configs::describe(client, &Resource::Broker(broker.id)).await?;
        found.extend(among(&Resource::Broker(broker.id), &entries));
    }
    let names: Vec<String> = topics::list(client, None).await?.into_iter().map(|topic| topic.name).collect();
    for names in names.chunks(AT_ONCE) {
        for (name, entries) in names.iter().zip(configs::describe_topics(client, names).await?) {
            // A topic that was deleted meanwhile is not throttled.
            let Ok(entries) = entries else { continue };
            found.extend(among(&Resource::Topic(name.clone()), &entries));
        }
    }
    Ok(found)
}

/// Those among the configs of a topic or a broker.
pub fn among(on: &Resource, entries: &[ConfigEntry]) -> Vec<Throttle> {
    let (kind, name, sources) = match on {
        Resource::Topic(name) => ("topic", name.clone(), &[Source::DynamicTopic][..]),
        Resource::Broker(id) => ("broker", id.to_string(), &[Source::DynamicBroker, Source::DynamicDefaultBroker][..]),
    };
    let is_set = |entry: &&ConfigEntry| {
        is_throttle(&entry.name) && sources.contains(&entry.source) && entry.value.as_deref() != Some("")
    };
    let one = |entry: &ConfigEntry| Throttle {
        on: format!("{kind}/{name}"),
        config: entry.name.clone(),
        value: entry.value.clone(),
    };
    entries.iter().filter(is_set).map(one).collect()
}
