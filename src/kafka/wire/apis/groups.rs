//! Consumer groups and what they have committed.

use super::super::guard::{
    BYTES, Field, INT8, INT16, INT32, INT32S, INT64, Shape, TEXT, TEXTS, UUID, structure, structures,
};
use super::Api;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, FindCoordinatorRequest, ListGroupsRequest, OffsetFetchRequest,
};

impl Api for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinator";
    const SINCE: &'static str = "0.9";
    const REPLY: Shape = Shape {
        flexible: 3,
        fields: &[
            INT32.since(1),
            INT16.until(3),
            TEXT.since(1).until(3),
            INT32.until(3),
            TEXT.until(3),
            INT32.until(3),
            structures(&[TEXT, INT32, TEXT, INT32, INT16, TEXT]).since(4),
        ],
    };
}

impl Api for ListGroupsRequest {
    const NAME: &'static str = "ListGroups";
    const SINCE: &'static str = "0.9";
    const REPLY: Shape = Shape {
        flexible: 3,
        fields: &[INT32.since(1), INT16, structures(&[TEXT, TEXT, TEXT.since(4), TEXT.since(5)])],
    };
}

impl Api for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroups";
    const SINCE: &'static str = "0.9";
    const REPLY: Shape = Shape {
        flexible: 5,
        fields: &[
            INT32.since(1),
            structures(&[
                INT16,
                TEXT.since(6),
                TEXT,
                TEXT,
                TEXT,
                TEXT,
                structures(&[TEXT, TEXT.since(4), TEXT, TEXT, BYTES, BYTES]),
                INT32.since(3),
            ]),
        ],
    };
}

/// What a member has been given, or is to have: the structure of one field.
const ASSIGNMENT: Field = structure(&[structures(&[UUID, TEXT, INT32S])]);

impl Api for ConsumerGroupDescribeRequest {
    const NAME: &'static str = "ConsumerGroupDescribe";
    const SINCE: &'static str = "3.7";
    const REPLY: Shape = Shape {
        flexible: 0,
        fields: &[
            INT32,
            structures(&[
                INT16,
                TEXT,
                TEXT,
                TEXT,
                INT32,
                INT32,
                TEXT,
                structures(&[TEXT, TEXT, TEXT, INT32, TEXT, TEXT, TEXTS, TEXT, ASSIGNMENT, ASSIGNMENT, INT8.since(1)]),
                INT32,
            ]),
        ],
    };
}

impl Api for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetch";
    /// Older ones cannot be asked for everything that a group has committed.
    const OLDEST: i16 = 2;
    const SINCE: &'static str = "0.10.2";
    const REPLY: Shape = Shape {
        flexible: 6,
        fields: &[
            INT32.since(3),
            structures(&[TEXT, structures(&[INT32, INT64, INT32.since(5), TEXT, INT16])]).until(7),
            INT16.since(2).until(7),
            structures(&[TEXT, structures(&[TEXT, structures(&[INT32, INT64, INT32, TEXT, INT16])]), INT16]).since(8),
        ],
    };
}
