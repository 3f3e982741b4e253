//! Where the brokers are and which of them is the controller, as last heard. No I/O.

use super::address::Address;
use super::answer;
use crate::error::Error;
use kafka_protocol::messages::MetadataResponse;
use std::collections::BTreeMap;

/// What one Metadata answer says about the cluster itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Routes {
    pub(crate) cluster_id: String,
    pub(crate) brokers: BTreeMap<i32, Address>,
    pub(crate) controller: Option<i32>,
}

impl Routes {
    /// Error: `CORRUPT_REPLY` where an answer names no cluster or an impossible port.
    pub(crate) fn new(from: &Address, response: &MetadataResponse) -> Result<Self, Error> {
        answer::check(response.error_code, None, &format!("the metadata of {from}"))?;
        let Some(cluster_id) = response.cluster_id.as_ref().filter(|id| !id.is_empty()) else {
            return Err(Error::new("CORRUPT_REPLY", format!("the metadata of {from} name no cluster"))
                .hint("krun speaks to brokers of Kafka 2.1 and newer"));
        };
        let mut brokers = BTreeMap::new();
        for broker in &response.brokers {
            brokers.insert(broker.node_id.0, address(&broker.host, broker.port)?);
        }
        let controller = Some(response.controller_id.0).filter(|id| brokers.contains_key(id));
        Ok(Self { cluster_id: cluster_id.to_string(), brokers, controller })
    }
}

/// Error: `CORRUPT_REPLY`.
pub(crate) fn address(host: &str, port: i32) -> Result<Address, Error> {
    match u16::try_from(port) {
        Ok(port) if port != 0 && !host.is_empty() => Ok(Address { host: host.to_owned(), port }),
        _ => Err(Error::new("CORRUPT_REPLY", format!("the cluster's metadata have a broker at `{host}:{port}`"))
            .hint("check advertised.listeners of the brokers")),
    }
}
