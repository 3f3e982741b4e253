//! Which APIs a broker offers, and in which versions: as the brokers of each release do, cut down to what the sandbox
//! implements and the codec knows. The codec begins with the oldest versions that Kafka 4.0 still takes (KIP-896).
//!
//! The figures are those of `ApiKeys` in the client jars of 2.1.1, 2.2.2, … 4.4.0; versions that a release keeps unstable
//! are not offered.

use super::shapes::shape_of;
use crate::sandbox::guise::Guise;
use kafka_protocol::messages::ApiKey;

/// Lowest and highest version of an API that a broker offers.
pub(crate) type Offer = (ApiKey, i16, i16);

/// The releases in which the newest version of an API became another one.
type Steps = &'static [((u8, u8), i16)];

const BROKERS: &[(ApiKey, Steps)] = &[
    (ApiKey::Produce, &[((2, 1), 7), ((2, 4), 8), ((2, 8), 9), ((3, 7), 10), ((3, 8), 11), ((4, 0), 12), ((4, 1), 13)]),
    (
        ApiKey::Fetch,
        &[
            ((2, 1), 10),
            ((2, 3), 11),
            ((2, 7), 12),
            ((3, 1), 13),
            ((3, 5), 15),
            ((3, 7), 16),
            ((3, 9), 17),
            ((4, 1), 18),
        ],
    ),
    (
        ApiKey::ListOffsets,
        &[((2, 1), 4), ((2, 2), 5), ((2, 8), 6), ((3, 0), 7), ((3, 5), 8), ((3, 9), 9), ((4, 0), 10), ((4, 2), 11)],
    ),
    (ApiKey::Metadata, &[((2, 1), 7), ((2, 3), 8), ((2, 4), 9), ((2, 8), 11), ((3, 1), 12), ((4, 0), 13)]),
    (ApiKey::OffsetCommit, &[((2, 1), 6), ((2, 3), 7), ((2, 4), 8), ((3, 7), 9)]),
    (ApiKey::OffsetFetch, &[((2, 1), 5), ((2, 4), 6), ((2, 5), 7), ((3, 0), 8), ((3, 7), 9)]),
    (ApiKey::FindCoordinator, &[((2, 1), 2), ((2, 4), 3), ((3, 0), 4), ((3, 8), 5), ((3, 9), 6)]),
    (ApiKey::JoinGroup, &[((2, 1), 3), ((2, 2), 4), ((2, 3), 5), ((2, 4), 6), ((2, 5), 7), ((3, 2), 9)]),
    (ApiKey::Heartbeat, &[((2, 1), 2), ((2, 3), 3), ((2, 4), 4)]),
    (ApiKey::LeaveGroup, &[((2, 1), 2), ((2, 4), 4), ((3, 2), 5)]),
    (ApiKey::SyncGroup, &[((2, 1), 2), ((2, 3), 3), ((2, 4), 4), ((2, 5), 5)]),
    (ApiKey::DescribeGroups, &[((2, 1), 2), ((2, 3), 3), ((2, 4), 5), ((4, 0), 6)]),
    (ApiKey::ListGroups, &[((2, 1), 2), ((2, 4), 3), ((2, 6), 4), ((3, 8), 5)]),
    (ApiKey::ApiVersions, &[((2, 1), 2), ((2, 4), 3), ((3, 9), 4)]),
    (ApiKey::CreateTopics, &[((2, 1), 3), ((2, 4), 5), ((2, 7), 6), ((2, 8), 7)]),
    (ApiKey::DeleteTopics, &[((2, 1), 3), ((2, 4), 4), ((2, 7), 5), ((2, 8), 6)]),
    (ApiKey::DeleteRecords, &[((2, 1), 1), ((2, 6), 2)]),
    (ApiKey::InitProducerId, &[((2, 1), 1), ((2, 4), 2), ((2, 5), 3), ((2, 7), 4), ((3, 8), 5)]),
    (ApiKey::DescribeAcls, &[((2, 1), 1), ((2, 5), 2), ((3, 3), 3)]),
    (ApiKey::CreateAcls, &[((2, 1), 1), ((2, 5), 2), ((3, 3), 3)]),
    (ApiKey::DeleteAcls, &[((2, 1), 1), ((2, 5), 2), ((3, 3), 3)]),
    (ApiKey::DescribeConfigs, &[((2, 1), 2), ((2, 6), 3), ((2, 8), 4)]),
    (ApiKey::AlterConfigs, &[((2, 1), 1), ((2, 8), 2)]),
    (ApiKey::DescribeLogDirs, &[((2, 1), 1), ((2, 6), 2), ((3, 2), 3), ((3, 3), 4)]),
    (ApiKey::CreatePartitions, &[((2, 1), 1), ((2, 5), 2), ((2, 7), 3)]),
    (ApiKey::DeleteGroups, &[((2, 1), 1), ((2, 4), 2)]),
    (ApiKey::ElectLeaders, &[((2, 2), 0), ((2, 4), 2)]),
    (ApiKey::IncrementalAlterConfigs, &[((2, 3), 0), ((2, 4), 1)]),
    (ApiKey::AlterPartitionReassignments, &[((2, 4), 0), ((4, 1), 1)]),
    (ApiKey::ListPartitionReassignments, &[((2, 4), 0)]),
    (ApiKey::OffsetDelete, &[((2, 4), 0)]),
    (ApiKey::DescribeClientQuotas, &[((2, 6), 0), ((2, 8), 1)]),
    (ApiKey::DescribeUserScramCredentials, &[((2, 7), 0)]),
    (ApiKey::DescribeCluster, &[((2, 8), 0), ((3, 7), 1), ((4, 0), 2)]),
    (ApiKey::DescribeTransactions, &[((3, 0), 0)]),
    (ApiKey::ListTransactions, &[((3, 0), 0), ((3, 8), 1), ((4, 1), 2)]),
    (ApiKey::ConsumerGroupDescribe, &[((3, 8), 0), ((4, 0), 1)]),
];

