//! To create and delete a topic and to give it more partitions.

use super::Client;
use super::topics::topic_name;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::Failure;
use kafka_protocol::messages::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::{BrokerId, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest};
use kafka_protocol::protocol::StrBytes;

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    pub name: String,
    pub layout: Layout,
    pub configs: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// The cluster places the replicas.
    Spread { partitions: i32, replication: i16 },
    /// The replicas of partition 0, 1, 2, …; the first of each is its preferred leader.
    Assigned(Vec<Vec<i32>>),
}

/// Creates one topic. It returns when the controller has it; other brokers may hear of it a moment later.
///
/// With `ZooKeeper` a layout with a broker that does not exist is not refused: the topic is made, nobody leads it, and the
/// answer `REQUEST_TIMED_OUT` makes the outcome `Unknown` (seen on 2.6.3).
pub async fn create(client: &Client, topic: &NewTopic) -> Result<(), Failure> {
    let build = |_| {
        CreateTopicsRequest::default()
            .with_topics(vec![creatable(topic)])
            .with_timeout_ms(client.deadlines().broker_timeout_ms())
    };
    let what = format!("topic {}", topic.name);
    client
        .write(Target::Controller, build, |response| match response.topics.first() {
            Some(result) => answer::check(result.error_code, result.error_message.as_deref(), &what),
            None => Err(answer::missing(&what)),
        })
        .await
}

/// Deletes one topic. Its data leave the disks later. Error: `UNKNOWN_TOPIC_OR_PARTITION` where there is none.
pub async fn delete(client: &Client, name: &str) -> Result<(), Failure> {
    let build = |version| {
        let request = DeleteTopicsRequest::default().with_timeout_ms(client.deadlines().broker_timeout_ms());
        if version >= 6 {
            request.with_topics(vec![DeleteTopicState::default().with_name(Some(topic_name(name)))])
        } else {
            request.with_topic_names(vec![topic_name(name)])
        }
    };
    let what = format!("topic {name}");
    client
        .write(Target::Controller, build, |response| match response.responses.first() {
            Some(result) => answer::check(result.error_code, result.error_message.as_deref(), &what),
            None => Err(answer::missing(&what)),
        })
        .await
}

/// Gives a topic more partitions, `count` in all. `replicas` says where those that are added lie, in their order; without
/// it the cluster places them. Existing ones stay as they are, and nothing takes a partition away again.
///
/// Errors: `INVALID_PARTITIONS` where it has as many already, `INVALID_REPLICA_ASSIGNMENT`, `REASSIGNMENT_IN_PROGRESS`.
pub async fn create_partitions(
    client: &Client,
    name: &str,
    count: i32,
    replicas: Option<&[Vec<i32>]>,
) -> Result<(), Failure> {
    let build = |_| {
        let assignment = |ids: &Vec<i32>| CreatePartitionsAssignment::default().with_broker_ids(broker_ids(ids));
        let topic = CreatePartitionsTopic::default()
            .with_name(topic_name(name))
            .with_count(count)
            .with_assignments(replicas.map(|replicas| replicas.iter().map(assignment).collect()));
        CreatePartitionsRequest::default()
            .with_topics(vec![topic])
            .with_timeout_ms(client.deadlines().broker_timeout_ms())
    };
    let what = format!("the partitions of {name}");
    client
        .write(Target::Controller, build, |response| match response.results.first() {
            Some(result) => answer::check(result.error_code, result.error_message.as_deref(), &what),
            None => Err(answer::missing(&what)),
        })
        .await
}

fn broker_ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().map(|id| BrokerId(*id)).collect()
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let configs = topic.configs.iter().map(|(name, value)| {
        CreatableTopicConfig::default()
            .with_name(StrBytes::from_string(name.clone()))
            .with_value(Some(StrBytes::from_string(value.clone())))
    });
    let base = CreatableTopic::default().with_name(topic_name(&topic.name)).with_configs(configs.collect());
    match &topic.layout {
        Layout::Spread { partitions, replication } => {
            base.with_num_partitions(*partitions).with_replication_factor(*replication)
        }
        Layout::Assigned(partitions) => {
            let assignments = (0..).zip(partitions).map(|(id, replicas)| {
                CreatableReplicaAssignment::default().with_partition_index(id).with_broker_ids(broker_ids(replicas))
            });
            base.with_num_partitions(-1).with_replication_factor(-1).with_assignments(assignments.collect())
        }
    }
}
