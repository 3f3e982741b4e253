//! The cluster itself: what its brokers speak, who they are, and the quorum of its controllers.

use super::super::guard::{BOOL, Field, INT16, INT32, INT32S, INT64, Shape, TEXT, UUID, structures, tagged};
use super::Api;
use kafka_protocol::messages::{ApiVersionsRequest, DescribeQuorumRequest, MetadataRequest};

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

    /// krun gives its name only where it asks for features.
    fn needs(&self) -> (i16, &'static str) {
        if self.client_software_name.is_empty() { (Self::OLDEST, Self::SINCE) } else { (3, "2.4") }
    }
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

const QUORUM_MEMBER: &[Field] = &[INT32, UUID.since(2), INT64, INT64.since(1), INT64.since(1)];

impl Api for DescribeQuorumRequest {
    const NAME: &'static str = "DescribeQuorum";
    const ONLY: &'static str = ", with KRaft";
    const SINCE: &'static str = "3.3";
    const REPLY: Shape = Shape {
        flexible: 0,
        fields: &[
            INT16,
            TEXT.since(2),
            structures(&[
                TEXT,
                structures(&[
                    INT32,
                    INT16,
                    TEXT.since(2),
                    INT32,
                    INT32,
                    INT64,
                    structures(QUORUM_MEMBER),
                    structures(QUORUM_MEMBER),
                ]),
            ]),
            structures(&[INT32, structures(&[TEXT, TEXT, INT16])]).since(2),
        ],
    };
}
