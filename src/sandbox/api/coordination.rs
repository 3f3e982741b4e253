//! `InitProducerId` for idempotent producers, and `FindCoordinator`. There are no groups and no transactions yet.

use super::Here;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{
    BrokerId, FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, InitProducerIdResponse,
    ProducerId,
};

pub(super) fn init_producer_id(here: &mut Here, request: &InitProducerIdRequest) -> InitProducerIdResponse {
    if request.transactional_id.is_some() {
        return InitProducerIdResponse::default()
            .with_error_code(ResponseError::CoordinatorNotAvailable.code())
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
    }
    InitProducerIdResponse::default().with_producer_id(ProducerId(here.cluster.producers.next_id()))
}

pub(super) fn find_coordinator(here: &mut Here, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
    let error = ResponseError::CoordinatorNotAvailable.code();
    if here.version < 4 {
        return FindCoordinatorResponse::default().with_error_code(error).with_node_id(BrokerId(-1)).with_port(-1);
    }
    let none =
        |key| Coordinator::default().with_key(key).with_error_code(error).with_node_id(BrokerId(-1)).with_port(-1);
    FindCoordinatorResponse::default().with_coordinators(request.coordinator_keys.iter().cloned().map(none).collect())
}
