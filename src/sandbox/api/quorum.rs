//! `DescribeQuorum` (KIP-595, KIP-836): three controllers that are nodes of their own, and the brokers that follow them.

use super::{HOST, Here};
use crate::sandbox::cluster::controller::QUORUM;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData};
use kafka_protocol::messages::{BrokerId, DescribeQuorumRequest, DescribeQuorumResponse};
use kafka_protocol::protocol::StrBytes;

const TOPIC: &str = "__cluster_metadata";

pub(super) fn describe_quorum(here: &mut Here, request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let asked = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|one| {
            let reply = PartitionData::default().with_partition_index(one.partition_index);
            if topic.topic_name.as_str() == TOPIC && one.partition_index == 0 {
                whole(here, reply)
            } else {
                reply.with_error_code(ResponseError::UnknownTopicOrPartition.code())
            }
        });
        TopicData::default().with_topic_name(topic.topic_name.clone()).with_partitions(partitions.collect())
    });
    let nodes = QUORUM.map(|id| {
        let listener =
            Listener::default().with_name(StrBytes::from_static_str("CONTROLLER")).with_host(HOST).with_port(9093);
        Node::default().with_node_id(BrokerId(id)).with_listeners(vec![listener])
    });
    let topics = asked.collect();
    let reply = DescribeQuorumResponse::default().with_topics(topics);
    if here.version >= 2 { reply.with_nodes(nodes.into()) } else { reply }
}

/// All that live have what there is.
fn whole(here: &Here, reply: PartitionData) -> PartitionData {
    let (cluster, now) = (&here.cluster, jiff::Timestamp::now().as_millisecond());
    let end = 1000 + i64::try_from(cluster.counters.applied.len()).unwrap_or(0);
    let state = |id: i32| {
        let state = ReplicaState::default().with_replica_id(BrokerId(id)).with_log_end_offset(end);
        let told = here.version >= 1;
        if told { state.with_last_fetch_timestamp(now).with_last_caught_up_timestamp(now) } else { state }
    };
    reply
        .with_leader_id(BrokerId(cluster.controller.active))
        .with_leader_epoch(cluster.controller.epoch)
        .with_high_watermark(end)
        .with_current_voters(QUORUM.map(state).into())
        .with_observers(cluster.living().into_iter().map(state).collect())
}
