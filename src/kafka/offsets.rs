//! Offsets of partitions by time (`ListOffsets`), asked of their leaders.

use super::topics::{self, topic_name};
use super::wire::answer;
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
    /// The first whose record is not older than this: milliseconds since 1970. -1 where there is none.
    At(i64),
}

impl Spec {
    fn wire(self) -> i64 {
        match self {
            Self::Earliest => -2,
            Self::Latest => -1,
            Self::At(millis) => millis,
        }
    }
}

/// The offset of every partition of a topic, by partition id. Leaders that move meanwhile are looked up again.
///
/// Errors: `LEADER_NOT_AVAILABLE` where a partition has no leader, beside those of any read.
pub async fn list(client: &Client, topic: &str, spec: Spec) -> Result<Vec<(i32, i64)>, Error> {
    let mut attempts = Attempts::within(client.deadlines().call);
    loop {
        let mut error = match once(client, topic, spec).await {
            Ok(offsets) => return Ok(offsets),
            Err(error) => error,
        };
        if !error.retriable || !attempts.again().await {
            error.message.push_str(&attempts.told());
            return Err(error);
        }
    }
}

async fn once(client: &Client, topic: &str, spec: Spec) -> Result<Vec<(i32, i64)>, Error> {
    let mut by_leader: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for found in topics::list(client, Some(&[topic.to_owned()])).await?.iter().flat_map(|topic| &topic.partitions) {
        let leader = found.leader.ok_or_else(|| {
            Error::new("LEADER_NOT_AVAILABLE", format!("partition {topic}-{} has no leader", found.id))
                .hint("are the brokers of its replicas running?")
                .retriable()
        })?;
        by_leader.entry(leader).or_default().push(found.id);
    }
    let deadlines = client.deadlines();
    // One attempt a leader: after a fault it may not be the leader any more.
    let hasty = client.with_deadlines(Deadlines { call: Duration::ZERO, ..deadlines });
    let mut offsets = Vec::new();
    for (leader, ids) in by_leader {
        let build = |_| request(topic, &ids, spec);
        offsets.extend(hasty.read(Target::Broker(leader), build, |response| found(&response, topic, &ids)).await?);
    }
    offsets.sort_unstable();
    Ok(offsets)
}

fn request(topic: &str, ids: &[i32], spec: Spec) -> ListOffsetsRequest {
    let partitions =
        ids.iter().map(|id| ListOffsetsPartition::default().with_partition_index(*id).with_timestamp(spec.wire()));
    let topic = ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(partitions.collect());
    ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic])
}

fn found(response: &ListOffsetsResponse, topic: &str, ids: &[i32]) -> Result<Vec<(i32, i64)>, Error> {
    let answered =
        || response.topics.iter().filter(|found| *found.name.0 == *topic).flat_map(|topic| &topic.partitions);
    let offset = |id: &i32| {
        let what = format!("the offsets of {topic}-{id}");
        let found =
            answered().find(|partition| partition.partition_index == *id).ok_or_else(|| answer::missing(&what))?;
        answer::check(found.error_code, None, &what)?;
        Ok((*id, found.offset))
    };
    ids.iter().map(offset).collect()
}
