//! Which APIs a broker offers: a table for each Kafka version, cut down to what the sandbox implements.

use super::shapes::shape_of;
use kafka_protocol::messages::ApiKey;

/// Lowest and highest version of an API that a broker offers.
pub(crate) type Offer = (ApiKey, i16, i16);

/// Brokers of Kafka 3.9.
const KAFKA_3_9: &[Offer] = &[
    (ApiKey::Produce, 0, 11),
    (ApiKey::Fetch, 0, 17),
    (ApiKey::ListOffsets, 0, 9),
    (ApiKey::Metadata, 0, 12),
    (ApiKey::FindCoordinator, 0, 6),
    (ApiKey::ApiVersions, 0, 4),
    (ApiKey::CreateTopics, 0, 7),
    (ApiKey::DeleteTopics, 0, 6),
    (ApiKey::InitProducerId, 0, 5),
    (ApiKey::DescribeConfigs, 0, 4),
    (ApiKey::DescribeLogDirs, 0, 4),
    (ApiKey::ElectLeaders, 0, 2),
    (ApiKey::IncrementalAlterConfigs, 0, 1),
    (ApiKey::AlterPartitionReassignments, 0, 0),
    (ApiKey::ListPartitionReassignments, 0, 0),
    (ApiKey::DescribeCluster, 0, 1),
    (ApiKey::OffsetCommit, 0, 9),
    (ApiKey::OffsetFetch, 0, 9),
    (ApiKey::JoinGroup, 0, 9),
    (ApiKey::Heartbeat, 0, 4),
    (ApiKey::LeaveGroup, 0, 5),
    (ApiKey::SyncGroup, 0, 5),
    (ApiKey::DescribeGroups, 0, 5),
    (ApiKey::ListGroups, 0, 5),
    (ApiKey::DeleteGroups, 0, 2),
    (ApiKey::OffsetDelete, 0, 0),
    (ApiKey::ConsumerGroupDescribe, 0, 0),
    (ApiKey::DeleteRecords, 0, 2),
    (ApiKey::CreatePartitions, 0, 3),
];

/// `metadata.version` of a cluster that was made with Kafka 3.9 (3.9-IV0).
pub(crate) const METADATA_VERSION: i16 = 21;

/// What is offered.
pub(crate) fn offers() -> impl Iterator<Item = Offer> {
    KAFKA_3_9.iter().filter(|(api, _, _)| shape_of(*api).is_some()).map(|&(api, low, high)| {
        let known = api.valid_versions();
        (api, low.max(known.min), high.min(known.max))
    })
}

/// The API with this number, if it is offered in any version, and whether it is in this one.
pub(super) fn offered(key: i16, version: i16) -> Option<(ApiKey, bool)> {
    offers().find(|(api, _, _)| *api as i16 == key).map(|(api, low, high)| (api, (low..=high).contains(&version)))
}

/// The API that Kafka calls so.
pub(crate) fn api_named(name: &str) -> Option<ApiKey> {
    offers().map(|(api, _, _)| api).find(|api| format!("{api:?}") == name)
}
