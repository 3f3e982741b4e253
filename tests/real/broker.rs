//! One broker: its node, its addresses, and the proxy in front of it where it has one.

use super::node::{Node, free_address};
use super::properties::{self, Quorum};
use super::proxy::Proxy;
use std::net::SocketAddr;
use std::path::Path;

/// The listener that is reached through a proxy only.
pub(crate) const OUTSIDE: &str = "OUTSIDE";

pub(crate) struct Broker {
    pub(crate) id: i32,
    pub(crate) address: SocketAddr,
    /// As it advertises its listeners besides the plaintext one, by name.
    pub(crate) more: Vec<(&'static str, SocketAddr)>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) node: Node,
}

impl Broker {
    /// Writes the folder of a new broker below `parent`, with addresses of its own.
    pub(crate) fn new(id: i32, quorum: &Quorum, parent: &Path) -> Self {
        let address = free_address(id);
        let listens: Vec<_> = quorum.more.listeners.iter().map(|(name, _)| (*name, free_address(id))).collect();
        let behind = listens.iter().find(|(name, _)| *name == OUTSIDE);
        let proxy = behind.map(|(_, behind)| Proxy::start(id, *behind));
        let more: Vec<_> = listens
            .iter()
            .map(|(name, address)| match &proxy {
                Some(proxy) if *name == OUTSIDE => (*name, proxy.address),
                _ => (*name, *address),
            })
            .collect();
        let addresses = properties::Addresses { plaintext: address, listens: &listens, advertised: &more };
        let node = Node::new(&format!("broker {id}"), "kafka.Kafka", parent, |data| {
            properties::of_broker(id, &addresses, quorum, data)
        });
        if let Some(text) = properties::meta(id, quorum) {
            node.put("data/meta.properties", &text);
        }
        Self { id, address, more, proxy, node }
    }
}
