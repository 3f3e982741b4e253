//! Topics: their partitions, replicas and leaders (Metadata).

pub use super::topic_changes::{Layout, NewTopic, create, create_partitions, delete};

use super::Client;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::Error;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub name: String,
    /// Kafka's own, such as `__consumer_offsets`.
    pub internal: bool,
    /// By id.
    pub partitions: Vec<Partition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    pub id: i32,
    /// `None`: nobody leads it, it can be neither read nor written.
    pub leader: Option<i32>,
    /// In their order: the first is the preferred leader. While it moves, old and new ones together.
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    /// Replicas on brokers that are down or on log dirs that failed.
    pub offline: Vec<i32>,
}

/// Topics by name: those asked for, or all.
///
/// Error: `UNKNOWN_TOPIC_OR_PARTITION` names the first that is not there. A partition without a leader stays in the list.
pub async fn list(client: &Client, names: Option<&[String]>) -> Result<Vec<Topic>, Error> {
    let build = |_| {
        let topics = names.map(|names| {
            names.iter().map(|name| MetadataRequestTopic::default().with_name(Some(topic_name(name)))).collect()
        });
        MetadataRequest::default().with_topics(topics).with_allow_auto_topic_creation(false)
    };
    client.read(Target::Any, build, |response| topics(&response, names)).await
}

pub(crate) fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

fn topics(response: &MetadataResponse, names: Option<&[String]>) -> Result<Vec<Topic>, Error> {
    answer::check(response.error_code, None, "the list of topics")?;
    let mut topics = response.topics.iter().map(topic).collect::<Result<Vec<_>, _>>()?;
    if let Some(name) = names.unwrap_or_default().iter().find(|name| !topics.iter().any(|topic| topic.name == **name)) {
        return Err(answer::missing(&format!("topic {name}")));
    }
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(topics)
}

fn topic(topic: &MetadataResponseTopic) -> Result<Topic, Error> {
    let name = topic.name.as_ref().map(|name| name.0.to_string()).unwrap_or_default();
    answer::check(topic.error_code, None, &format!("topic {name}"))?;
    let mut partitions = topic.partitions.iter().map(|found| partition(&name, found)).collect::<Result<Vec<_>, _>>()?;
    partitions.sort_by_key(|partition| partition.id);
    Ok(Topic { name, internal: topic.is_internal, partitions })
}

fn partition(topic: &str, found: &MetadataResponsePartition) -> Result<Partition, Error> {
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let what = format!("partition {topic}-{}", found.partition_index);
    match answer::check(found.error_code, None, &what) {
        // A state of the partition, and the fields say which.
        Err(error) if !STATES.contains(&error.code.as_str()) => return Err(error),
        _ => {}
    }
    Ok(Partition {
        id: found.partition_index,
        leader: Some(found.leader_id.0).filter(|id| *id >= 0),
        replicas: ids(&found.replica_nodes),
        isr: ids(&found.isr_nodes),
        offline: ids(&found.offline_replicas),
    })
}

/// Errors of a partition that is there: without a leader, with a replica or the leader's listener out of reach.
const STATES: [&str; 3] = ["LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE", "LISTENER_NOT_FOUND"];
