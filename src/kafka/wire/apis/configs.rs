//! Configs.

use super::super::guard::{BOOL, INT8, INT16, INT32, Shape, TEXT, structures};
use super::Api;
use kafka_protocol::messages::{AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest};

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

impl Api for AlterConfigsRequest {
    const NAME: &'static str = "AlterConfigs";
    const SINCE: &'static str = "0.11";
    const REPLY: Shape = Shape { flexible: 2, fields: &[INT32, structures(&[INT16, TEXT, INT8, TEXT])] };
}
