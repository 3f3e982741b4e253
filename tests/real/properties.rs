//! What nodes are started with: `server.properties` of each mode, and what makes an empty log dir a formatted one.

use super::node::{Node, free_address};
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What a production cluster waits minutes for happens within seconds. Nothing moves by itself: leaders go back to the
/// preferred replica and topics appear only when somebody says so. Compaction needs little of the small heap. A release
/// that does not know a key passes over it.
const FAST: &str = "auto.create.topics.enable=false
auto.leader.rebalance.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=6000
zookeeper.session.timeout.ms=6000
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
log.initial.task.delay.ms=1000
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
num.io.threads=4
num.network.threads=2
offsets.topic.num.partitions=4
replica.lag.time.max.ms=10000
transaction.state.log.num.partitions=4
";

/// How long a broker may be silent until the cluster takes it for dead, as above.
pub(crate) const SESSION: std::time::Duration = std::time::Duration::from_secs(6);

/// The id of a controller that is no broker.
pub(crate) const CONTROLLER: i32 = 100;

/// Who keeps the cluster's metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `KRaft`, and this broker is the controller too. One process less than a controller of its own costs.
    Combined(i32),
    /// `KRaft`, with a controller of its own.
    Apart,
    ZooKeeper,
}

/// What all nodes of a cluster have in common.
#[derive(Debug, Clone)]
pub(crate) struct Quorum {
    pub(crate) mode: Mode,
    /// In `ZooKeeper` mode the brokers make it up.
    pub(crate) cluster_id: Option<String>,
    /// Of the controller, or of `ZooKeeper`.
    pub(crate) address: SocketAddr,
    pub(crate) more: More,
}

/// What brokers have besides a plaintext listener.
#[derive(Debug, Clone, Default)]
pub(crate) struct More {
    /// Names and security protocols of more listeners. One named `OUTSIDE` is reached through a proxy.
    pub(crate) listeners: Vec<(&'static str, &'static str)>,
    /// More of `server.properties`.
    pub(crate) properties: String,
    /// With `KRaft`: the controller is a node of its own, which can be killed alone.
    pub(crate) controller_apart: bool,
    /// Where the folder of the cluster lies, if it is to lie on a disk of its own.
    pub(crate) folder: Option<PathBuf>,
}

impl Quorum {
    /// Of a new cluster with these brokers, run by this release.
    pub(crate) fn new(release: &str, ids: &[i32], more: More) -> Self {
        let first = *ids.first().expect("a cluster has a broker");
        let kept_by = match release.split('.').next() {
            Some("2") => Mode::ZooKeeper,
            _ if more.controller_apart => Mode::Apart,
            _ => Mode::Combined(first),
        };
        let keeper = if let Mode::Combined(broker) = kept_by { broker } else { CONTROLLER };
        let cluster_id = (kept_by != Mode::ZooKeeper).then(random_id);
        Self { mode: kept_by, cluster_id, address: free_address(keeper), more }
    }

    /// The node that keeps the metadata and is no broker.
    pub(crate) fn keeper(&self, parent: &Path) -> Option<Node> {
        match self.mode {
            Mode::Combined(_) => None,
            Mode::Apart => {
                let node = Node::new("controller", "kafka.Kafka", parent, |data| of_controller(self, data));
                node.put("data/meta.properties", &meta(CONTROLLER, self)?);
                Some(node)
            }
            Mode::ZooKeeper => {
                let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
                Some(Node::new("ZooKeeper", main, parent, |data| of_zookeeper(self.address, data)))
            }
        }
    }

    fn voters(&self) -> String {
        let id = if let Mode::Combined(broker) = self.mode { broker } else { CONTROLLER };
        format!("controller.quorum.voters={id}@{}\ncontroller.listener.names=CONTROLLER\n", self.address)
    }
}

/// Where a broker listens, and where others than brokers find it.
pub(crate) struct Addresses<'a> {
    pub(crate) plaintext: SocketAddr,
    pub(crate) listens: &'a [(&'a str, SocketAddr)],
    pub(crate) advertised: &'a [(&'a str, SocketAddr)],
}

