//! `ListOffsets`: the ends of the logs, and offsets by time.

use super::Here;
use super::fetch::check_leader;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
/// The record with the newest time (KIP-734).
const NEWEST: i64 = -3;
/// The earliest on the broker's own disk (KIP-405): nothing is anywhere else here.
const EARLIEST_LOCAL: i64 = -4;

pub(super) fn list_offsets(here: &mut Here, request: &ListOffsetsRequest) -> ListOffsetsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let response = ListOffsetsPartitionResponse::default().with_partition_index(asked.partition_index);
            match offset(here, &topic.name, asked) {
                Ok((offset, timestamp, epoch)) => {
                    response.with_offset(offset).with_timestamp(timestamp).with_leader_epoch(epoch)
                }
                Err(error) => response.with_error_code(error.code()).with_offset(-1).with_timestamp(-1),
            }
        });
        ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

/// Offset, time and leader epoch; -1 each where there is no such record.
fn offset(here: &Here, topic: &str, asked: &ListOffsetsPartition) -> Result<(i64, i64, i32), ResponseError> {
    let partition =
        here.cluster.partition(topic, asked.partition_index).ok_or(ResponseError::UnknownTopicOrPartition)?;
    check_leader(here.broker, partition, asked.current_leader_epoch)?;
    let (log, epoch) = (&partition.log, partition.leader_epoch);
    let found = |place: Option<(i64, i64)>| place.map_or((-1, -1, -1), |(offset, time)| (offset, time, epoch));
    Ok(match asked.timestamp {
        LATEST => (log.end(), -1, epoch),
        EARLIEST | EARLIEST_LOCAL => (log.start(), -1, epoch),
        NEWEST => found(log.newest()),
        time if time >= 0 => found(log.first_at(time)),
        _ => found(None),
    })
}
