//! `Produce`: batches are checked, stored as they came, and in sync at once.

use super::Here;
use crate::sandbox::cluster::batch::{BadBatch, BatchHeader};
use crate::sandbox::cluster::producers::Verdict;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse};

pub(super) fn produce(here: &mut Here, request: &ProduceRequest) -> ProduceResponse {
    let mut responses = vec![];
    for topic in &request.topic_data {
        // From v13 on topics are named by id (KIP-516).
        let name = match here.version {
            13.. => here.cluster.topic_by_id(topic.topic_id).map(|(name, _)| name.clone()),
            _ => Some(topic.name.to_string()),
        };
        let partitions = topic.partition_data.iter().map(|partition| {
            let response = PartitionProduceResponse::default().with_index(partition.index).with_log_append_time_ms(-1);
            let records = partition.records.clone().unwrap_or_default();
            let name = name.as_deref().ok_or(ResponseError::UnknownTopicId);
            match name.and_then(|name| append(here, name, partition.index, request.acks, records)) {
                Ok((base, start)) => response.with_base_offset(base).with_log_start_offset(start),
                Err(error) => response.with_base_offset(-1).with_error_code(error.code()),
            }
        });
        let partitions = partitions.collect();
        let response = TopicProduceResponse::default().with_partition_responses(partitions);
        responses.push(if here.version >= 13 {
            response.with_topic_id(topic.topic_id)
        } else {
            response.with_name(topic.name.clone())
        });
    }
    ProduceResponse::default().with_responses(responses)
}

fn append(here: &mut Here, topic: &str, index: i32, acks: i16, records: Bytes) -> Result<(i64, i64), ResponseError> {
    if !matches!(acks, -1..=1) {
        return Err(ResponseError::InvalidRequiredAcks);
    }
    let needed = here.cluster.min_isr(topic);
    here.cluster.drop_the_silent_from_isr(topic, index);
    let partition = here.cluster.partition_mut(topic, index).map_err(|refusal| refusal.code)?;
    if partition.leader != Some(here.broker) {
        return Err(ResponseError::NotLeaderOrFollower);
    }
    if acks == -1 && partition.isr.len() < needed.min(partition.replicas.len()) {
        return Err(ResponseError::NotEnoughReplicas);
    }
    let header = BatchHeader::read(&records).map_err(|bad| match bad {
        BadBatch::Malformed => ResponseError::InvalidRecord,
        BadBatch::Checksum => ResponseError::CorruptMessage,
    })?;
    let start = partition.log.start();
    match here.cluster.producers.judge(topic, index, header) {
        Verdict::Duplicate(base) => return Ok((base, start)),
        Verdict::Refuse(error) => return Err(error),
        Verdict::Append => {}
    }
    let base = here.cluster.append(topic, index, header, records).ok_or(ResponseError::UnknownTopicOrPartition)?;
    here.cluster.producers.appended(topic, index, header, base);
    Ok((base, start))
}