pub(crate) fn of_broker(id: i32, addresses: &Addresses<'_>, quorum: &Quorum, data: &Path) -> String {
    let list = |more: &[(&str, SocketAddr)]| {
        let more = more.iter().map(|(name, address)| format!(",{name}://{address}"));
        format!("PLAINTEXT://{}{}", addresses.plaintext, more.collect::<String>())
    };
    let (mut listeners, mut protocols) = (list(addresses.listens), "PLAINTEXT:PLAINTEXT".to_owned());
    for (name, protocol) in &quorum.more.listeners {
        // Writing to a String cannot fail.
        let _ = write!(protocols, ",{name}:{protocol}");
    }
    let mut text = match quorum.mode {
        Mode::ZooKeeper => format!("broker.id={id}\nzookeeper.connect={}\n", quorum.address),
        Mode::Combined(controller) if controller == id => {
            let _ = write!(listeners, ",CONTROLLER://{}", quorum.address);
            format!("process.roles=broker,controller\nnode.id={id}\n{}", quorum.voters())
        }
        Mode::Combined(_) | Mode::Apart => format!("process.roles=broker\nnode.id={id}\n{}", quorum.voters()),
    };
    if quorum.mode != Mode::ZooKeeper {
        protocols.push_str(",CONTROLLER:PLAINTEXT");
    }
    let _ = write!(
        text,
        "listeners={listeners}\nadvertised.listeners={}\nlistener.security.protocol.map={protocols}\nlog.dirs={}\n{FAST}{}",
        list(addresses.advertised),
        data.display(),
        quorum.more.properties
    );
    text
}

fn of_controller(quorum: &Quorum, data: &Path) -> String {
    format!(
        "process.roles=controller\nnode.id={CONTROLLER}\n{}listeners=CONTROLLER://{}\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\nlog.dirs={}\n{FAST}{}",
        quorum.voters(),
        quorum.address,
        data.display(),
        quorum.more.properties,
    )
}

pub(crate) fn of_zookeeper(address: SocketAddr, data: &Path) -> String {
    format!(
        "dataDir={}\nclientPortAddress={}\nclientPort={}\ntickTime=500\nmaxClientCnxns=0\nadmin.enableServer=false\n",
        data.display(),
        address.ip(),
        address.port()
    )
}

/// What `kafka-storage.sh format` writes, without the start of a JVM. It also writes a `bootstrap.checkpoint` with the
/// feature levels; a node that has none takes the newest production level of its own version (`BootstrapDirectory`,
/// 3.3 to 4.4), which is the same. In `ZooKeeper` mode a broker needs none.
pub(crate) fn meta(id: i32, quorum: &Quorum) -> Option<String> {
    let cluster_id = quorum.cluster_id.as_ref().filter(|_| quorum.mode != Mode::ZooKeeper)?;
    Some(format!("version=1\ncluster.id={cluster_id}\nnode.id={id}\ndirectory.id={}\n", random_id()))
}

/// A UUID as Kafka writes it: 22 characters of URL-safe base64.
fn random_id() -> String {
    kafka_base64(uuid::Uuid::new_v4().into_bytes())
}

fn kafka_base64(bytes: [u8; 16]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // 128 bits are 21 digits of 6 bits and one of 2, which stands at the upper end of its digit.
    let number = u128::from_be_bytes(bytes);
    let mut text: String =
        (0..21).map(|digit| ((number >> (122 - 6 * digit)) & 63) as usize).map(|d| ALPHABET[d] as char).collect();
    text.push(ALPHABET[((number & 3) << 4) as usize] as char);
    text
}

#[test]
fn ids_are_written_as_kafka_writes_them() {
    assert_eq!(kafka_base64(*b"27HEA57052D436B0"), "MjdIRUE1NzA1MkQ0MzZCMA");
    assert_eq!(kafka_base64([0xff; 16]), "_____________________w");
}
