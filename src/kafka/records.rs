//! Deleting the records below an offset (`DeleteRecords`, KIP-107): the first readable offset moves up, and whole segments
//! below it leave the disks later.

use super::partitions::by_topic;
use super::topics::{self, topic_name};
use super::wire::answer;
use super::wire::router::Target;
use super::{Client, PartitionResult};
use crate::error::{Error, Failure};
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use std::collections::BTreeMap;

/// Deletes what lies below these offsets of a topic's partitions, each with its own outcome. Every leader is asked for its
/// own; to ask again is harmless.
///
/// Per partition: `OFFSET_OUT_OF_RANGE` above its end, `POLICY_VIOLATION` where `cleanup.policy` is without `delete`,
/// `LEADER_NOT_AVAILABLE`. `Unknown` where one leader has not answered; others may have deleted.
pub async fn delete(client: &Client, topic: &str, below: &BTreeMap<i32, i64>) -> Result<Vec<PartitionResult>, Failure> {
    let leaders = leaders(client, topic).await.map_err(Failure::Refused)?;
    let mut by_leader: BTreeMap<i32, Vec<(i32, i64)>> = BTreeMap::new();
    let mut results = Vec::new();
    for (id, offset) in below {
        match leaders.get(id) {
            Some(Some(leader)) => by_leader.entry(*leader).or_default().push((*id, *offset)),
            Some(None) => results.push(refused(topic, *id, no_leader(topic, *id))),
            None => results.push(refused(topic, *id, no_partition(topic, *id))),
        }
    }
    for (leader, wanted) in by_leader {
        let build = |_| request(topic, &wanted, client.deadlines().broker_timeout_ms());
        let answered =
            client.write(Target::Broker(leader), build, |response| outcomes(&response, topic, &wanted)).await;
        match answered {
            Ok(outcomes) => results.extend(outcomes),
            Err(Failure::Refused(error)) => {
                results.extend(wanted.iter().map(|(id, _)| refused(topic, *id, error.clone())));
            }
            Err(unknown) => return Err(unknown),
        }
    }
    results.sort_by_key(|result| result.partition);
    Ok(results)
}

async fn leaders(client: &Client, topic: &str) -> Result<BTreeMap<i32, Option<i32>>, Error> {
    let listed = topics::list(client, Some(&[topic.to_owned()])).await?;
    let partitions = listed.into_iter().flat_map(|topic| topic.partitions);
    Ok(partitions.map(|partition| (partition.id, partition.leader)).collect())
}

fn request(topic: &str, wanted: &[(i32, i64)], timeout_ms: i32) -> DeleteRecordsRequest {
    let partition =
        |(id, offset): &(i32, i64)| DeleteRecordsPartition::default().with_partition_index(*id).with_offset(*offset);
    let topics = by_topic(wanted.iter().map(|one| (topic, partition(one))));
    let topics = topics.into_iter().map(|(name, partitions)| {
        DeleteRecordsTopic::default().with_name(topic_name(name)).with_partitions(partitions)
    });
    DeleteRecordsRequest::default().with_topics(topics.collect()).with_timeout_ms(timeout_ms)
}

fn outcomes(
    response: &DeleteRecordsResponse,
    topic: &str,
    wanted: &[(i32, i64)],
) -> Result<Vec<PartitionResult>, Error> {
    let outcome = |id: i32| {
        let what = format!("the records of {topic}-{id}");
        let answered =
            response.topics.iter().filter(|found| *found.name.0 == *topic).flat_map(|found| &found.partitions);
        let found = answered.into_iter().find(|found| found.partition_index == id);
        found.map_or_else(|| Err(answer::missing(&what)), |found| answer::check(found.error_code, None, &what))
    };
    let results: Vec<PartitionResult> = wanted
        .iter()
        .map(|(id, _)| PartitionResult { topic: topic.to_owned(), partition: *id, error: outcome(*id).err() })
        .collect();
    // A time-out is no refusal: the leader has deleted, and some replica has not followed yet.
    match results.iter().find_map(|result| result.error.as_ref().filter(|error| error.code == "REQUEST_TIMED_OUT")) {
        Some(error) => Err(error.clone()),
        None => Ok(results),
    }
}

fn refused(topic: &str, partition: i32, error: Error) -> PartitionResult {
    PartitionResult { topic: topic.to_owned(), partition, error: Some(error) }
}

fn no_leader(topic: &str, id: i32) -> Error {
    Error::new("LEADER_NOT_AVAILABLE", format!("partition {topic}-{id} has no leader"))
        .hint("are the brokers of its replicas running?")
}

fn no_partition(topic: &str, id: i32) -> Error {
    Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("topic {topic} has no partition {id}"))
}
