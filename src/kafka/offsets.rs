//! Offsets of partitions by time (`ListOffsets`), asked of their leaders.

use super::partitions::by_topic;
use super::topics::{self, topic_name};
use super::wire::answer;
use super::wire::apis::MAX_TIMESTAMP;
use super::wire::retry::Attempts;
use super::wire::router::Target;
use super::{Client, Deadlines};
use crate::error::Error;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsResponse;
use kafka_protocol::messages::{BrokerId, ListOffsetsRequest};
use std::collections::BTreeMap;
use std::time::Duration;

/// Which offset of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spec {
    /// The first that can still be read.
    Earliest,
    /// The one that the next record will get.
    Latest,
    /// That of the record with the newest time (KIP-734, Kafka 3.0). -1 in an empty partition.
    MaxTimestamp,
    /// The first whose record is not older than this: milliseconds since 1970. -1 where there is none.
    At(i64),
}

impl Spec {
    fn wire(self) -> i64 {
        match self {
            Self::Earliest => -2,
            Self::Latest => -1,
            Self::MaxTimestamp => MAX_TIMESTAMP,
            Self::At(millis) => millis,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub offset: i64,
    /// Of the record, milliseconds since 1970; -1 where no record was looked for or found.
    pub timestamp: i64,
}

/// Partitions, each with what was found, or why nothing could be.
pub type ByPartition = BTreeMap<(String, i32), Result<Found, Error>>;

/// The offset of every partition of a topic, by partition id. Leaders that move meanwhile are looked up again.
///
/// Errors: those of the first partition that has one, such as `LEADER_NOT_AVAILABLE`, beside those of any read.
pub async fn list(client: &Client, topic: &str, spec: Spec) -> Result<Vec<(i32, i64)>, Error> {
    let found = of_topics(client, &[topic.to_owned()], spec).await?;
    found.into_iter().map(|((_, id), found)| Ok((id, found?.offset))).collect()
}

/// The offset of every partition of these topics, each with its own outcome: none is left out.
///
/// Errors: `UNKNOWN_TOPIC_OR_PARTITION` names the first topic that is not there; those of any read.
pub async fn of_topics(client: &Client, names: &[String], spec: Spec) -> Result<ByPartition, Error> {
    let mut attempts = Attempts::within(client.deadlines().call);
    let mut known = ByPartition::new();
    loop {
        once(client, names, spec, &mut known).await?;
        let may_pass = |found: &Result<Found, Error>| found.as_ref().is_err_and(|error| error.retriable);
        if !known.values().any(may_pass) || !attempts.again().await {
            let told = attempts.told();
            known.values_mut().filter(|found| may_pass(found)).for_each(|found| {
                if let Err(error) = found {
                    error.message.push_str(&told);
                }
            });
            return Ok(known);
        }
    }
}

/// Asks the leaders of what is not known yet.
async fn once(client: &Client, names: &[String], spec: Spec, known: &mut ByPartition) -> Result<(), Error> {
    let mut by_leader: BTreeMap<i32, Vec<(String, i32)>> = BTreeMap::new();
    for topic in topics::list(client, Some(names)).await? {
        for partition in topic.partitions {
            let key = (topic.name.clone(), partition.id);
            match partition.leader {
                _ if known.get(&key).is_some_and(Result::is_ok) => {}
                Some(leader) => by_leader.entry(leader).or_default().push(key),
                None => drop(known.insert(key.clone(), Err(no_leader(&key)))),
            }
        }
    }
    let deadlines = client.deadlines();
    // One attempt a leader: after a fault it may not be the leader any more.
    let hasty = client.with_deadlines(Deadlines { call: Duration::ZERO, ..deadlines });
    for (leader, wanted) in by_leader {
        let build = |_| request(&wanted, spec);
        match hasty.read(Target::Broker(leader), build, |response| Ok(found(&response, &wanted))).await {
            Ok(found) => known.extend(found),
            Err(error) => known.extend(wanted.into_iter().map(|key| (key, Err(error.clone())))),
        }
    }
    Ok(())
}

fn no_leader((topic, id): &(String, i32)) -> Error {
    Error::new("LEADER_NOT_AVAILABLE", format!("partition {topic}-{id} has no leader"))
        .hint("are the brokers of its replicas running?")
        .retriable()
}

fn request(wanted: &[(String, i32)], spec: Spec) -> ListOffsetsRequest {
    let partition = |id| ListOffsetsPartition::default().with_partition_index(id).with_timestamp(spec.wire());
    let partitions = wanted.iter().map(|(topic, id)| (topic.as_str(), partition(*id)));
    let topics = by_topic(partitions).into_iter().map(|(topic, partitions)| {
        ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(partitions)
    });
    ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(topics.collect())
}

fn found(response: &ListOffsetsResponse, wanted: &[(String, i32)]) -> ByPartition {
    let mut found: ByPartition = wanted
        .iter()
        .map(|key| (key.clone(), Err(answer::missing(&format!("the offsets of {}-{}", key.0, key.1)))))
        .collect();
    for topic in &response.topics {
        for partition in &topic.partitions {
            let key = (topic.name.0.to_string(), partition.partition_index);
            let what = format!("the offsets of {}-{}", key.0, key.1);
            if let Some(place) = found.get_mut(&key) {
                *place = answer::check(partition.error_code, None, &what)
                    .map(|()| Found { offset: partition.offset, timestamp: partition.timestamp });
            }
        }
    }
    found
}
