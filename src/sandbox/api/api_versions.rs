//! `ApiVersions`: what is offered, and the features of the cluster.

use super::Here;
use crate::sandbox::guise::Guise;
use crate::sandbox::wire::versions::offers;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;

/// Brokers say which versions of `ApiVersions` they have only since this release (KIP-511).
const SAYS_ITS_OWN: (u8, u8) = (2, 4);
/// Since this release there are features, and with them an epoch (KIP-584).
const HAS_FEATURES: (u8, u8) = (2, 7);

pub(super) fn api_versions(here: &mut Here, _request: &ApiVersionsRequest) -> ApiVersionsResponse {
    let (guise, cluster) = (here.guise(), here.cluster.guise);
    let reply = ApiVersionsResponse::default().with_api_keys(offers(guise).map(range).collect());
    if here.version < 3 || !guise.is_at_least(HAS_FEATURES) {
        return reply;
    }
    let supported = guise.features().into_iter().map(|(name, low, high, _)| {
        let key = SupportedFeatureKey::default().with_name(StrBytes::from_static_str(name));
        key.with_min_version(low).with_max_version(high)
    });
    // Those of the cluster stay as they were when it was new.
    let finalised = cluster.features().into_iter().filter(|(_, _, _, level)| *level > 0).map(|(name, _, _, level)| {
        let key = FinalizedFeatureKey::default().with_name(StrBytes::from_static_str(name));
        key.with_min_version_level(level).with_max_version_level(level)
    });
    reply
        // Before v4 a lowest level of 0 is not told, and such features are left out (KAFKA-17011).
        .with_supported_features(supported.filter(|key| here.version >= 4 || key.min_version > 0).collect())
        .with_finalized_features_epoch(1)
        .with_finalized_features(finalised.collect())
}

/// The answer, in v0, to a version that is not offered.
pub(super) fn unsupported(guise: Guise) -> ApiVersionsResponse {
    let own = offers(guise).filter(|(api, _, _)| *api == ApiKey::ApiVersions && guise.is_at_least(SAYS_ITS_OWN));
    ApiVersionsResponse::default()
        .with_error_code(ResponseError::UnsupportedVersion.code())
        .with_api_keys(own.map(range).collect())
}

fn range((api, low, high): (ApiKey, i16, i16)) -> ApiVersion {
    ApiVersion::default().with_api_key(api as i16).with_min_version(low).with_max_version(high)
}
