//! The quorum of controllers of a `KRaft` cluster (`DescribeQuorum`, KIP-836, Kafka 3.3).

use super::Client;
use super::topics::topic_name;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::Error;
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::describe_quorum_response::ReplicaState;
use kafka_protocol::messages::{DescribeQuorumRequest, DescribeQuorumResponse};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// The active controller.
    pub leader: i32,
    pub leader_epoch: i32,
    pub high_watermark: i64,
    /// The controllers, by id.
    pub voters: Vec<Member>,
    /// Those that follow without a vote: the brokers, by id.
    pub observers: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: i32,
    pub log_end_offset: i64,
    /// Records of the metadata log that the leader has and this one has not fetched.
    pub lag: i64,
    /// When the leader last saw it fetch, milliseconds since 1970.
    pub last_fetch_ms: Option<i64>,
    /// When it last had all that there was.
    pub last_caught_up_ms: Option<i64>,
}

const METADATA_TOPIC: &str = "__cluster_metadata";

/// Errors: `UNSUPPORTED_VERSION` with `ZooKeeper`, beside those of any read.
pub async fn describe(client: &Client) -> Result<Quorum, Error> {
    let build = |_| {
        let topic = TopicData::default()
            .with_topic_name(topic_name(METADATA_TOPIC))
            .with_partitions(vec![PartitionData::default()]);
        DescribeQuorumRequest::default().with_topics(vec![topic])
    };
    client.read(Target::Any, build, |response| quorum(&response)).await
}

fn quorum(response: &DescribeQuorumResponse) -> Result<Quorum, Error> {
    const WHAT: &str = "the quorum of controllers";
    answer::check(response.error_code, response.error_message.as_deref(), WHAT)?;
    let partition = response.topics.first().and_then(|topic| topic.partitions.first());
    let found = partition.ok_or_else(|| answer::missing(WHAT))?;
    answer::check(found.error_code, found.error_message.as_deref(), WHAT)?;
    let voters = &found.current_voters;
    let leader_end = voters.iter().find(|voter| voter.replica_id == found.leader_id).map(|voter| voter.log_end_offset);
    let end = leader_end.unwrap_or(found.high_watermark);
    Ok(Quorum {
        leader: found.leader_id.0,
        leader_epoch: found.leader_epoch,
        high_watermark: found.high_watermark,
        voters: members(voters, end),
        observers: members(&found.observers, end),
    })
}

fn members(states: &[ReplicaState], end: i64) -> Vec<Member> {
    let time = |millis: i64| Some(millis).filter(|millis| *millis >= 0);
    let member = |state: &ReplicaState| Member {
        id: state.replica_id.0,
        log_end_offset: state.log_end_offset,
        lag: (end - state.log_end_offset).max(0),
        last_fetch_ms: time(state.last_fetch_timestamp),
        last_caught_up_ms: time(state.last_caught_up_timestamp),
    };
    let mut members: Vec<Member> = states.iter().map(member).collect();
    members.sort_by_key(|member| member.id);
    members
}
