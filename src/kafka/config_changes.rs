//! Changing configs of topics and brokers (`IncrementalAlterConfigs`, before Kafka 2.3 `AlterConfigs`).

use super::Client;
use super::configs::{self, Resource, Source};
use super::wire::answer;
use crate::error::{Error, Failure};
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{AlterConfigsRequest, IncrementalAlterConfigsRequest, alter_configs_request};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// One key to set, or with `None` to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub value: Option<String>,
}

/// Sets and deletes keys of one resource, all or none; others stay as they are (KIP-339).
///
/// Brokers before Kafka 2.3 can only replace all of them at once. For a topic krun then reads them, merges and writes: a
/// change that somebody else makes within these milliseconds is lost. For a broker it refuses.
///
/// Errors: `INVALID_CONFIG`; with such old brokers `UNSUPPORTED_VERSION` for a broker, and `PRIOR_VALUE_HIDDEN` for a topic
/// that has a secret, which would be lost.
pub async fn alter(client: &Client, resource: &Resource, changes: &[Change]) -> Result<(), Failure> {
    match incrementally(client, resource, changes).await {
        Err(Failure::Refused(error)) if error.code == "UNSUPPORTED_VERSION" => match resource {
            Resource::Topic(_) => by_replacing(client, resource, changes).await,
            Resource::Broker(_) => Err(Failure::Refused(error.hint(ONLY_BY_HAND))),
        },
        outcome => outcome,
    }
}

const ONLY_BY_HAND: &str = "brokers before Kafka 2.3 take all dynamic configs of a broker at once, and what is secret among \
                            them cannot be read back and would be lost: use kafka-configs.sh --zookeeper there";

async fn incrementally(client: &Client, resource: &Resource, changes: &[Change]) -> Result<(), Failure> {
    let (kind, name, target) = resource.wire();
    let what = format!("the configs of {resource}");
    let build = |_| {
        let configs = changes.iter().map(|change| {
            AlterableConfig::default()
                .with_name(StrBytes::from_string(change.name.clone()))
                .with_config_operation(if change.value.is_some() { SET } else { DELETE })
                .with_value(change.value.clone().map(StrBytes::from_string))
        });
        let resource = AlterConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(name.clone())
            .with_configs(configs.collect());
        IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
    };
    client
        .write(target, build, |response| match response.responses.first() {
            Some(result) => answer::check(result.error_code, result.error_message.as_deref(), &what),
            None => Err(answer::missing(&what)),
        })
        .await
}

const SET: i8 = 0;
const DELETE: i8 = 1;

/// Every override that the topic has, changed, and written as a whole.
async fn by_replacing(client: &Client, resource: &Resource, changes: &[Change]) -> Result<(), Failure> {
    let entries = configs::describe(client, resource).await.map_err(Failure::Refused)?;
    let mut whole = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| entry.source == Source::DynamicTopic) {
        let value = entry.value.ok_or_else(|| Failure::Refused(hidden(resource, &entry.name)))?;
        whole.insert(entry.name, value);
    }
    for change in changes {
        match &change.value {
            Some(value) => whole.insert(change.name.clone(), value.clone()),
            None => whole.remove(&change.name),
        };
    }
    let (kind, name, target) = resource.wire();
    let what = format!("the configs of {resource}");
    let build = |_| {
        let config = |(name, value): (&String, &String)| {
            alter_configs_request::AlterableConfig::default()
                .with_name(StrBytes::from_string(name.clone()))
                .with_value(Some(StrBytes::from_string(value.clone())))
        };
        let resource = alter_configs_request::AlterConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(name.clone())
            .with_configs(whole.iter().map(config).collect());
        AlterConfigsRequest::default().with_resources(vec![resource])
    };
    client
        .write(target, build, |response| match response.responses.first() {
            Some(result) => answer::check(result.error_code, result.error_message.as_deref(), &what),
            None => Err(answer::missing(&what)),
        })
        .await
}

fn hidden(resource: &Resource, name: &str) -> Error {
    Error::new("PRIOR_VALUE_HIDDEN", format!("{name} is set on {resource}, and the broker does not show its value"))
        .hint("brokers before Kafka 2.3 replace all configs of a topic at once: this one would be lost")
}
