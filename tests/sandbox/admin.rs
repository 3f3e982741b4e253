//! Everyday admin requests, for the tests of what they do.

use super::client::ask;
use kafka_protocol::messages::alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponsePartition;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, DescribeConfigsRequest, DescribeLogDirsRequest, ElectLeadersRequest,
    IncrementalAlterConfigsRequest, ListPartitionReassignmentsRequest, MetadataRequest, MetadataResponse, TopicName,
};

pub(crate) const TOPIC: i8 = 2;
pub(crate) const BROKER: i8 = 4;

pub(crate) fn name(topic: &str) -> TopicName {
    TopicName(topic.to_owned().into())
}

pub(crate) fn numbers(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.0).collect()
}

pub(crate) fn metadata(address: &str) -> MetadataResponse {
    ask(address, &MetadataRequest::default().with_topics(None), 12)
}

pub(crate) fn partition(address: &str, topic: &str, index: i32) -> MetadataResponsePartition {
    let asked = MetadataRequestTopic::default().with_name(Some(name(topic)));
    let reply = ask(address, &MetadataRequest::default().with_topics(Some(vec![asked])), 12);
    reply.topics[0].partitions.iter().find(|one| one.partition_index == index).unwrap().clone()
}

/// Asks for a move, or with `None` for its end, and gives the error code of the partition.
pub(crate) fn reassign(address: &str, topic: &str, index: i32, target: Option<&[i32]>) -> i16 {
    let replicas = target.map(|ids| ids.iter().map(|&id| BrokerId(id)).collect());
    let partition = ReassignablePartition::default().with_partition_index(index).with_replicas(replicas);
    let topic = ReassignableTopic::default().with_name(name(topic)).with_partitions(vec![partition]);
    let reply = ask(address, &AlterPartitionReassignmentsRequest::default().with_topics(vec![topic]), 0);
    assert_eq!(reply.error_code, 0);
    reply.responses[0].partitions[0].error_code
}

/// A move under way.
#[derive(Debug, PartialEq)]
pub(crate) struct Move {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) replicas: Vec<i32>,
    pub(crate) adding: Vec<i32>,
    pub(crate) removing: Vec<i32>,
}

pub(crate) fn moves(address: &str) -> Vec<Move> {
    let reply = ask(address, &ListPartitionReassignmentsRequest::default().with_topics(None), 0);
    let mut moves = vec![];
    for topic in &reply.topics {
        moves.extend(topic.partitions.iter().map(|one| Move {
            topic: topic.name.to_string(),
            partition: one.partition_index,
            replicas: numbers(&one.replicas),
            adding: numbers(&one.adding_replicas),
            removing: numbers(&one.removing_replicas),
        }));
    }
    moves
}

/// Operation: 0 set, 1 delete, 2 append, 3 subtract. Gives the error code.
pub(crate) fn alter_config(address: &str, kind: i8, resource: &str, key: &str, operation: i8, value: &str) -> i16 {
    let config = AlterableConfig::default()
        .with_name(key.to_owned().into())
        .with_config_operation(operation)
        .with_value((operation != 1).then(|| value.to_owned().into()));
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(resource.to_owned().into())
        .with_configs(vec![config]);
    let reply = ask(address, &IncrementalAlterConfigsRequest::default().with_resources(vec![resource]), 1);
    reply.responses[0].error_code
}

/// The value of a key and the number of its source; nothing where the key is absent.
pub(crate) fn config(address: &str, kind: i8, resource: &str, key: &str) -> Option<(Option<String>, i8)> {
    let asked = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(resource.to_owned().into())
        .with_configuration_keys(Some(vec![key.to_owned().into()]));
    let reply = ask(address, &DescribeConfigsRequest::default().with_resources(vec![asked]), 4);
    assert_eq!(reply.results[0].error_code, 0, "{:?}", reply.results[0].error_message);
    reply.results[0].configs.first().map(|one| (one.value.as_ref().map(ToString::to_string), one.config_source))
}

/// The bytes of a replica on the broker that is asked.
pub(crate) fn size(address: &str, topic: &str, index: i32) -> Option<i64> {
    let reply = ask(address, &DescribeLogDirsRequest::default().with_topics(None), 4);
    let topic = reply.results[0].topics.iter().find(|one| one.name.as_str() == topic)?;
    topic.partitions.iter().find(|one| one.partition_index == index).map(|one| one.partition_size)
}

/// Preferred election of one partition: its error code.
pub(crate) fn elect(address: &str, topic: &str, index: i32) -> i16 {
    let asked = TopicPartitions::default().with_topic(name(topic)).with_partitions(vec![index]);
    let reply = ask(address, &ElectLeadersRequest::default().with_topic_partitions(Some(vec![asked])), 2);
    reply.replica_election_results[0].partition_result[0].error_code
}
