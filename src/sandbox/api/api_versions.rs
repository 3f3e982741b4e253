//! `ApiVersions`: what is offered, and the features of the cluster.

use super::Here;
use crate::sandbox::wire::versions::{METADATA_VERSION, offers};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;

const METADATA: StrBytes = StrBytes::from_static_str("metadata.version");

pub(super) fn api_versions(_here: &mut Here, _request: &ApiVersionsRequest) -> ApiVersionsResponse {
    let supported =
        SupportedFeatureKey::default().with_name(METADATA).with_min_version(1).with_max_version(METADATA_VERSION);
    let finalized = FinalizedFeatureKey::default()
        .with_name(METADATA)
        .with_min_version_level(METADATA_VERSION)
        .with_max_version_level(METADATA_VERSION);
    ApiVersionsResponse::default()
        .with_api_keys(offers().map(range).collect())
        .with_supported_features(vec![supported])
        .with_finalized_features_epoch(1)
        .with_finalized_features(vec![finalized])
}

/// The answer, in v0, to a version that is not offered: it says which ones are (KIP-511).
pub(super) fn unsupported() -> ApiVersionsResponse {
    let own = offers().filter(|(api, _, _)| *api == ApiKey::ApiVersions);
    ApiVersionsResponse::default()
        .with_error_code(ResponseError::UnsupportedVersion.code())
        .with_api_keys(own.map(range).collect())
}

fn range((api, low, high): (ApiKey, i16, i16)) -> ApiVersion {
    ApiVersion::default().with_api_key(api as i16).with_min_version(low).with_max_version(high)
}
