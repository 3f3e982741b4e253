//! `krun runbooks/scaleout.rhai` on a real cluster, killed in mid-move twice: once resumed, once aborted. Kafka's own
//! tools say what became of it.

use super::cluster::Cluster;
use super::jars::Kafka;
use super::krun::{Krun, Running};
use super::partition::Partition;
use super::records::{Written, create_topic};
use super::tool_output::{Configs, MoveStatus};
use super::tools::Tools;
use serde_json::json;
use std::collections::BTreeMap;

/// Some 100 MB move onto the new broker: long enough to be caught in the middle on a slow machine, and no longer.
const SCALEOUT: [&str; 6] = ["runbooks/scaleout.rhai", "--cluster", "real", "--throttle", "5MB/s", "--yes"];

/// What an operator had set before krun came, and finds again afterwards.
const OPERATORS_RATE: &str = "leader.replication.throttled.rate=7654321";
const OPERATORS_LIST: &str = "leader.replication.throttled.replicas=[1:2]";

/// What the tools say at one moment.
struct Seen {
    partitions: Vec<Partition>,
    configs: Configs,
}

impl Seen {
    fn now(tools: &Tools) -> Self {
        Self { partitions: tools.topics(), configs: tools.configs() }
    }
}

#[test]
fn a_scaleout_killed_in_mid_move_is_resumed_and_another_aborted() {
    let Some(kafka) = super::kafka() else { return };
    let (mut cluster, written) = cluster_with_data(&kafka);
    let krun = Krun::on(&cluster);
    cluster.end_phase("write and read 144 MB");

    cluster.add_broker(4);
    resumed(&mut cluster, &krun);
    assert_all_readable(&written, &cluster);
    cluster.end_phase("scale-out to broker 4, killed and resumed");

    cluster.add_broker(5);
    aborted(&mut cluster, &krun);
    assert_all_readable(&written, &cluster);
    cluster.end_phase("scale-out to broker 5, killed and aborted");
}

fn cluster_with_data(kafka: &Kafka) -> (Cluster, Vec<Written>) {
    let mut cluster = Cluster::start(kafka, &[1, 2, 3]);
    let bootstrap = cluster.bootstrap();
    create_topic(&bootstrap, "peter-scaleout1", &[&[1], &[2], &[3], &[1]], &[]);
    create_topic(
        &bootstrap,
        "big",
        &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2], &[1, 3, 2], &[2, 1, 3], &[3, 2, 1]],
        &[("min.insync.replicas", "2")],
    );
    let written = vec![Written::write(&bootstrap, "peter-scaleout1", 4, 4), Written::write(&bootstrap, "big", 6, 100)];
    assert_all_readable(&written, &cluster);
    // The reader above asked for its coordinator. Nothing new may appear while krun works.
    cluster.wait_until("__consumer_offsets", |cluster| {
        cluster.partitions().iter().any(|partition| partition.topic == "__consumer_offsets")
    });
    cluster.wait_whole();
    let tools = cluster.tools();
    tools.configure_broker(1, OPERATORS_RATE);
    tools.configure_topic("big", OPERATORS_LIST);
    (cluster, written)
}

/// Killed in mid-move and resumed: the job is done as if nothing had happened.
fn resumed(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    let mut running = krun.start(&SCALEOUT);
    wait_for(cluster, &mut running, "a partition of `big` on the move", |now| {
        in_flight(now, &before.partitions, "big")
    });
    running.sigkill();
    let moving = tools.reassignments();
    assert!(moving.iter().any(|each| each.topic == "big"), "a move goes on without krun: {moving:?}");
    assert_ne!(tools.configs(), before.configs, "the throttle outlives a killed krun");

    let listed = krun.run(&["runs", "--json"]).expect_code(0);
    assert!(!listed.json_lines().is_empty() && listed.mentions("scaleout"), "{listed}");
    krun.run(&SCALEOUT).expect_code(5);
    krun.run(&["resume", "--yes"]).expect_code(0);
    krun.run(&["resume"]).expect_code(2);

    let after = Seen::now(&tools);
    assert_eq!(tools.reassignments(), []);
    assert_eq!(after.configs, before.configs, "every config is as it was, the operator's own throttle among them");
    assert_eq!(after.partitions, cluster.partitions(), "librdkafka sees what the tools see");
    assert_same_shape(&before.partitions, &after.partitions);
    let unfit = after.partitions.iter().find(|partition| !partition.whole() || !partition.led_by_preferred());
    assert_eq!(unfit, None, "every replica is in sync and every leader the preferred one");
    assert_level(&after.partitions, &[1, 2, 3, 4]);
    let seed: Vec<i32> = of(&after.partitions, "peter-scaleout1").flat_map(|each| each.replicas.clone()).collect();
    let mut sorted = seed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2, 3, 4], "one partition of peter-scaleout1 on each broker");
    let stayed = seed.iter().zip([1, 2, 3, 1]).filter(|(now, was)| **now == *was).count();
    assert_eq!(stayed, 3, "one move is enough for peter-scaleout1: {seed:?}");
    let verdicts = tools.verify(&plan_of(&after.partitions));
    assert!(verdicts.values().all(|status| *status == MoveStatus::Completed), "{verdicts:?}");
    let on_disk = tools.replica_sizes();
    let of_big = on_disk.iter().filter(|size| size.topic == "big" && !size.future);
    assert_eq!(of_big.clone().count(), 18, "no copy too few and none left over: {on_disk:?}");
    assert!(of_big.clone().all(|size| size.bytes > 16_000_000), "{on_disk:?}");
}

