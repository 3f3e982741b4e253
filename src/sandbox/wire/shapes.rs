//! The shapes of the requests that the sandbox takes, from Kafka's message definitions.

use super::shape::Field;
use super::shape::What::{self, Blob, Fixed, List, Numbers, Text, Texts};
use kafka_protocol::messages::ApiKey;

/// In every version.
const fn always(what: What) -> Field {
    Field { from: 0, to: i16::MAX, what }
}

const fn since(from: i16, what: What) -> Field {
    Field { from, to: i16::MAX, what }
}

const fn between(from: i16, to: i16, what: What) -> Field {
    Field { from, to, what }
}

/// A topic and some of its partitions.
const TOPIC_PARTITIONS: &[Field] = &[always(Text), always(Numbers(4))];

/// The fields of a request, in the order of the wire; none where the sandbox does not take it.
pub(super) fn shape_of(api: ApiKey) -> Option<&'static [Field]> {
    Some(match api {
        ApiKey::ApiVersions => API_VERSIONS,
        ApiKey::Metadata => METADATA,
        ApiKey::DescribeCluster => DESCRIBE_CLUSTER,
        ApiKey::CreateTopics => CREATE_TOPICS,
        ApiKey::DeleteTopics => DELETE_TOPICS,
        ApiKey::DescribeConfigs => DESCRIBE_CONFIGS,
        ApiKey::IncrementalAlterConfigs => INCREMENTAL_ALTER_CONFIGS,
        ApiKey::DescribeLogDirs => DESCRIBE_LOG_DIRS,
        ApiKey::AlterPartitionReassignments => ALTER_PARTITION_REASSIGNMENTS,
        ApiKey::ListPartitionReassignments => LIST_PARTITION_REASSIGNMENTS,
        ApiKey::ElectLeaders => ELECT_LEADERS,
        ApiKey::Produce => PRODUCE,
        ApiKey::Fetch => FETCH,
        ApiKey::ListOffsets => LIST_OFFSETS,
        ApiKey::InitProducerId => INIT_PRODUCER_ID,
        ApiKey::FindCoordinator => FIND_COORDINATOR,
        ApiKey::JoinGroup => JOIN_GROUP,
        ApiKey::SyncGroup => SYNC_GROUP,
        ApiKey::Heartbeat => HEARTBEAT,
        ApiKey::LeaveGroup => LEAVE_GROUP,
        ApiKey::OffsetCommit => OFFSET_COMMIT,
        ApiKey::OffsetFetch => OFFSET_FETCH,
        ApiKey::OffsetDelete => OFFSET_DELETE,
        ApiKey::ListGroups => LIST_GROUPS,
        ApiKey::DescribeGroups => DESCRIBE_GROUPS,
        ApiKey::ConsumerGroupDescribe => CONSUMER_GROUP_DESCRIBE,
        ApiKey::DeleteGroups => DELETE_GROUPS,
        ApiKey::DeleteRecords => DELETE_RECORDS,
        ApiKey::CreatePartitions => CREATE_PARTITIONS,
        ApiKey::AlterConfigs => ALTER_CONFIGS,
        ApiKey::DescribeQuorum => DESCRIBE_QUORUM,
        ApiKey::DescribeAcls => DESCRIBE_ACLS,
        ApiKey::CreateAcls => CREATE_ACLS,
        ApiKey::DeleteAcls => DELETE_ACLS,
        ApiKey::DescribeClientQuotas => DESCRIBE_CLIENT_QUOTAS,
        ApiKey::DescribeUserScramCredentials => DESCRIBE_USER_SCRAM_CREDENTIALS,
        ApiKey::DescribeTransactions => DESCRIBE_TRANSACTIONS,
        ApiKey::ListTransactions => LIST_TRANSACTIONS,
        _ => return None,
    })
}

const API_VERSIONS: &[Field] = &[since(3, Text), since(3, Text)];

const METADATA: &[Field] = &[
    always(List(&[since(10, Fixed(16)), always(Text)])),
    since(4, Fixed(1)),
    between(8, 10, Fixed(1)),
    since(8, Fixed(1)),
];

const DESCRIBE_CLUSTER: &[Field] = &[always(Fixed(1)), since(1, Fixed(1)), since(2, Fixed(1))];

const CREATE_TOPICS: &[Field] = &[
    always(List(&[
        always(Text),
        always(Fixed(4)),
        always(Fixed(2)),
        always(List(&[always(Fixed(4)), always(Numbers(4))])),
        always(List(&[always(Text), always(Text)])),
    ])),
    always(Fixed(4)),
    always(Fixed(1)),
];

const DELETE_TOPICS: &[Field] =
    &[since(6, List(&[always(Text), always(Fixed(16))])), between(0, 5, Texts), always(Fixed(4))];

const DESCRIBE_CONFIGS: &[Field] =
    &[always(List(&[always(Fixed(1)), always(Text), always(Texts)])), always(Fixed(1)), since(3, Fixed(1))];

const INCREMENTAL_ALTER_CONFIGS: &[Field] = &[
    always(List(&[always(Fixed(1)), always(Text), always(List(&[always(Text), always(Fixed(1)), always(Text)]))])),
    always(Fixed(1)),
];

const ALTER_CONFIGS: &[Field] =
    &[always(List(&[always(Fixed(1)), always(Text), always(List(&[always(Text), always(Text)]))])), always(Fixed(1))];

const DESCRIBE_QUORUM: &[Field] = &[always(List(&[always(Text), always(List(&[always(Fixed(4))]))]))];

