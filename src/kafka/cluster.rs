//! The brokers of a cluster and its controller (Metadata).

use super::Client;
use super::wire::router::Target;
use super::wire::{answer, routes};
use crate::error::Error;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub cluster_id: String,
    /// With `ZooKeeper` the active controller; with `KRaft` any broker, which forwards. `None` during an election.
    pub controller: Option<i32>,
    /// By id. A broker that is down is not among them.
    pub brokers: Vec<Broker>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    pub id: i32,
    /// As advertised on the listener that was asked.
    pub host: String,
    pub port: u16,
    pub rack: Option<String>,
}

pub async fn describe(client: &Client) -> Result<Cluster, Error> {
    let build = |_| MetadataRequest::default().with_topics(Some(Vec::new())).with_allow_auto_topic_creation(false);
    client.read(Target::Any, build, |response| cluster(&response)).await
}

fn cluster(response: &MetadataResponse) -> Result<Cluster, Error> {
    answer::check(response.error_code, None, "the cluster")?;
    let mut brokers = Vec::new();
    for broker in &response.brokers {
        let address = routes::address(&broker.host, broker.port)?;
        brokers.push(Broker {
            id: broker.node_id.0,
            host: address.host,
            port: address.port,
            rack: broker.rack.as_ref().map(ToString::to_string),
        });
    }
    brokers.sort_by_key(|broker| broker.id);
    Ok(Cluster {
        cluster_id: response.cluster_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        controller: Some(response.controller_id.0).filter(|id| *id >= 0),
        brokers,
    })
}
