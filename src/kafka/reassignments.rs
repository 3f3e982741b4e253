//! Moving partitions between brokers (KIP-455, Kafka 2.4).

use super::partitions::by_topic;
use super::topics::topic_name;
use super::wire::answer;
use super::wire::router::Target;
use super::{Client, PartitionResult};
use crate::error::{Error, Failure};
use kafka_protocol::messages::AlterPartitionReassignmentsResponse;
use kafka_protocol::messages::alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
use kafka_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

/// One partition on the move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassignment {
    pub topic: String,
    pub partition: i32,
    /// The present replicas: old and new ones together.
    pub replicas: Vec<i32>,
    pub adding: Vec<i32>,
    pub removing: Vec<i32>,
}

impl Reassignment {
    /// Where it ends: what is there now, without what goes away.
    pub fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.removing.contains(id)).collect()
    }
}

/// A partition and the replicas that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub topic: String,
    pub partition: i32,
    /// In their order: the first is the preferred leader. `None` cancels a running move.
    pub replicas: Option<Vec<i32>>,
}

/// What moves now, by topic and partition: of these partitions, or of all. What is not listed does not move.
pub async fn list(client: &Client, topics: Option<&[(String, Vec<i32>)]>) -> Result<Vec<Reassignment>, Error> {
    let build = |_| {
        let topics = topics.map(|topics| {
            let topic = |(name, partitions): &(String, Vec<i32>)| {
                ListPartitionReassignmentsTopics::default()
                    .with_name(topic_name(name))
                    .with_partition_indexes(partitions.clone())
            };
            topics.iter().map(topic).collect()
        });
        ListPartitionReassignmentsRequest::default()
            .with_topics(topics)
            .with_timeout_ms(client.deadlines().broker_timeout_ms())
    };
    client.read(Target::Controller, build, |response| reassignments(&response)).await
}

/// Submits moves and cancels them. Part of them may be refused: `NO_REASSIGNMENT_IN_PROGRESS` where there was nothing to
/// cancel, `INVALID_REPLICA_ASSIGNMENT` for an unknown broker. An accepted move goes on by itself; a broker that is
/// registered but down is accepted too. A move that changes the number of replicas is refused by Kafka 4.1 and newer
/// (`INVALID_REPLICATION_FACTOR`, KIP-860); older ones carry it out.
pub async fn alter(client: &Client, moves: &[Move]) -> Result<Vec<PartitionResult>, Failure> {
    let build = |version| {
        let partitions = moves.iter().map(|one| {
            let replicas = one.replicas.as_ref().map(|ids| ids.iter().map(|id| BrokerId(*id)).collect());
            let partition =
                ReassignablePartition::default().with_partition_index(one.partition).with_replicas(replicas);
            (one.topic.as_str(), partition)
        });
        let topics = by_topic(partitions).into_iter().map(|(name, partitions)| {
            ReassignableTopic::default().with_name(topic_name(name)).with_partitions(partitions)
        });
        let request = AlterPartitionReassignmentsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(client.deadlines().broker_timeout_ms());
        // KIP-860: from Kafka 4.1 on the controller itself refuses a move that would change how many replicas there are.
        if version >= 1 { request.with_allow_replication_factor_change(false) } else { request }
    };
    client.write(Target::Controller, build, |response| results(&response, moves)).await
}

fn reassignments(response: &ListPartitionReassignmentsResponse) -> Result<Vec<Reassignment>, Error> {
    answer::check(response.error_code, response.error_message.as_deref(), "the list of reassignments")?;
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let mut listed: Vec<_> = response
        .topics
        .iter()
        .flat_map(|topic| {
            topic.partitions.iter().map(move |partition| Reassignment {
                topic: topic.name.0.to_string(),
                partition: partition.partition_index,
                replicas: ids(&partition.replicas),
                adding: ids(&partition.adding_replicas),
                removing: ids(&partition.removing_replicas),
            })
        })
        .collect();
    listed.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    Ok(listed)
}

fn results(response: &AlterPartitionReassignmentsResponse, moves: &[Move]) -> Result<Vec<PartitionResult>, Error> {
    answer::check(response.error_code, response.error_message.as_deref(), "the reassignment")?;
    let outcome = |one: &Move| {
        let what = format!("partition {}-{}", one.topic, one.partition);
        response
            .responses
            .iter()
            .filter(|topic| *topic.name.0 == *one.topic)
            .flat_map(|topic| &topic.partitions)
            .find(|partition| partition.partition_index == one.partition)
            .map_or_else(
                || Err(answer::missing(&what)),
                |found| answer::check(found.error_code, found.error_message.as_deref(), &what),
            )
    };
    let result =
        |one: &Move| PartitionResult { topic: one.topic.clone(), partition: one.partition, error: outcome(one).err() };
    Ok(moves.iter().map(result).collect())
}
