//! The requests that krun sends: their names, the oldest version it speaks, and the layout of their replies.
//!
//! A request cannot be sent without a row here. The layouts are Kafka's message schemas as of 4.1; a test holds them
//! against the codec, version by version.

use super::guard::{BOOL, BYTES, INT8, INT16, INT32, INT32S, INT64, Shape, TEXT, UUID, structures, tagged};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    DescribeConfigsRequest, DescribeLogDirsRequest, ElectLeadersRequest, IncrementalAlterConfigsRequest,
    ListOffsetsRequest, ListPartitionReassignmentsRequest, MetadataRequest, SaslAuthenticateRequest,
    SaslHandshakeRequest,
};
use kafka_protocol::protocol::{Message, Request};

pub(crate) trait Api: Request {
    const NAME: &'static str;
    /// The oldest version that does what krun needs.
    const OLDEST: i16 = <Self as Message>::VERSIONS.min;
    const NEWEST: i16 = <Self as Message>::VERSIONS.max;
    /// The first Kafka release whose brokers offer `OLDEST`.
    const SINCE: &'static str;
    const REPLY: Shape;
}

impl Api for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersions";
    const SINCE: &'static str = "0.10";
    const REPLY: Shape = Shape {
        flexible: 3,
        fields: &[
            INT16,
            structures(&[INT16, INT16, INT16]),
            INT32.since(1),
            tagged(0, &structures(&[TEXT, INT16, INT16])),
            tagged(1, &INT64),
            tagged(2, &structures(&[TEXT, INT16, INT16])),
            tagged(3, &BOOL),
        ],
    };
}

impl Api for MetadataRequest {
    const NAME: &'static str = "Metadata";
    /// Older ones create the topics that are asked for.
    const OLDEST: i16 = 4;
    const SINCE: &'static str = "0.11";
    const REPLY: Shape = Shape {
        flexible: 9,
        fields: &[
            INT32.since(3),
            structures(&[INT32, TEXT, INT32, TEXT.since(1)]),
            TEXT.since(2),
            INT32.since(1),
            structures(&[
                INT16,
                TEXT,
                UUID.since(10),
                BOOL.since(1),
                structures(&[INT16, INT32, INT32, INT32.since(7), INT32S, INT32S, INT32S.since(5)]),
                INT32.since(8),
            ]),
            INT32.since(8).until(10),
            INT16.since(13),
        ],
    };
}

impl Api for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopics";
    const SINCE: &'static str = "0.11";
    const REPLY: Shape = Shape {
        flexible: 5,
        fields: &[
            INT32,
            structures(&[
                TEXT,
                UUID.since(7),
                INT16,
                TEXT,
                INT32.since(5),
                INT16.since(5),
                structures(&[TEXT, TEXT, BOOL, INT8, BOOL]).since(5),
                tagged(0, &INT16),
            ]),
        ],
    };
}

impl Api for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopics";
    const SINCE: &'static str = "0.11";
    const REPLY: Shape =
        Shape { flexible: 4, fields: &[INT32, structures(&[TEXT, UUID.since(6), INT16, TEXT.since(5)])] };
}

impl Api for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigs";
    const SINCE: &'static str = "1.1";
    const REPLY: Shape = Shape {
        flexible: 4,
        fields: &[
            INT32,
            structures(&[
                INT16,
                TEXT,
                INT8,
                TEXT,
                structures(&[
                    TEXT,
                    TEXT,
                    BOOL,
                    INT8,
                    BOOL,
                    structures(&[TEXT, TEXT, INT8]),
                    INT8.since(3),
                    TEXT.since(3),
                ]),
            ]),
        ],
    };
}

impl Api for IncrementalAlterConfigsRequest {
    const NAME: &'static str = "IncrementalAlterConfigs";
    const SINCE: &'static str = "2.3";
    const REPLY: Shape = Shape { flexible: 1, fields: &[INT32, structures(&[INT16, TEXT, INT8, TEXT])] };
}

impl Api for DescribeLogDirsRequest {
    const NAME: &'static str = "DescribeLogDirs";
    const SINCE: &'static str = "2.0";
    const REPLY: Shape = Shape {
        flexible: 2,
        fields: &[
            INT32,
            INT16.since(3),
            structures(&[
                INT16,
                TEXT,
                structures(&[TEXT, structures(&[INT32, INT64, INT64, BOOL])]),
                INT64.since(4),
                INT64.since(4),
            ]),
        ],
    };
}

impl Api for AlterPartitionReassignmentsRequest {
    const NAME: &'static str = "AlterPartitionReassignments";
    const SINCE: &'static str = "2.4";
    const REPLY: Shape = Shape {
        flexible: 0,
        fields: &[INT32, BOOL.since(1), INT16, TEXT, structures(&[TEXT, structures(&[INT32, INT16, TEXT])])],
    };
}

impl Api for ListPartitionReassignmentsRequest {
    const NAME: &'static str = "ListPartitionReassignments";
    const SINCE: &'static str = "2.4";
    const REPLY: Shape = Shape {
        flexible: 0,
        fields: &[INT32, INT16, TEXT, structures(&[TEXT, structures(&[INT32, INT32S, INT32S, INT32S])])],
    };
}

impl Api for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeaders";
    const SINCE: &'static str = "2.2";
    const REPLY: Shape =
        Shape { flexible: 2, fields: &[INT32, INT16.since(1), structures(&[TEXT, structures(&[INT32, INT16, TEXT])])] };
}

impl Api for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsets";
    const SINCE: &'static str = "0.10.1";
    const REPLY: Shape = Shape {
        flexible: 6,
        fields: &[INT32.since(2), structures(&[TEXT, structures(&[INT32, INT16, INT64, INT64, INT32.since(4)])])],
    };
}

impl Api for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshake";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "1.0";
    const REPLY: Shape = Shape { flexible: 2, fields: &[INT16, structures(&[TEXT])] };
}

impl Api for SaslAuthenticateRequest {
    const NAME: &'static str = "SaslAuthenticate";
    const SINCE: &'static str = "1.0";
    const REPLY: Shape = Shape { flexible: 2, fields: &[INT16, TEXT, BYTES, INT64.since(1)] };
}
