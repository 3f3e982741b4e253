//! Kafka's own command-line tools, run against a cluster: an opinion that owes nothing to krun's code.

use super::jars::Kafka;
use super::partition::Partition;
use super::tool_output::{self, Configs, MoveStatus, Reassignment, ReplicaSize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const LOG4J: &str = "log4j.rootLogger=ERROR, err
log4j.appender.err=org.apache.log4j.ConsoleAppender
log4j.appender.err.target=System.err
log4j.appender.err.layout=org.apache.log4j.PatternLayout
log4j.appender.err.layout.ConversionPattern=%p %m (%c{1})%n
";

const TOPIC: &str = "org.apache.kafka.tools.TopicCommand";
const REASSIGN: &str = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand";
const LOG_DIRS: &str = "org.apache.kafka.tools.LogDirsCommand";
const CONFIG: &str = "kafka.admin.ConfigCommand";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

pub(crate) struct Tools {
    kafka: Kafka,
    bootstrap: String,
    folder: PathBuf,
}

impl Tools {
    /// `folder` takes the files that the tools want to read.
    pub(crate) fn new(kafka: Kafka, bootstrap: String, folder: &Path) -> Self {
        let folder = folder.join("tools");
        fs::create_dir_all(&folder).expect("the cluster's folder takes the tools' files");
        fs::write(folder.join("log4j.properties"), LOG4J).expect("the cluster's folder takes a file");
        Self { kafka, bootstrap, folder }
    }

    pub(crate) fn topics(&self) -> Vec<Partition> {
        understood(tool_output::topics(&self.run(TOPIC, &["--describe"])))
    }

    /// The dynamic configs of all topics and all brokers.
    pub(crate) fn configs(&self) -> Configs {
        let mut all = Configs::default();
        for entities in ["topics", "brokers"] {
            let text = self.run(CONFIG, &["--describe", "--entity-type", entities]);
            all.0.extend(understood(tool_output::configs(&text)).0);
        }
        all
    }

    /// Sets dynamic configs of one broker: `key=value,key=value`.
    pub(crate) fn configure_broker(&self, id: i32, configs: &str) {
        let id = id.to_string();
        self.run(CONFIG, &["--alter", "--entity-type", "brokers", "--entity-name", &id, "--add-config", configs]);
    }

    /// Sets configs of one topic. A value with commas stands in square brackets.
    pub(crate) fn configure_topic(&self, name: &str, configs: &str) {
        self.run(CONFIG, &["--alter", "--entity-type", "topics", "--entity-name", name, "--add-config", configs]);
    }

    /// A user of SCRAM. Kafka 3.9 takes one mechanism at a time.
    pub(crate) fn add_scram_user(&self, name: &str, mechanism: &str, password: &str) {
        let configs = format!("{mechanism}=[password={password}]");
        self.run(CONFIG, &["--alter", "--entity-type", "users", "--entity-name", name, "--add-config", &configs]);
    }

    /// Removes a dynamic config of one broker.
    pub(crate) fn unset_on_broker(&self, id: i32, config: &str) {
        let id = id.to_string();
        self.run(CONFIG, &["--alter", "--entity-type", "brokers", "--entity-name", &id, "--delete-config", config]);
    }

    pub(crate) fn create_topic(&self, name: &str, partitions: i32, factor: i32) {
        let (partitions, factor) = (partitions.to_string(), factor.to_string());
        let sizes = ["--partitions", &partitions, "--replication-factor", &factor];
        self.run(TOPIC, &[&["--create", "--topic", name], &sizes[..]].concat());
    }

    /// Gives a topic more partitions, so many in all.
    pub(crate) fn grow_topic(&self, name: &str, partitions: i32) {
        self.run(TOPIC, &["--alter", "--topic", name, "--partitions", &partitions.to_string()]);
    }

    pub(crate) fn delete_topic(&self, name: &str) {
        self.run(TOPIC, &["--delete", "--topic", name]);
    }

    /// Cancels everything that moves. Without this flag the tool also removes every throttle, the operator's own too.
    pub(crate) fn cancel_all(&self) {
        let entry = |each: &Reassignment| {
            let target: Vec<&i32> = each.replicas.iter().filter(|id| !each.removing.contains(id)).collect();
            json!({ "topic": each.topic, "partition": each.partition, "replicas": target })
        };
        let moving: Vec<Value> = self.reassignments().iter().map(entry).collect();
        let file = self.file("cancel.json", &json!({ "version": 1, "partitions": moving }));
        self.run(REASSIGN, &["--cancel", "--preserve-throttles", "--reassignment-json-file", &file]);
    }

    pub(crate) fn reassignments(&self) -> Vec<Reassignment> {
        understood(tool_output::reassignments(&self.run(REASSIGN, &["--list"])))
    }

    /// A plan of the tool's own for these topics on these brokers: the assignment as it is, and the proposed one.
    pub(crate) fn generate(&self, topics: &[&str], brokers: &[i32]) -> (Value, Value) {
        let topics: Vec<Value> = topics.iter().map(|topic| json!({ "topic": topic })).collect();
        let file = self.file("topics.json", &json!({ "version": 1, "topics": topics }));
        let brokers: Vec<String> = brokers.iter().map(i32::to_string).collect();
        let arguments = ["--generate", "--topics-to-move-json-file", &file, "--broker-list", &brokers.join(",")];
        understood(tool_output::generated(&self.run(REASSIGN, &arguments)))
    }

    /// Begins to carry out a plan at so many bytes per second, or gives one that is under way another rate.
    pub(crate) fn execute(&self, plan: &Value, bytes_per_second: u64) {
        self.execute_file(Path::new(&self.file("plan.json", plan)), bytes_per_second);
    }

    /// The same with a file that somebody else wrote.
    pub(crate) fn execute_file(&self, file: &Path, bytes_per_second: u64) {
        let (file, rate) = (file.display().to_string(), bytes_per_second.to_string());
        self.run(REASSIGN, &["--execute", "--additional", "--reassignment-json-file", &file, "--throttle", &rate]);
    }

    /// How far a plan is, by `topic-partition`. Throttles stay as they are.
    pub(crate) fn verify(&self, plan: &Value) -> BTreeMap<String, MoveStatus> {
        let file = self.file("plan.json", plan);
        let arguments = ["--verify", "--preserve-throttles", "--reassignment-json-file", &file];
        understood(tool_output::verified(&self.run(REASSIGN, &arguments)))
    }

    /// The tool's own end of a reassignment: removes **every** replication throttle of the brokers and topics concerned,
    /// also one that was there before.
    pub(crate) fn verify_and_clear_throttles(&self, plan: &Value) {
        let file = self.file("plan.json", plan);
        self.run(REASSIGN, &["--verify", "--reassignment-json-file", &file]);
    }

    /// Every replica on every broker's disk.
    pub(crate) fn replica_sizes(&self) -> Vec<ReplicaSize> {
        understood(tool_output::replica_sizes(&self.run(LOG_DIRS, &["--describe"])))
    }

    /// What `kafka-consumer-groups` says: the words of each line.
    pub(crate) fn groups(&self, arguments: &[&str]) -> Vec<Vec<String>> {
        let said = self.run(GROUPS, arguments);
        let lines = said.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    }

    fn file(&self, name: &str, content: &Value) -> String {
        let path = self.folder.join(name);
        fs::write(&path, content.to_string()).expect("the tools' folder takes a file");
        path.display().to_string()
    }

    /// What the tool prints on stdout. A tool that fails fails the test, with all that it said.
    fn run(&self, class: &str, arguments: &[&str]) -> String {
        let output = self
            .kafka
            .java(class, &self.folder.join("log4j.properties"))
            .args(["--bootstrap-server", &self.bootstrap])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("java starts");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{class} {arguments:?}: {}\n{stdout}\n{stderr}", output.status);
        stdout
    }
}

fn understood<T>(parsed: Result<T, String>) -> T {
    parsed.unwrap_or_else(|error| panic!("{error}"))
}
