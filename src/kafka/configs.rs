//! Configs of topics and brokers, and where their values come from (`DescribeConfigs`).

pub use super::config_changes::{Change, alter};

use super::Client;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::Error;
use kafka_protocol::messages::DescribeConfigsRequest;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;
use std::fmt;

/// What has configs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    Topic(String),
    /// One broker by its id. It is asked itself: others refuse to speak for it.
    Broker(i32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    pub name: String,
    /// `None`: not set, or sensitive.
    pub value: Option<String>,
    pub source: Source,
    /// A secret, whose value no broker tells.
    pub sensitive: bool,
    /// Cannot be altered while the broker runs.
    pub read_only: bool,
    /// Where else it is set or has a default, what counts most first: the value above is the first of these. Only of
    /// [`describe`], not of [`describe_topics`].
    pub synonyms: Vec<Synonym>,
}

/// A value that is given, or would be if those before it were not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    /// A broker's name for it, such as `log.retention.ms` for the topic's `retention.ms`.
    pub name: String,
    pub value: Option<String>,
    pub source: Source,
}

/// Where a value comes from; those before the last three can be altered through Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    DynamicTopic,
    DynamicBroker,
    DynamicDefaultBroker,
    DynamicBrokerLogger,
    StaticBroker,
    Default,
    /// One that is newer than krun, by Kafka's number.
    Other(i8),
}

impl Source {
    fn new(number: i8) -> Self {
        match number {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            _ => Self::Other(number),
        }
    }
}

/// Kafka's own names, as its tools print them.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
            Self::Other(number) => return write!(f, "UNKNOWN_CONFIG_SOURCE_{number}"),
        })
    }
}

impl Resource {
    /// The resource's type and name on the wire, and who is asked about it.
    pub(super) fn wire(&self) -> (i8, StrBytes, Target) {
        match self {
            Self::Topic(name) => (2, StrBytes::from_string(name.clone()), Target::Any),
            Self::Broker(id) => (4, StrBytes::from_string(id.to_string()), Target::Broker(*id)),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(name) => write!(f, "topic {name}"),
            Self::Broker(id) => write!(f, "broker {id}"),
        }
    }
}

/// Every key of a resource with its effective value, by name.
pub async fn describe(client: &Client, resource: &Resource) -> Result<Vec<ConfigEntry>, Error> {
    let (kind, name, target) = resource.wire();
    let what = format!("the configs of {resource}");
    let build = |_| {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(name.clone())
            .with_configuration_keys(None);
        DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true)
    };
    client
        .read(target, build, |response| {
            let result = response.results.into_iter().next().ok_or_else(|| answer::missing(&what))?;
            entries(&result, &what)
        })
        .await
}

/// The same for topics, each with its own outcome, in the order of the names.
pub async fn describe_topics(client: &Client, names: &[String]) -> Result<Vec<Result<Vec<ConfigEntry>, Error>>, Error> {
    let build = |_| {
        let resource = |name: &String| {
            let (kind, name, _) = Resource::Topic(name.clone()).wire();
            DescribeConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(name)
                .with_configuration_keys(None)
        };
        DescribeConfigsRequest::default().with_resources(names.iter().map(resource).collect())
    };
    let read = |response: DescribeConfigsResponse| {
        let mut results: BTreeMap<String, DescribeConfigsResult> =
            response.results.into_iter().map(|result| (result.resource_name.to_string(), result)).collect();
        names.iter().map(|name| results.remove(name).ok_or_else(|| answer::missing(&format!("topic {name}")))).collect()
    };
    let results: Vec<DescribeConfigsResult> = client.read(Target::Any, build, read).await?;
    let outcome = |result: DescribeConfigsResult| {
        let what = format!("the configs of topic {}", result.resource_name.as_str());
        entries(&result, &what)
    };
    Ok(results.into_iter().map(outcome).collect())
}

fn entries(result: &DescribeConfigsResult, what: &str) -> Result<Vec<ConfigEntry>, Error> {
    answer::check(result.error_code, result.error_message.as_deref(), what)?;
    let mut entries: Vec<_> = result.configs.iter().map(entry).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn entry(found: &DescribeConfigsResourceResult) -> ConfigEntry {
    ConfigEntry {
        name: found.name.to_string(),
        value: found.value.as_ref().map(ToString::to_string),
        source: Source::new(found.config_source),
        sensitive: found.is_sensitive,
        read_only: found.read_only,
        synonyms: found.synonyms.iter().map(synonym).collect(),
    }
}

fn synonym(found: &DescribeConfigsSynonym) -> Synonym {
    Synonym {
        name: found.name.to_string(),
        value: found.value.as_ref().map(ToString::to_string),
        source: Source::new(found.source),
    }
}
