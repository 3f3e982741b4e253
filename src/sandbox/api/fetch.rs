//! `Fetch`, for consumers. There are no fetch sessions: each request names all it wants (KIP-227 allows that).

use super::Here;
use crate::sandbox::cluster::partition::Partition;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse, TopicName};
use std::time::Duration;

/// The reply, and how long it may be kept back because it holds less than was asked for.
pub(super) fn fetch(here: &mut Here, request: &FetchRequest) -> (FetchResponse, Option<Duration>) {
    if request.session_id != 0 {
        return (FetchResponse::default().with_error_code(ResponseError::FetchSessionIdNotFound.code()), None);
    }
    let mut left = usize::try_from(request.max_bytes).unwrap_or(0);
    let (mut read, mut trouble) = (0_usize, false);
    let mut responses = vec![];
    for topic in &request.topics {
        let name = named(here, topic);
        let mut partitions = vec![];
        for asked in &topic.partitions {
            let data = PartitionData::default()
                .with_partition_index(asked.partition)
                .with_preferred_read_replica(BrokerId(-1))
                .with_aborted_transactions(None);
            let data = match read_from(here, name.as_deref(), asked, left, read == 0) {
                Ok((start, end, records)) => {
                    read += records.len();
                    left = left.saturating_sub(records.len());
                    data.with_high_watermark(end)
                        .with_last_stable_offset(end)
                        .with_log_start_offset(start)
                        .with_records(Some(records))
                }
                Err(error) => {
                    trouble = true;
                    data.with_error_code(error.code())
                        .with_high_watermark(-1)
                        .with_last_stable_offset(-1)
                        .with_log_start_offset(-1)
                        .with_records(Some(Bytes::new()))
                }
            };
            partitions.push(data);
        }
        let response = FetchableTopicResponse::default().with_partitions(partitions);
        responses.push(if here.version >= 13 {
            response.with_topic_id(topic.topic_id)
        } else {
            response.with_topic(name.map_or_else(TopicName::default, |name| super::topic_name(&name)))
        });
    }
    let enough = trouble || responses.is_empty() || read >= usize::try_from(request.min_bytes).unwrap_or(0);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    (FetchResponse::default().with_responses(responses), (!enough && !wait.is_zero()).then_some(wait))
}

/// From v13 on topics are named by id (KIP-516).
fn named(here: &Here, topic: &FetchTopic) -> Option<String> {
    if here.version >= 13 {
        here.cluster.topic_by_id(topic.topic_id).map(|(name, _)| name.clone())
    } else {
        Some(topic.topic.to_string())
    }
}

fn read_from(
    here: &Here,
    topic: Option<&str>,
    asked: &FetchPartition,
    left: usize,
    first: bool,
) -> Result<(i64, i64, Bytes), ResponseError> {
    let topic = topic.ok_or(ResponseError::UnknownTopicId)?;
    let partition = here.cluster.partition(topic, asked.partition).ok_or(ResponseError::UnknownTopicOrPartition)?;
    check_leader(here.broker, partition, asked.current_leader_epoch)?;
    let (start, end) = (partition.log.start(), partition.log.end());
    if !(start..=end).contains(&asked.fetch_offset) {
        return Err(ResponseError::OffsetOutOfRange);
    }
    let most = left.min(usize::try_from(asked.partition_max_bytes).unwrap_or(0));
    Ok((start, end, partition.log.read(asked.fetch_offset, most, first)))
}

/// Only the leader answers, and only a client that knows its epoch or none (KIP-320).
pub(super) fn check_leader(broker: i32, partition: &Partition, known_epoch: i32) -> Result<(), ResponseError> {
    if partition.leader != Some(broker) {
        Err(ResponseError::NotLeaderOrFollower)
    } else if known_epoch >= 0 && known_epoch < partition.leader_epoch {
        Err(ResponseError::FencedLeaderEpoch)
    } else if known_epoch > partition.leader_epoch {
        Err(ResponseError::UnknownLeaderEpoch)
    } else {
        Ok(())
    }
}
