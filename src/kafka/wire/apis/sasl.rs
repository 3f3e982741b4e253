//! Who krun is, told by SASL.

use super::super::guard::{BYTES, INT16, INT64, Shape, TEXT, structures};
use super::Api;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};

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
