//! `DeleteRecords` (KIP-107).

use super::{Here, outcome};
use crate::sandbox::cluster::Refusal;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse};

/// An offset that stands for the end of the log.
const END: i64 = -1;

/// The leader deletes, and its followers at once with it.
pub(super) fn delete_records(here: &mut Here, request: &DeleteRecordsRequest) -> DeleteRecordsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|one| {
            let deleted = delete(here, &topic.name, one.partition_index, one.offset);
            DeleteRecordsPartitionResult::default()
                .with_partition_index(one.partition_index)
                .with_error_code(outcome(&deleted).0)
                .with_low_watermark(deleted.unwrap_or(-1))
        });
        DeleteRecordsTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}

fn delete(here: &mut Here, topic: &str, index: i32, offset: i64) -> Result<i64, Refusal> {
    let policy = here.cluster.configs.topic_value(topic, "cleanup.policy").unwrap_or_default();
    let partition = here.cluster.partition_mut(topic, index)?;
    if partition.leader != Some(here.broker) {
        return Err(Refusal::new(ResponseError::NotLeaderOrFollower, "This broker does not lead the partition."));
    }
    if !policy.split(',').any(|one| one.trim() == "delete") {
        return Err(Refusal::new(ResponseError::PolicyViolation, "The topic's cleanup policy keeps its records."));
    }
    let below = if offset == END { partition.log.end() } else { offset };
    if !(0..=partition.log.end()).contains(&below) {
        return Err(Refusal::new(ResponseError::OffsetOutOfRange, "The offset is beyond the end of the log."));
    }
    partition.log.delete_below(below);
    let start = partition.log.start();
    here.cluster.counters.count("DeleteRecords", format!("{topic}-{index} below {below}"));
    Ok(start)
}
