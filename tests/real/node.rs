//! One process of a cluster, a Kafka node or a `ZooKeeper`: its folder, its start, its SIGKILL and its SIGSTOP.

use super::jars::Kafka;
use rustix::process::{Pid, Signal, kill_process};
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

/// The same for 4.0 and newer.
const LOG4J_2: &str = "rootLogger.level=INFO
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %m (%c{1})%n
logger.config.name=org.apache.kafka.common.config.AbstractConfig
logger.config.level=WARN
";

pub(crate) struct Node {
    /// Such as `broker 3`.
    pub(crate) name: String,
    main: &'static str,
    folder: PathBuf,
    process: Option<Child>,
    is_paused: bool,
}

impl Node {
    /// Writes the folder of a new node below `parent`. `properties` get the data folder.
    pub(crate) fn new(name: &str, main: &'static str, parent: &Path, properties: impl FnOnce(&Path) -> String) -> Self {
        let folder = parent.join(name.replace(' ', "-"));
        let node = Self { name: name.to_owned(), main, folder, process: None, is_paused: false };
        fs::create_dir_all(node.data()).expect("the scratch folder takes a node");
        node.put("log4j.properties", LOG4J);
        node.put("log4j2.properties", LOG4J_2);
        node.put("server.properties", &properties(&node.data()));
        node
    }

    pub(crate) fn put(&self, file: &str, text: &str) {
        fs::write(self.folder.join(file), text).expect("the scratch folder takes a file");
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns as soon as the process exists; whether the node has joined its cluster is for the cluster to see.
    pub(crate) fn start(&mut self, kafka: &Kafka) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        let log = File::options().create(true).append(true).open(self.log_file()).expect("the node's log opens");
        let errors = log.try_clone().expect("the node's log is opened twice");
        let process = kafka
            .java(self.main, &self.folder.join("log4j.properties"))
            .arg(self.folder.join("server.properties"))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .expect("java starts");
        self.process = Some(process);
        self.is_paused = false;
    }

    /// SIGKILL, and gone when this returns.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // An error here says that it has ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// SIGSTOP: it keeps its connections, and says nothing any more.
    pub(crate) fn pause(&mut self) {
        self.signal(Signal::STOP);
        self.is_paused = true;
    }

    /// SIGCONT
    pub(crate) fn go_on(&mut self) {
        self.signal(Signal::CONT);
        self.is_paused = false;
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("a node that runs");
        kill_process(Pid::from_child(process), signal).expect("a child can be signalled");
    }

    /// It can answer: neither killed nor paused.
    pub(crate) fn is_up(&self) -> bool {
        self.process.is_some() && !self.is_paused
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
        let _ = fs::remove_dir_all(self.data());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Every node has a loopback address of its own, as hosts have, and a port that nobody else had a moment ago.
pub(crate) fn free_address(id: i32) -> SocketAddr {
    free_listener(id).local_addr().expect("a bound listener has an address")
}

pub(crate) fn free_listener(id: i32) -> TcpListener {
    let last = u8::try_from(id).expect("test nodes have small ids");
    let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 2, last));
    // Not every system has more than one loopback address.
    let listener = TcpListener::bind((ip, 0)).or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    listener.expect("a loopback address takes a listener")
}
