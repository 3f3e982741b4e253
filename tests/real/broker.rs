//! One Kafka node as a child process: its `server.properties`, its storage, its start and its SIGKILL.

use super::jars::Kafka;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

const LOG4J: &str = "log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{HH:mm:ss.SSS} %p %m (%c{1})%n
log4j.logger.kafka.server.KafkaConfig=WARN
log4j.logger.org.apache.kafka.clients.admin.AdminClientConfig=WARN
log4j.logger.org.apache.zookeeper=WARN
";

/// What a production cluster waits minutes for happens within seconds. Nothing moves by itself: leaders go back to the
/// preferred replica and topics appear only when somebody says so. Compaction needs little of the small heap.
const FAST: &str = "auto.create.topics.enable=false
auto.leader.rebalance.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=6000
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

/// What all nodes of a cluster have in common.
#[derive(Debug, Clone)]
pub(crate) struct Quorum {
    pub(crate) cluster_id: String,
    /// The node that is broker and controller. One process less than a controller of its own costs.
    pub(crate) voter: i32,
    pub(crate) controller: SocketAddr,
    pub(crate) more: More,
}

/// What brokers have besides a plaintext listener.
#[derive(Debug, Clone, Default)]
pub(crate) struct More {
    /// Names and security protocols of more listeners.
    pub(crate) listeners: Vec<(&'static str, &'static str)>,
    /// More of `server.properties`.
    pub(crate) properties: String,
}

pub(crate) struct Broker {
    pub(crate) id: i32,
    pub(crate) address: SocketAddr,
    /// Of the listeners besides the plaintext one, by name.
    pub(crate) more: Vec<(&'static str, SocketAddr)>,
    folder: PathBuf,
    process: Option<Child>,
}

impl Broker {
    /// Writes the folder of a new node below `parent`, with an address of its own.
    pub(crate) fn new(id: i32, quorum: &Quorum, parent: &Path) -> Self {
        let folder = parent.join(format!("broker-{id}"));
        let data = folder.join("data");
        let address = free_address(id);
        let more: Vec<_> = quorum.more.listeners.iter().map(|(name, _)| (*name, free_address(id))).collect();
        fs::create_dir_all(&data).expect("the scratch folder takes a broker");
        let write = |path: PathBuf, text: String| fs::write(path, text).expect("the scratch folder takes a file");
        write(folder.join("log4j.properties"), LOG4J.to_owned());
        write(folder.join("server.properties"), server_properties(id, address, &more, quorum, &data));
        write(data.join("meta.properties"), meta_properties(id, &quorum.cluster_id));
        Self { id, address, more, folder, process: None }
    }

    /// Returns as soon as the process exists; whether the node has joined its cluster is for the cluster to see.
    pub(crate) fn start(&mut self, kafka: &Kafka) {
        assert!(self.process.is_none(), "broker {} runs already", self.id);
        let log = File::options().create(true).append(true).open(self.log_file()).expect("the broker's log opens");
        let errors = log.try_clone().expect("the broker's log is opened twice");
        let process = kafka
            .java("kafka.Kafka", &self.folder.join("log4j.properties"))
            .arg(self.folder.join("server.properties"))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .expect("java starts");
        self.process = Some(process);
    }

    /// SIGKILL, and gone when this returns.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // An error here says that it has ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// The status of a process that ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut().and_then(|process| process.try_wait().ok().flatten())
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The last lines of its log, for the report of a failure.
    pub(crate) fn log_tail(&self, lines: usize) -> String {
        let text = fs::read_to_string(self.log_file()).unwrap_or_default();
        let from = text.lines().count().saturating_sub(lines);
        text.lines().skip(from).collect::<Vec<_>>().join("\n")
    }

    /// Frees the disk and leaves the log.
    pub(crate) fn remove_data(&self) {
        let _ = fs::remove_dir_all(self.folder.join("data"));
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Every broker has a loopback address of its own, as hosts have, and a port that nobody else had a moment ago.
pub(crate) fn free_address(id: i32) -> SocketAddr {
    let last = u8::try_from(id).expect("test brokers have small ids");
    let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 2, last));
    // Not every system has more than one loopback address.
    let listener = TcpListener::bind((ip, 0)).or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a loopback address takes a listener");
    listener.local_addr().expect("a bound listener has an address")
}

fn server_properties(
    id: i32,
    address: SocketAddr,
    more: &[(&str, SocketAddr)],
    quorum: &Quorum,
    data: &Path,
) -> String {
    let Quorum { voter, controller, .. } = quorum;
    let (roles, mut listeners) = if id == *voter {
        ("broker,controller", format!("PLAINTEXT://{address},CONTROLLER://{controller}"))
    } else {
        ("broker", format!("PLAINTEXT://{address}"))
    };
    let mut protocols = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT".to_owned();
    for ((name, address), (_, protocol)) in more.iter().zip(&quorum.more.listeners) {
        listeners.push_str(&format!(",{name}://{address}"));
        protocols.push_str(&format!(",{name}:{protocol}"));
    }
    format!(
        "process.roles={roles}
node.id={id}
listeners={listeners}
controller.quorum.voters={voter}@{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map={protocols}
log.dirs={}
{FAST}{}",
        data.display(),
        quorum.more.properties
    )
}

/// What `kafka-storage.sh format` writes, without the start of a JVM. It also writes a `bootstrap.checkpoint` with the
/// feature levels; a node that has none takes the newest production level of its own version (`BootstrapDirectory`,
/// 3.3 to 3.9), which is the same.
fn meta_properties(id: i32, cluster_id: &str) -> String {
    format!("version=1\ncluster.id={cluster_id}\nnode.id={id}\ndirectory.id={}\n", random_id())
}

/// A UUID as Kafka writes it: 22 characters of URL-safe base64.
pub(crate) fn random_id() -> String {
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
