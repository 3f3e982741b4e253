//! What krun's client reads, held against Kafka's own Admin client, fact by fact.

use super::jars::Kafka;
use super::records::create_topic;
use crate::kafka::facts;
use krun::kafka::{Client, Deadlines};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// 2001-09-09, and 2033-05-18: records on both sides of the time that is asked for.
const OLD: i64 = 1_000_000_000_000;
const BETWEEN: i64 = 1_500_000_000_000;
const NEW: i64 = 2_000_000_000_000;

/// A cluster that somebody else runs: `KRUN_BOOTSTRAP=… cargo test -- --ignored any_cluster`, with `KRUN_GROUP_PROTOCOL=consumer`
/// for groups of KIP-848. It makes a topic and a group there.
#[test]
#[ignore = "it needs the address of a cluster in KRUN_BOOTSTRAP"]
fn any_cluster_reads_as_kafkas_own_client_has_it() {
    let bootstrap = std::env::var("KRUN_BOOTSTRAP").expect("KRUN_BOOTSTRAP=host:port");
    let kafka = super::kafka().expect("Kafka's client is there");
    krun_reads_what_kafkas_own_client_reads(&kafka, &bootstrap);
}

pub(crate) fn krun_reads_what_kafkas_own_client_reads(kafka: &Kafka, bootstrap: &str) {
    let topic = format!("oracle-{}", std::process::id());
    let group = format!("{topic}-group");
    create_topic(
        bootstrap,
        &topic,
        &[&[1, 2], &[2, 1], &[2, 1]],
        &[("retention.ms", "-1"), ("segment.bytes", "1048576")],
    );
    write(bootstrap, &topic);
    let member = join(bootstrap, &topic, &group);
    commit(&member, &topic);

    let folder = tempfile::tempdir().expect("a scratch folder");
    let theirs = oracle(kafka, folder.path(), bootstrap, &topic, &group);
    let ours = ours(bootstrap, &topic, &group);
    drop(member);

    let only =
        |of: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> { of.difference(other).cloned().collect() };
    let (missing, invented) = (only(&theirs, &ours), only(&ours, &theirs));
    assert!(
        missing.is_empty() && invented.is_empty(),
        "only Kafka's client says:\n{}\nonly krun says:\n{}",
        missing.join("\n"),
        invented.join("\n")
    );
    let count = |word: &str| ours.iter().filter(|fact| fact.starts_with(word)).count();
    for (word, at_least) in
        [("partition ", 3), ("config ", 60), ("replica ", 4), ("offset ", 9), ("member ", 1), ("committed ", 2)]
    {
        assert!(count(word) >= at_least, "{word}: {ours:?}");
    }
    super::say(&format!("{} facts, and both clients agree on each", ours.len()));
}

/// Two records in each partition.
fn write(bootstrap: &str, topic: &str) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create().expect("librdkafka takes a bootstrap address");
    for partition in 0..3 {
        for time in [OLD, NEW] {
            let record = BaseRecord::<(), str>::to(topic).partition(partition).payload("x").timestamp(time);
            producer.send(record).expect("the queue takes it");
        }
    }
    producer.flush(PATIENCE).expect("all are written");
}

/// A member of the group that has all partitions.
fn join(bootstrap: &str, topic: &str, group: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", group).set("client.id", "krun-oracle");
    config.set("enable.auto.commit", "false");
    match std::env::var("KRUN_GROUP_PROTOCOL") {
        Ok(protocol) => config.set("group.protocol", protocol),
        Err(_) => config.set("group.instance.id", "first"),
    };
    let consumer: BaseConsumer = config.create().expect("librdkafka takes a consumer's settings");
    consumer.subscribe(&[topic]).expect("subscribed");
    let begun = Instant::now();
    while consumer.assignment().expect("known").count() < 3 {
        assert!(begun.elapsed() < PATIENCE, "no partition is assigned");
        drop(consumer.poll(Duration::from_millis(100)));
    }
    consumer
}

fn commit(consumer: &BaseConsumer, topic: &str) {
    let mut offsets = TopicPartitionList::new();
    for (partition, offset) in [(0, 1), (2, 2)] {
        offsets.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("a partition");
    }
    consumer.commit(&offsets, CommitMode::Sync).expect("committed");
}

/// What Kafka's own client says of a cluster, as far as it concerns this topic, and nothing of groups.
pub(crate) fn facts(bootstrap: &str, topic: &str) -> BTreeSet<String> {
    let kafka = Kafka::resolve().expect("Kafka's client is there");
    let folder = tempfile::tempdir().expect("a scratch folder");
    oracle(&kafka, folder.path(), bootstrap, topic, "")
}

fn oracle(kafka: &Kafka, folder: &Path, bootstrap: &str, topic: &str, group: &str) -> BTreeSet<String> {
    let (source, log4j) = (folder.join("AdminOracle.java"), folder.join("log4j.properties"));
    fs::write(&source, include_str!("AdminOracle.java")).expect("the folder takes a file");
    fs::write(&log4j, "log4j.rootLogger=OFF\n").expect("the folder takes a file");
    let output = kafka
        .java(&source.display().to_string(), &log4j)
        .args([bootstrap, topic, group, &BETWEEN.to_string()])
        .stdin(Stdio::null())
        .output()
        .expect("java starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the oracle: {}\n{stdout}\n{stderr}", output.status);
    stdout.lines().map(str::to_owned).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn ours(bootstrap: &str, topic: &str, group: &str) -> BTreeSet<String> {
    let bootstrap: Vec<String> = bootstrap.split(',').map(str::to_owned).collect();
    let client = Client::connect(&bootstrap, Deadlines::default()).await.expect("the brokers answer");
    facts::read(&client, topic, group, BETWEEN).await
}
