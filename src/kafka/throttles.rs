//! Replication throttles that are set (KIP-73): rates of brokers, lists of replicas of topics.

use super::configs::{self, ConfigEntry, Resource, Source};
use super::{Client, cluster, topics};
use crate::error::Error;

/// So many topics are asked about in one request.
const AT_ONCE: usize = 500;

/// One config that throttles something.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        let dynamic = |source| matches!(source, Source::DynamicBroker | Source::DynamicDefaultBroker);
        found.extend(throttles(&format!("broker/{}", broker.id), entries, dynamic));
    }
    let names: Vec<String> = topics::list(client, None).await?.into_iter().map(|topic| topic.name).collect();
    for names in names.chunks(AT_ONCE) {
        for (name, entries) in names.iter().zip(configs::describe_topics(client, names).await?) {
            // A topic that was deleted meanwhile is not throttled.
            let Ok(entries) = entries else { continue };
            found.extend(throttles(&format!("topic/{name}"), entries, |source| source == Source::DynamicTopic));
        }
    }
    Ok(found)
}

fn throttles<'a>(
    on: &'a str,
    entries: Vec<ConfigEntry>,
    is_set: impl Fn(Source) -> bool + 'a,
) -> impl Iterator<Item = Throttle> + 'a {
    let ours = move |entry: &ConfigEntry| is_throttle(&entry.name) && is_set(entry.source);
    let one = move |entry: ConfigEntry| Throttle { on: on.to_owned(), config: entry.name, value: entry.value };
    entries.into_iter().filter(ours).map(one).filter(|one| one.value.as_deref() != Some(""))
}
