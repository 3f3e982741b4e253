//! Topics, their records and offsets.

use super::super::guard::{BOOL, INT8, INT16, INT32, INT64, Shape, TEXT, UUID, structures, tagged};
use super::Api;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest, DeleteTopicsRequest, ListOffsetsRequest,
};

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

impl Api for CreatePartitionsRequest {
    const NAME: &'static str = "CreatePartitions";
    const SINCE: &'static str = "1.0";
    const REPLY: Shape = Shape { flexible: 2, fields: &[INT32, structures(&[TEXT, INT16, TEXT])] };
}

impl Api for DeleteRecordsRequest {
    const NAME: &'static str = "DeleteRecords";
    const SINCE: &'static str = "0.11";
    const REPLY: Shape =
        Shape { flexible: 2, fields: &[INT32, structures(&[TEXT, structures(&[INT32, INT64, INT16])])] };
}

/// The record with the newest time instead of one at or after a time.
pub(crate) const MAX_TIMESTAMP: i64 = -3;

impl Api for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsets";
    const SINCE: &'static str = "0.10.1";
    const REPLY: Shape = Shape {
        flexible: 6,
        fields: &[INT32.since(2), structures(&[TEXT, structures(&[INT32, INT16, INT64, INT64, INT32.since(4)])])],
    };

    /// KIP-734: older brokers would take the number of the newest record's time for a time.
    fn needs(&self) -> (i16, &'static str) {
        let newest = |partition: &ListOffsetsPartition| partition.timestamp == MAX_TIMESTAMP;
        let is_new = self.topics.iter().flat_map(|topic| &topic.partitions).any(newest);
        if is_new { (7, "3.0") } else { (Self::OLDEST, Self::SINCE) }
    }
}