/// Killed in mid-move and given up: what was temporary or half done is gone, what was finished stays and is named.
fn aborted(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    let mut running = krun.start(&SCALEOUT);
    wait_for(cluster, &mut running, "one partition moved and a large one on the move", |now| {
        let large = ["big", "orders"].iter().any(|topic| in_flight(now, &before.partitions, topic));
        large && !moved(now, &before.partitions).is_empty()
    });
    let finished = moved(&cluster.partitions(), &before.partitions);
    running.sigkill();
    assert_ne!(tools.configs(), before.configs, "the throttle outlives a killed krun");

    let throttled = tools.configs();
    krun.run(&["abort", "--plan"]).expect_code(0);
    assert_eq!(tools.configs(), throttled, "--plan changes nothing");
    let abort = krun.run(&["abort"]).expect_code(0);

    assert_eq!(tools.configs(), before.configs, "every config is as it was, the operator's own throttle among them");
    assert_eq!(tools.reassignments(), []);
    let after = tools.topics();
    assert_same_shape(&before.partitions, &after);
    let unlisted = finished.iter().find(|name| !abort.mentions(name.rsplit_once('-').map_or(name, |(topic, _)| topic)));
    assert_eq!(unlisted, None, "the topic of every finished move is named: {abort}");
    krun.run(&["resume"]).expect_code(2);
    cluster.wait_whole();
}

/// Looks until the cluster is as wanted. Fails, with all that krun said, when krun ends first.
fn wait_for(cluster: &mut Cluster, running: &mut Running, what: &str, test: impl Fn(&[Partition]) -> bool) {
    cluster.wait_until(what, |cluster| {
        let seen = test(&cluster.partitions());
        if let (false, Some(ended)) = (seen, running.ended()) {
            panic!("krun ended before {what}: {ended}");
        }
        seen
    });
}

/// A partition on the move has the new replicas beside the old ones.
fn in_flight(now: &[Partition], before: &[Partition], topic: &str) -> bool {
    of(now, topic).zip(of(before, topic)).any(|(now, before)| now.replicas.len() > before.replicas.len())
}

/// The partitions, as `topic-partition`, that are at rest on other brokers than before.
fn moved(now: &[Partition], before: &[Partition]) -> Vec<String> {
    let pairs = now.iter().zip(before);
    let changed = pairs.filter(|(now, was)| now.replicas.len() == was.replicas.len() && now.replicas != was.replicas);
    changed.map(|(now, _)| format!("{}-{}", now.topic, now.id)).collect()
}

fn of<'a>(partitions: &'a [Partition], topic: &'a str) -> impl Iterator<Item = &'a Partition> {
    partitions.iter().filter(move |partition| partition.topic == topic)
}

/// The same partitions with as many replicas as before, each on a broker of its own.
fn assert_same_shape(before: &[Partition], after: &[Partition]) {
    let shape = |partitions: &[Partition]| -> Vec<(String, i32, usize)> {
        let distinct = |each: &Partition| each.replicas.iter().collect::<std::collections::BTreeSet<_>>().len();
        partitions.iter().map(|each| (each.topic.clone(), each.id, distinct(each))).collect()
    };
    assert_eq!(shape(after), shape(before));
}

/// No broker has more than one replica more than another.
fn assert_level(partitions: &[Partition], brokers: &[i32]) {
    let mut counts: BTreeMap<i32, usize> = brokers.iter().map(|broker| (*broker, 0)).collect();
    for replica in partitions.iter().flat_map(|partition| &partition.replicas) {
        *counts.entry(*replica).or_default() += 1;
    }
    let (least, most) = (counts.values().min(), counts.values().max());
    assert!(most <= least.map(|count| count + 1).as_ref(), "replicas by broker: {counts:?}");
}

fn assert_all_readable(written: &[Written], cluster: &Cluster) {
    let bootstrap = cluster.bootstrap();
    for topic in written {
        assert_eq!(topic.read_back(&bootstrap), Ok(()));
    }
}

/// The assignment as it is, as a plan.
fn plan_of(partitions: &[Partition]) -> serde_json::Value {
    let entry = |each: &Partition| json!({ "topic": each.topic, "partition": each.id, "replicas": each.replicas });
    json!({ "version": 1, "partitions": partitions.iter().map(entry).collect::<Vec<_>>() })
}
