//! `Metadata` and `DescribeCluster`: who is there and who leads what.

use super::{HOST, Here, ids, topic_name};
use crate::sandbox::cluster::partition::Partition;
use crate::sandbox::cluster::stale::View;
use crate::sandbox::cluster::{Broker, Topic, by_id};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse,
};
use kafka_protocol::protocol::StrBytes;

pub(super) fn metadata(here: &mut Here, request: &MetadataRequest) -> MetadataResponse {
    let cluster = here.cluster.view(here.broker);
    let all = || cluster.topics.iter().map(|(name, topic)| describe(&cluster, name, topic)).collect();
    let topics = match &request.topics {
        None => all(),
        // Before v1 there was no other way to ask for all of them.
        Some(topics) if topics.is_empty() && here.version == 0 => all(),
        Some(topics) => topics.iter().map(|topic| one(&cluster, topic)).collect(),
    };
    let brokers = living(&cluster).map(|(id, broker)| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(rack(broker))
    });
    MetadataResponse::default()
        .with_brokers(brokers.collect())
        .with_cluster_id(Some(here.cluster.id.clone().into()))
        .with_controller_id(BrokerId(cluster.controller))
        .with_topics(topics)
}

fn one(cluster: &View, asked: &MetadataRequestTopic) -> MetadataResponseTopic {
    let refused = |error: ResponseError| {
        MetadataResponseTopic::default()
            .with_error_code(error.code())
            .with_name(asked.name.clone())
            .with_topic_id(asked.topic_id)
    };
    let Some(name) = &asked.name else {
        return match by_id(cluster.topics, asked.topic_id) {
            Some((name, topic)) => describe(cluster, name, topic),
            None => refused(ResponseError::UnknownTopicId),
        };
    };
    if crate::sandbox::cluster::check_name(name).is_err() {
        return refused(ResponseError::InvalidTopicException);
    }
    match cluster.topics.get(name.as_str()) {
        Some(topic) => describe(cluster, name, topic),
        None => refused(ResponseError::UnknownTopicOrPartition),
    }
}

fn describe(cluster: &View, name: &str, topic: &Topic) -> MetadataResponseTopic {
    let partition = |(index, partition): (usize, &Partition)| {
        let error = if partition.leader.is_some() { 0 } else { ResponseError::LeaderNotAvailable.code() };
        let offline: Vec<i32> = partition.replicas.iter().copied().filter(|&id| !cluster.is_alive(id)).collect();
        MetadataResponsePartition::default()
            .with_error_code(error)
            .with_partition_index(i32::try_from(index).unwrap_or(i32::MAX))
            .with_leader_id(BrokerId(partition.leader.unwrap_or(-1)))
            .with_leader_epoch(partition.leader_epoch)
            .with_replica_nodes(ids(&partition.replicas))
            .with_isr_nodes(ids(&partition.isr))
            .with_offline_replicas(ids(&offline))
    };
    MetadataResponseTopic::default()
        .with_name(Some(topic_name(name)))
        .with_topic_id(topic.id)
        .with_is_internal(matches!(name, "__consumer_offsets" | "__transaction_state"))
        .with_partitions(topic.partitions.iter().enumerate().map(partition).collect())
}

pub(super) fn describe_cluster(here: &mut Here, request: &DescribeClusterRequest) -> DescribeClusterResponse {
    let cluster = here.cluster.view(here.broker);
    let reply = DescribeClusterResponse::default().with_endpoint_type(1).with_controller_id(BrokerId(-1));
    if here.version >= 1 && request.endpoint_type != 1 {
        let error = match request.endpoint_type {
            2 => ResponseError::MismatchedEndpointType,
            _ => ResponseError::UnsupportedEndpointType,
        };
        let message = "The request was sent to an endpoint of type BROKER, but we wanted another one.";
        return reply.with_error_code(error.code()).with_error_message(Some(message.into()));
    }
    let brokers = living(&cluster).map(|(id, broker)| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(rack(broker))
    });
    reply
        .with_cluster_id(here.cluster.id.clone().into())
        .with_controller_id(BrokerId(cluster.controller))
        .with_brokers(brokers.collect())
}

fn living<'a>(cluster: &View<'a>) -> impl Iterator<Item = (i32, &'a Broker)> + use<'a> {
    cluster.brokers.iter().filter(|(_, broker)| broker.alive).map(|(&id, broker)| (id, broker))
}

fn rack(broker: &Broker) -> Option<StrBytes> {
    broker.rack.clone().map(StrBytes::from_string)
}
