//! Who may do what.

use super::super::guard::{INT8, INT16, INT32, Shape, TEXT, structures};
use super::Api;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};

impl Api for DescribeAclsRequest {
    const NAME: &'static str = "DescribeAcls";
    const SINCE: &'static str = "2.0";
    const REPLY: Shape = Shape {
        flexible: 2,
        fields: &[INT32, INT16, TEXT, structures(&[INT8, TEXT, INT8, structures(&[TEXT, TEXT, INT8, INT8])])],
    };
}

impl Api for CreateAclsRequest {
    const NAME: &'static str = "CreateAcls";
    const SINCE: &'static str = "2.0";
    const REPLY: Shape = Shape { flexible: 2, fields: &[INT32, structures(&[INT16, TEXT])] };
}

impl Api for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAcls";
    const SINCE: &'static str = "2.0";
    const REPLY: Shape = Shape {
        flexible: 2,
        fields: &[
            INT32,
            structures(&[INT16, TEXT, structures(&[INT16, TEXT, INT8, TEXT, INT8, TEXT, TEXT, INT8, INT8])]),
        ],
    };
}
