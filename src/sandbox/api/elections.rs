//! `ElectLeaders` (KIP-183, KIP-460).

use super::{Here, outcome, topic_name};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::{ElectLeadersRequest, ElectLeadersResponse};

/// Asked about every partition there is, it leaves out those that need no election.
pub(super) fn elect_leaders(here: &mut Here, request: &ElectLeadersRequest) -> ElectLeadersResponse {
    let unclean = match request.election_type {
        0 => false,
        1 => true,
        _ => return ElectLeadersResponse::default().with_error_code(ResponseError::InvalidRequest.code()),
    };
    let asked: Vec<(String, Vec<i32>)> = match &request.topic_partitions {
        Some(topics) => topics.iter().map(|topic| (topic.topic.to_string(), topic.partitions.clone())).collect(),
        None => here
            .cluster
            .topics
            .iter()
            .map(|(name, topic)| (name.clone(), (0..).zip(&topic.partitions).map(|(index, _)| index).collect()))
            .collect(),
    };
    let mut results = vec![];
    for (topic, partitions) in asked {
        let mut elected = vec![];
        for index in partitions {
            let allowed = here.cluster.check_controller(here.broker);
            let result = allowed.and_then(|()| here.cluster.elect_leader(&topic, index, unclean));
            let needless = result.as_ref().is_err_and(|refusal| refusal.code == ResponseError::ElectionNotNeeded);
            if needless && request.topic_partitions.is_none() {
                continue;
            }
            let (code, message) = outcome(&result);
            elected.push(
                PartitionResult::default().with_partition_id(index).with_error_code(code).with_error_message(message),
            );
        }
        if !elected.is_empty() {
            results
                .push(ReplicaElectionResult::default().with_topic(topic_name(&topic)).with_partition_result(elected));
        }
    }
    ElectLeadersResponse::default().with_replica_election_results(results)
}
