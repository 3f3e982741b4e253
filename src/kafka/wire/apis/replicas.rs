//! Where replicas lie, where they go, and which of them leads.

use super::super::guard::{BOOL, INT16, INT32, INT32S, INT64, Shape, TEXT, structures};
use super::Api;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, DescribeLogDirsRequest, ElectLeadersRequest, ListPartitionReassignmentsRequest,
};

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
