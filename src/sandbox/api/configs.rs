//! `DescribeConfigs`, `IncrementalAlterConfigs` and the older `AlterConfigs`, for topics and brokers.

use super::{Here, outcome};
use crate::sandbox::cluster::Refusal;
use crate::sandbox::cluster::config_keys::is_known;
use crate::sandbox::cluster::configs::{Change, Resource};
use crate::sandbox::cluster::effective::Described;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::incremental_alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, alter_configs_request, alter_configs_response,
};
use std::collections::BTreeMap;

/// Kafka's numbers of the kinds of resources.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

pub(super) fn describe_configs(here: &mut Here, request: &DescribeConfigsRequest) -> DescribeConfigsResponse {
    let results = request.resources.iter().map(|asked| {
        let described = resource(here, asked.resource_type, &asked.resource_name)
            .map(|resource| here.cluster.configs.describe(&resource, here.broker));
        let guise = here.guise();
        let (code, message) = outcome(&described);
        let wanted = |config: &Described| wants(asked, &config.name);
        let known = |config: &Described| is_known(&config.name, guise);
        let configs = described.unwrap_or_default().into_iter().filter(wanted).filter(known);
        let configs = configs.map(|config| if guise.hides_throttle_rates() { hidden(config) } else { config });
        DescribeConfigsResult::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(asked.resource_type)
            .with_resource_name(asked.resource_name.clone())
            .with_configs(configs.map(|config| entry(config, request.include_synonyms)).collect())
    });
    let results = results.collect();
    DescribeConfigsResponse::default().with_results(results)
}

fn wants(asked: &DescribeConfigsResource, name: &str) -> bool {
    asked.configuration_keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key.as_str() == name))
}

fn entry(config: Described, with_synonyms: bool) -> DescribeConfigsResourceResult {
    let sensitive = config.value.is_none();
    let synonym = |(name, value, source): (String, String, _)| {
        DescribeConfigsSynonym::default()
            .with_name(name.into())
            .with_value(if sensitive { None } else { Some(value.into()) })
            .with_source(source as i8)
    };
    let synonyms = if with_synonyms { config.synonyms.into_iter().map(synonym).collect() } else { vec![] };
    DescribeConfigsResourceResult::default()
        .with_name(config.name.into())
        .with_value(config.value.map(Into::into))
        .with_read_only(config.read_only)
        .with_config_source(config.source as i8)
        .with_is_sensitive(sensitive)
        .with_synonyms(synonyms)
        .with_config_type(config.kind.map_or(0, crate::sandbox::cluster::config_keys::Kind::code))
}

/// The rate of a throttle as brokers tell it that take it for a secret.
fn hidden(config: Described) -> Described {
    let value = config.value.filter(|_| !config.name.ends_with(".throttled.rate"));
    Described { value, ..config }
}

/// A broker answers for itself and for the cluster-wide default only.
fn resource(here: &Here, kind: i8, name: &str) -> Result<Resource, Refusal> {
    match kind {
        TOPIC if here.cluster.topics.contains_key(name) => Ok(Resource::Topic(name.to_owned())),
        TOPIC => {
            let message = format!("The topic '{name}' does not exist.");
            Err(Refusal::new(ResponseError::UnknownTopicOrPartition, message))
        }
        BROKER if name.is_empty() => Ok(Resource::AllBrokers),
        BROKER => match name.parse::<i32>() {
            Ok(id) if id == here.broker => Ok(Resource::Broker(id)),
            Ok(id) => {
                let message = format!("Unexpected broker id, expected {}, but received {id}", here.broker);
                Err(Refusal::new(ResponseError::InvalidRequest, message))
            }
            Err(_) => {
                let message = format!("Node id must be an integer, but it is: {name}");
                Err(Refusal::new(ResponseError::InvalidRequest, message))
            }
        },
        other => Err(Refusal::new(ResponseError::InvalidRequest, format!("Unknown resource type {other}"))),
    }
}

pub(super) fn incremental_alter_configs(
    here: &mut Here,
    request: &IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let results = request.resources.iter().map(|asked| {
        let same = |other: &&AlterConfigsResource| {
            (other.resource_type, &other.resource_name) == (asked.resource_type, &asked.resource_name)
        };
        let altered = if request.resources.iter().filter(same).count() > 1 {
            let message = "Each resource must appear at most once.";
            Err(Refusal::new(ResponseError::InvalidRequest, message))
        } else {
            alter(here, asked, request.validate_only)
        };
        let (code, message) = outcome(&altered);
        AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(asked.resource_type)
            .with_resource_name(asked.resource_name.clone())
    });
    let results = results.collect();
    IncrementalAlterConfigsResponse::default().with_responses(results)
}

fn alter(here: &mut Here, asked: &AlterConfigsResource, validate_only: bool) -> Result<(), Refusal> {
    let resource = resource(here, asked.resource_type, &asked.resource_name)?;
    let mut changes = BTreeMap::new();
    for config in &asked.configs {
        let name = config.name.to_string();
        let value = || {
            let missing = || {
                let message = format!("Null value not supported for : {}", config.name);
                Refusal::new(ResponseError::InvalidRequest, message)
            };
            config.value.as_ref().map(ToString::to_string).ok_or_else(missing)
        };
        let change = match config.config_operation {
            0 => Change::Set(value()?),
            1 => Change::Delete,
            2 => Change::Append(value()?),
            3 => Change::Subtract(value()?),
            other => {
                let message = format!("Unknown operation type {other}");
                return Err(Refusal::new(ResponseError::InvalidRequest, message));
            }
        };
        if changes.insert(name, change).is_some() {
            return Err(Refusal::new(ResponseError::InvalidRequest, "Error due to duplicate config keys"));
        }
    }
    if here.cluster.configs.is_closed {
        return Err(Refusal::new(ResponseError::PolicyViolation, "The policy of this cluster takes no changes now."));
    }
    let (values, text) = here.cluster.configs.changed(&resource, &changes)?;
    if !validate_only {
        here.cluster.configs.store(&resource, values);
        here.cluster.counters.count("IncrementalAlterConfigs", text);
    }
    Ok(())
}

/// What is not named is deleted.
pub(super) fn alter_configs(here: &mut Here, request: &AlterConfigsRequest) -> AlterConfigsResponse {
    let results = request.resources.iter().map(|asked| {
        let replaced = resource(here, asked.resource_type, &asked.resource_name).and_then(|resource| {
            let value = |config: &alter_configs_request::AlterableConfig| {
                let change = config.value.as_ref().map_or(Change::Delete, |value| Change::Set(value.to_string()));
                (config.name.to_string(), change)
            };
            let new: BTreeMap<String, Change> = asked.configs.iter().map(value).collect();
            let (values, text) = here.cluster.configs.replaced(&resource, new)?;
            if !request.validate_only {
                here.cluster.configs.store(&resource, values);
                here.cluster.counters.count("AlterConfigs", text);
            }
            Ok(())
        });
        let (code, message) = outcome(&replaced);
        alter_configs_response::AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(asked.resource_type)
            .with_resource_name(asked.resource_name.clone())
    });
    AlterConfigsResponse::default().with_responses(results.collect())
}