/// Kinds of resource and pattern, operation and permission are a byte each.
const DESCRIBE_ACLS: &[Field] =
    &[always(Fixed(1)), always(Text), always(Fixed(1)), always(Text), always(Text), always(Fixed(2))];

const CREATE_ACLS: &[Field] =
    &[always(List(&[always(Fixed(1)), always(Text), always(Fixed(1)), always(Text), always(Text), always(Fixed(2))]))];

const DELETE_ACLS: &[Field] = CREATE_ACLS;

const DESCRIBE_CLIENT_QUOTAS: &[Field] =
    &[always(List(&[always(Text), always(Fixed(1)), always(Text)])), always(Fixed(1))];

const DESCRIBE_USER_SCRAM_CREDENTIALS: &[Field] = &[always(List(&[always(Text)]))];

const DESCRIBE_TRANSACTIONS: &[Field] = &[always(Texts)];

const LIST_TRANSACTIONS: &[Field] = &[always(Texts), always(Numbers(8)), since(1, Fixed(8)), since(2, Text)];

const DESCRIBE_LOG_DIRS: &[Field] = &[always(List(TOPIC_PARTITIONS))];

const ALTER_PARTITION_REASSIGNMENTS: &[Field] = &[
    always(Fixed(4)),
    since(1, Fixed(1)),
    always(List(&[always(Text), always(List(&[always(Fixed(4)), always(Numbers(4))]))])),
];

const LIST_PARTITION_REASSIGNMENTS: &[Field] = &[always(Fixed(4)), always(List(TOPIC_PARTITIONS))];

const ELECT_LEADERS: &[Field] = &[since(1, Fixed(1)), always(List(TOPIC_PARTITIONS)), always(Fixed(4))];

const PRODUCE: &[Field] = &[
    always(Text),
    always(Fixed(2)),
    always(Fixed(4)),
    always(List(&[between(0, 12, Text), since(13, Fixed(16)), always(List(&[always(Fixed(4)), always(Blob)]))])),
];

const LIST_OFFSETS: &[Field] = &[
    always(Fixed(4)),
    since(2, Fixed(1)),
    always(List(&[always(Text), always(List(&[always(Fixed(4)), since(4, Fixed(4)), always(Fixed(8))]))])),
    since(10, Fixed(4)),
];

const INIT_PRODUCER_ID: &[Field] = &[always(Text), always(Fixed(4)), since(3, Fixed(8)), since(3, Fixed(2))];

const FIND_COORDINATOR: &[Field] = &[between(0, 3, Text), since(1, Fixed(1)), since(4, Texts)];

const JOIN_GROUP: &[Field] = &[
    always(Text),
    always(Fixed(4)),
    since(1, Fixed(4)),
    always(Text),
    since(5, Text),
    always(Text),
    always(List(&[always(Text), always(Blob)])),
    since(8, Text),
];

const SYNC_GROUP: &[Field] = &[
    always(Text),
    always(Fixed(4)),
    always(Text),
    since(3, Text),
    since(5, Text),
    since(5, Text),
    always(List(&[always(Text), always(Blob)])),
];

const HEARTBEAT: &[Field] = &[always(Text), always(Fixed(4)), always(Text), since(3, Text)];

const LEAVE_GROUP: &[Field] =
    &[always(Text), between(0, 2, Text), since(3, List(&[always(Text), always(Text), since(5, Text)]))];

const OFFSET_COMMIT: &[Field] = &[
    always(Text),
    always(Fixed(4)),
    always(Text),
    since(7, Text),
    between(2, 4, Fixed(8)),
    always(List(&[
        always(Text),
        always(List(&[always(Fixed(4)), always(Fixed(8)), since(6, Fixed(4)), always(Text)])),
    ])),
];

const OFFSET_FETCH: &[Field] = &[
    between(0, 7, Text),
    between(0, 7, List(TOPIC_PARTITIONS)),
    since(8, List(&[always(Text), since(9, Text), since(9, Fixed(4)), always(List(TOPIC_PARTITIONS))])),
    since(7, Fixed(1)),
];

const OFFSET_DELETE: &[Field] = &[always(Text), always(List(TOPIC_PARTITIONS))];

const LIST_GROUPS: &[Field] = &[since(4, Texts), since(5, Texts)];

const DESCRIBE_GROUPS: &[Field] = &[always(Texts), since(3, Fixed(1))];

const CONSUMER_GROUP_DESCRIBE: &[Field] = &[always(Texts), always(Fixed(1))];

const DELETE_GROUPS: &[Field] = &[always(Texts)];

const DELETE_RECORDS: &[Field] =
    &[always(List(&[always(Text), always(List(&[always(Fixed(4)), always(Fixed(8))]))])), always(Fixed(4))];

const CREATE_PARTITIONS: &[Field] = &[
    always(List(&[always(Text), always(Fixed(4)), always(List(&[always(Numbers(4))]))])),
    always(Fixed(4)),
    always(Fixed(1)),
];

const FETCH: &[Field] = &[
    between(0, 14, Fixed(4)),
    always(Fixed(4)),
    always(Fixed(4)),
    always(Fixed(4)),
    always(Fixed(1)),
    since(7, Fixed(4)),
    since(7, Fixed(4)),
    always(List(&[
        between(0, 12, Text),
        since(13, Fixed(16)),
        always(List(&[
            always(Fixed(4)),
            since(9, Fixed(4)),
            always(Fixed(8)),
            since(12, Fixed(4)),
            since(5, Fixed(8)),
            always(Fixed(4)),
        ])),
    ])),
    since(7, List(&[between(0, 12, Text), since(13, Fixed(16)), always(Numbers(4))])),
    since(11, Text),
];
