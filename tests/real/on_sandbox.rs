//! Kafka's own tools against the sandbox: they find there what they know, and what they do is done.

use super::partition::Partition;
use super::tool_output::MoveStatus;
use super::tools::Tools;
use krun::sandbox::{self, Control, Counters, Data, Options, Running};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);

struct Sandbox {
    folder: TempDir,
    running: Running,
}

impl Sandbox {
    fn start(options: &Options) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder takes a sandbox");
        let program = Path::new(env!("CARGO_BIN_EXE_krun"));
        let running = sandbox::start(program, folder.path(), options).expect("a sandbox starts");
        Self { folder, running }
    }

    fn applied(&self) -> Counters {
        Control::new(&self.running.control).counters().expect("the sandbox answers")
    }

    fn tools(&self) -> Option<Tools> {
        Some(Tools::new(super::kafka()?, self.running.bootstrap.join(","), self.folder.path()))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // At the end of a test that failed the first failure is what counts.
        let _ = sandbox::stop(self.folder.path());
    }
}

fn tiny(copy_rate: u64) -> Options {
    Options { data: Data::Tiny, copy_rate, idle: Duration::from_mins(5), ..Options::default() }
}

fn until(what: &str, mut test: impl FnMut() -> bool) {
    let since = Instant::now();
    while !test() {
        assert!(since.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
    }
}

#[test]
fn topics_and_configs() {
    let sandbox = Sandbox::start(&tiny(1_000_000_000));
    let Some(tools) = sandbox.tools() else { return };
    let seeded = tools.topics();
    assert_eq!(seeded.len(), 4 + 3 + 6 + 3 + 12);
    assert!(seeded.iter().all(|each| each.whole() && each.led_by_preferred()), "{seeded:?}");
    tools.create_topic("new", 3, 2);
    tools.grow_topic("new", 5);
    let new: Vec<_> = tools.topics().into_iter().filter(|each| each.topic == "new").collect();
    assert!(new.len() == 5 && new.iter().all(|each| each.replicas.len() == 2), "{new:?}");
    let sizes = tools.replica_sizes();
    assert_eq!(sizes.iter().filter(|size| size.topic == "new").count(), 10);
    assert_eq!(sizes.iter().filter(|size| size.topic == "orders" && size.bytes > 0).count(), 18);
    tools.delete_topic("new");
    assert_eq!(tools.topics(), seeded);

    let before = tools.configs();
    assert_eq!(before.value("topic payments", "retention.ms"), Some("1209600000"));
    tools.configure_broker(2, "leader.replication.throttled.rate=1000,log.cleaner.threads=2");
    tools.configure_topic("orders", "retention.ms=5,leader.replication.throttled.replicas=[0:1,1:2]");
    let changed = tools.configs();
    assert_eq!(changed.value("broker 2", "leader.replication.throttled.rate"), Some("1000"));
    assert_eq!(changed.value("topic orders", "leader.replication.throttled.replicas"), Some("0:1,1:2"));
    tools.unset_on_broker(2, "leader.replication.throttled.rate");
    assert_eq!(tools.configs().value("broker 2", "leader.replication.throttled.rate"), None);
    assert_eq!(tools.configs().value("broker 2", "log.cleaner.threads"), Some("2"));
}

fn plan(partition: i32, replicas: &[i32]) -> Value {
    json!({ "version": 1, "partitions": [{ "topic": "orders", "partition": partition, "replicas": replicas }] })
}

/// Executed, listed, verified, given up, executed again and finished, with its throttles taken off.
#[test]
fn reassignments() {
    let sandbox = Sandbox::start(&tiny(10));
    let Some(tools) = sandbox.tools() else { return };
    let before = tools.topics();
    let (now, proposed) = tools.generate(&["orders"], &[1, 2, 3, 4]);
    assert_eq!(now["partitions"].as_array().map(Vec::len), Some(6));
    assert!(proposed.to_string().contains('4'), "{proposed}");

    let plan = plan(0, &[4, 2, 3]);
    tools.execute(&plan, 1_000_000);
    let moving = tools.reassignments();
    assert_eq!((moving[0].adding.clone(), moving[0].removing.clone()), (vec![4], vec![1]), "{moving:?}");
    assert_eq!(tools.verify(&plan)["orders-0"], MoveStatus::InProgress);
    let throttles = tools.configs().throttles();
    assert!(throttles.iter().any(|line| line.starts_with("broker 4: follower")), "{throttles:?}");
    tools.cancel_all();
    assert_eq!(tools.reassignments(), []);
    let now = tools.topics();
    // In another order perhaps: a move that is given up leaves the one that it had made.
    let replicas = |of: &[Partition]| -> Vec<(String, i32, BTreeSet<i32>)> {
        of.iter().map(|each| (each.topic.clone(), each.id, each.replicas.iter().copied().collect())).collect()
    };
    assert_eq!(replicas(&now), replicas(&before));

    Control::new(&sandbox.running.control).set_copy_rate(1_000_000_000).expect("the sandbox answers");
    tools.execute(&plan, 1_000_000);
    until("the move", || tools.verify(&plan)["orders-0"] == MoveStatus::Completed);
    tools.verify_and_clear_throttles(&plan);
    assert_eq!(tools.configs().throttles(), [] as [String; 0]);
    assert_eq!(
        tools.topics().iter().find(|each| each.topic == "orders").map(|each| each.replicas.clone()),
        Some(vec![4, 2, 3])
    );
    let counted = sandbox.applied();
    assert_eq!(counted.times["AlterPartitionReassignments orders-0 -> [4,2,3]"], 2);
}

/// With `ZooKeeper` only the controller answers, and it is another broker after it moved.
#[test]
fn reassignments_with_zookeeper() {
    let guise = "2.8.2".parse().expect("a release");
    let sandbox = Sandbox::start(&Options { guise, ..tiny(1_000_000_000) });
    let Some(tools) = sandbox.tools() else { return };
    let control = Control::new(&sandbox.running.control);
    control.kill_broker(1).expect("the sandbox answers");
    control.start_broker(1).expect("the sandbox answers");
    let plan = plan(1, &[2, 3, 4]);
    tools.execute(&plan, 1_000_000);
    until("the move", || tools.verify(&plan)["orders-1"] == MoveStatus::Completed);
    assert_eq!(tools.reassignments(), []);
}

#[test]
fn consumer_groups() {
    let sandbox = Sandbox::start(&tiny(1_000_000_000));
    let Some(tools) = sandbox.tools() else { return };
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.running.bootstrap.join(","))
        .set("group.id", "billing")
        .set("client.id", "reader")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .expect("librdkafka takes these");
    consumer.subscribe(&["payments"]).expect("librdkafka subscribes");
    let mut read = 0;
    until("30 records", || {
        read += usize::from(consumer.poll(Duration::from_millis(50)).is_some_and(|message| message.is_ok()));
        read == 30
    });
    consumer.commit_consumer_state(CommitMode::Sync).expect("the coordinator takes offsets");

    let billing = ["--group", "billing"];
    let with = |arguments: &[&str]| tools.groups(&[&billing[..], arguments].concat());
    assert_eq!(tools.groups(&["--list"]), [["billing"]]);
    let columns = |lines: Vec<Vec<String>>, of: std::ops::Range<usize>| -> Vec<Vec<String>> {
        let rows = lines.into_iter().filter(|line| line.first().is_some_and(|word| word == "billing"));
        let mut rows: Vec<Vec<String>> = rows.map(|line| line[of.clone()].to_vec()).collect();
        rows.sort();
        rows
    };
    let described = columns(with(&["--describe"]), 1..6);
    let row = |partition: &'static str, at: &'static str, lag: &'static str| ["payments", partition, at, "10", lag];
    assert_eq!(described, [row("0", "10", "0"), row("1", "10", "0"), row("2", "10", "0")]);
    let members = with(&["--describe", "--members"]);
    assert!(members.iter().any(|line| line.contains(&"reader".to_owned()) && line.contains(&"/127.0.0.1".to_owned())));
    let state = with(&["--describe", "--state"]);
    assert!(state.iter().any(|line| line.contains(&"Stable".to_owned())), "{state:?}");
    drop(consumer);
    until("an empty group", || with(&["--describe", "--state"]).iter().any(|line| line.contains(&"Empty".to_owned())));

    with(&["--reset-offsets", "--topic", "payments", "--to-offset", "4", "--execute"]);
    assert_eq!(columns(with(&["--describe"]), 1..6), [row("0", "4", "6"), row("1", "4", "6"), row("2", "4", "6")]);
    with(&["--delete-offsets", "--topic", "payments:1"]);
    assert_eq!(columns(with(&["--describe"]), 1..3), [["payments", "0"], ["payments", "2"]]);
    with(&["--delete"]);
    assert_eq!(tools.groups(&["--list"]), [] as [Vec<String>; 0]);
}