/// What only brokers with `KRaft` offer, or these later than those with `ZooKeeper`.
const ONLY_KRAFT: &[(ApiKey, Steps)] =
    &[(ApiKey::DescribeQuorum, &[((3, 3), 1), ((3, 9), 2)]), (ApiKey::DescribeUserScramCredentials, &[((3, 5), 0)])];

/// What a broker of this guise offers.
pub(crate) fn offers(guise: Guise) -> impl Iterator<Item = Offer> {
    let late = move |api: ApiKey| !guise.has_zookeeper() && ONLY_KRAFT.iter().any(|(other, _)| *other == api);
    let own = BROKERS.iter().filter(move |(api, _)| !late(*api));
    let more = ONLY_KRAFT.iter().filter(move |_| !guise.has_zookeeper());
    own.chain(more).filter_map(move |(api, steps)| {
        let newest = steps.iter().rev().find(|(release, _)| guise.is_at_least(*release)).map(|(_, newest)| *newest)?;
        let known = api.valid_versions();
        shape_of(*api).map(|_| (*api, known.min, newest.min(known.max)))
    })
}

/// The API with this number, if it is offered in any version, and whether it is in this one.
pub(super) fn offered(guise: Guise, key: i16, version: i16) -> Option<(ApiKey, bool)> {
    let offer = offers(guise).find(|(api, _, _)| *api as i16 == key);
    offer.map(|(api, low, high)| (api, (low..=high).contains(&version)))
}

/// The API that Kafka calls so.
pub(crate) fn api_named(guise: Guise, name: &str) -> Option<ApiKey> {
    offers(guise).map(|(api, _, _)| api).find(|api| format!("{api:?}") == name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_api_is_offered_once_in_each_guise_and_never_without_a_version() {
        for text in ["2.1", "2.4", "2.8", "3.0", "3.3", "3.9", "4.0", "4.4"] {
            let guise: Guise = text.parse().unwrap();
            for guise in [Some(guise), guise.with_zookeeper().ok()].into_iter().flatten() {
                let mut keys: Vec<i16> = offers(guise).map(|(api, _, _)| api as i16).collect();
                assert!(offers(guise).all(|(_, low, high)| low <= high), "{text}");
                keys.sort_unstable();
                let count = keys.len();
                keys.dedup();
                assert_eq!(keys.len(), count, "{text}");
            }
        }
    }
}
