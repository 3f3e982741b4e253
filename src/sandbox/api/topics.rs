//! `CreateTopics`, `DeleteTopics` and `CreatePartitions`.

use super::{Here, numbers, outcome, topic_name};
use crate::sandbox::cluster::configs::Resource;
use crate::sandbox::cluster::effective::Source;
use crate::sandbox::cluster::{NewTopic, Refusal};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse,
};
use uuid::Uuid;

pub(super) fn create_topics(here: &mut Here, request: &CreateTopicsRequest) -> CreateTopicsResponse {
    let results = request.topics.iter().map(|topic| {
        let twice = request.topics.iter().filter(|other| other.name == topic.name).count() > 1;
        let created = if twice {
            Err(Refusal::new(ResponseError::InvalidRequest, "Found multiple entries for this topic."))
        } else {
            let allowed = here.cluster.check_controller(here.broker);
            allowed.and_then(|()| here.cluster.create_topic(&asked(topic), request.validate_only))
        };
        let (code, message) = outcome(&created);
        let result = CreatableTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message)
            .with_num_partitions(-1)
            .with_replication_factor(-1);
        let Ok((id, partitions, factor)) = created else { return result };
        let configs = here.cluster.configs.describe(&Resource::Topic(topic.name.to_string()), here.broker);
        let configs = configs.into_iter().map(|config| {
            CreatableTopicConfigs::default()
                .with_name(config.name.into())
                .with_value(config.value.map(Into::into))
                .with_read_only(config.read_only)
                .with_config_source(config.source as i8)
                .with_is_sensitive(false)
        });
        result
            .with_topic_id(if request.validate_only { Uuid::nil() } else { id })
            .with_num_partitions(partitions)
            .with_replication_factor(factor)
            .with_configs(Some(configs.filter(|config| config.config_source != Source::File as i8).collect()))
    });
    let results = results.collect();
    CreateTopicsResponse::default().with_topics(results)
}

fn asked(topic: &CreatableTopic) -> NewTopic {
    NewTopic {
        name: topic.name.to_string(),
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: topic
            .assignments
            .iter()
            .map(|assignment| (assignment.partition_index, numbers(&assignment.broker_ids)))
            .collect(),
        configs: topic
            .configs
            .iter()
            .map(|config| (config.name.to_string(), config.value.clone().unwrap_or_default().to_string()))
            .collect(),
    }
}

pub(super) fn delete_topics(here: &mut Here, request: &DeleteTopicsRequest) -> DeleteTopicsResponse {
    let by_name = request.topic_names.iter().map(|name| (Some(name.to_string()), Uuid::nil()));
    let by_either =
        request.topics.iter().map(|topic| (topic.name.as_ref().map(|name| name.to_string()), topic.topic_id));
    let results = by_name.chain(by_either).map(|(name, id)| {
        let known = here.cluster.topic_by_id(id).map(|(name, _)| name.clone());
        let deleted = match name.clone().or_else(|| known.clone()) {
            Some(name) => here.cluster.check_controller(here.broker).and_then(|()| here.cluster.delete_topic(&name)),
            None => Err(Refusal::new(ResponseError::UnknownTopicId, "This server does not host this topic ID.")),
        };
        let (code, message) = outcome(&deleted);
        DeletableTopicResult::default()
            .with_name(name.or(known).map(|name| topic_name(&name)))
            .with_topic_id(deleted.unwrap_or(id))
            .with_error_code(code)
            .with_error_message(message)
    });
    let results = results.collect();
    DeleteTopicsResponse::default().with_responses(results)
}

pub(super) fn create_partitions(here: &mut Here, request: &CreatePartitionsRequest) -> CreatePartitionsResponse {
    let results = request.topics.iter().map(|topic| {
        let placed: Option<Vec<Vec<i32>>> =
            topic.assignments.as_ref().map(|all| all.iter().map(|one| numbers(&one.broker_ids)).collect());
        let twice = request.topics.iter().filter(|other| other.name == topic.name).count() > 1;
        let grown = if twice {
            Err(Refusal::new(ResponseError::InvalidRequest, "Duplicate topic name."))
        } else {
            let allowed = here.cluster.check_controller(here.broker);
            let placed = placed.as_deref();
            allowed
                .and_then(|()| here.cluster.create_partitions(&topic.name, topic.count, placed, request.validate_only))
        };
        let (code, message) = outcome(&grown);
        CreatePartitionsTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message)
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}
