//! `AlterPartitionReassignments` and `ListPartitionReassignments` (KIP-455).

use super::{Here, ids, numbers, outcome, topic_name};
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
};

/// Each partition stands for itself: some may be refused while others begin to move.
pub(super) fn alter(
    here: &mut Here,
    request: &AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    if let Err(refusal) = here.cluster.check_controller(here.broker) {
        return AlterPartitionReassignmentsResponse::default().with_error_code(refusal.code.code());
    }
    let mut responses = vec![];
    for topic in &request.topics {
        let partitions = topic.partitions.iter().map(|partition| {
            let target = partition.replicas.as_deref().map(numbers);
            let altered = here.cluster.alter_reassignment(&topic.name, partition.partition_index, target.as_deref());
            let (code, message) = outcome(&altered);
            ReassignablePartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
                .with_error_message(message)
        });
        let partitions = partitions.collect();
        responses.push(ReassignableTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions));
    }
    AlterPartitionReassignmentsResponse::default().with_responses(responses)
}

/// What is not moving, or is not there, is left out without an error.
pub(super) fn list(here: &mut Here, request: &ListPartitionReassignmentsRequest) -> ListPartitionReassignmentsResponse {
    if let Err(refusal) = here.cluster.check_controller(here.broker) {
        return ListPartitionReassignmentsResponse::default().with_error_code(refusal.code.code());
    }
    let asked = |topic: &str, partition: i32| {
        request.topics.as_ref().is_none_or(|topics| {
            topics.iter().any(|one| one.name.as_str() == topic && one.partition_indexes.contains(&partition))
        })
    };
    let mut topics = vec![];
    for (name, topic) in &here.cluster.topics {
        let moving = (0..).zip(&topic.partitions).filter(|(index, one)| one.is_moving() && asked(name, *index));
        let partitions: Vec<_> = moving
            .map(|(index, partition)| {
                OngoingPartitionReassignment::default()
                    .with_partition_index(index)
                    .with_replicas(ids(&partition.replicas))
                    .with_adding_replicas(ids(&partition.adding))
                    .with_removing_replicas(ids(&partition.removing))
            })
            .collect();
        if !partitions.is_empty() {
            topics.push(OngoingTopicReassignment::default().with_name(topic_name(name)).with_partitions(partitions));
        }
    }
    ListPartitionReassignmentsResponse::default().with_topics(topics)
}
