//! `InitProducerId` for idempotent producers, and `FindCoordinator` of groups. There are no transactions.

use super::{HOST, Here};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{
    BrokerId, FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, InitProducerIdResponse,
    ProducerId,
};
use kafka_protocol::protocol::StrBytes;

pub(super) fn init_producer_id(here: &mut Here, request: &InitProducerIdRequest) -> InitProducerIdResponse {
    if request.transactional_id.is_some() {
        return InitProducerIdResponse::default()
            .with_error_code(ResponseError::CoordinatorNotAvailable.code())
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
    }
    InitProducerIdResponse::default().with_producer_id(ProducerId(here.cluster.producers.next_id()))
}

/// Kafka's number for groups; 1 is for transactions, which nobody coordinates here.
const GROUP: i8 = 0;

pub(super) fn find_coordinator(here: &mut Here, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
    let mut find = |key: &StrBytes| {
        let found = Coordinator::default().with_key(key.clone());
        let id = if request.key_type == GROUP { here.cluster.coordinator(key) } else { None };
        let port = id.and_then(|id| here.cluster.brokers.get(&id)).map(|broker| i32::from(broker.port));
        match (id, port) {
            (Some(id), Some(port)) => found.with_node_id(BrokerId(id)).with_host(HOST).with_port(port),
            _ => found
                .with_error_code(ResponseError::CoordinatorNotAvailable.code())
                .with_node_id(BrokerId(-1))
                .with_port(-1),
        }
    };
    if here.version >= 4 {
        let coordinators = request.coordinator_keys.iter().map(find).collect();
        return FindCoordinatorResponse::default().with_coordinators(coordinators);
    }
    let found = find(&request.key);
    FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port)
}
