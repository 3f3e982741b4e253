//! `krun snapshot` and `krun plan` on a real cluster, and Kafka's own tool with the files that they write: it carries out the
//! moves and the way back, and its own proposal is read.

use super::cluster::Cluster;
use super::krun::Krun;
use super::partition::Partition;
use super::seen::{assert_in_place, assert_level, of};
use super::tool_output::MoveStatus;
use super::tools::Tools;
use serde_json::Value;
use std::fs;
use std::path::Path;

const TOPICS: &str = "peter-scaleout1,big";
/// Fast enough to be no part of the time.
const RATE: u64 = 100_000_000;

/// Wants the topics `peter-scaleout1` and `big` on brokers 1 to 4, not level and not moving, and leaves them so.
pub(crate) fn are_taken_by_kafkas_tool(cluster: &mut Cluster) {
    let (tools, krun) = (cluster.tools(), Krun::on(cluster));
    let before = cluster.partitions();
    let state = krun.path("state.json");
    let name = state.to_str().expect("a plain path");
    let taken = krun.run(&["snapshot", "--cluster", "real", "--output", name]).expect_code(0);
    assert!(taken.stderr.starts_with("krun: ") && taken.stderr.lines().count() == 1, "nothing is missing: {taken}");
    assert_as_kafka_says(&read(&state), &before, &tools);
    cluster.end_phase("krun snapshot");

    without_disks(&state);
    let out = krun.path("plan");
    let words = ["plan", "--state", name, "--topics", TOPICS, "--write", out.to_str().expect("a plain path")];
    let plan = krun.run_alone(&words).expect_code(0);
    assert!(plan.mentions("(the fewest there can be)"), "{plan}");
    carried_out(cluster, &tools, &out.join("move.json"));
    let moved: Vec<Partition> = cluster.partitions().into_iter().filter(|each| TOPICS.contains(&each.topic)).collect();
    assert_level(&moved, &[1, 2, 3, 4]);
    let again = krun.run(&["plan", "--cluster", "real", "--topics", TOPICS]).expect_code(0);
    assert!(again.mentions("nothing to move"), "{again}");
    cluster.end_phase("Kafka's tool carries out move.json");

    carried_out(cluster, &tools, &out.join("rollback.json"));
    assert_in_place(&before, &cluster.partitions());
    cluster.end_phase("Kafka's tool carries out rollback.json");

    let (_, proposed) = tools.generate(&["big"], &[1, 2, 3, 4]);
    let file = krun.path("proposed.json");
    fs::write(&file, proposed.to_string()).expect("the scratch folder takes a file");
    let words = ["plan", "--cluster", "real", "--reassignment-json-file", file.to_str().expect("a plain path")];
    let judged = krun.run(&words).expect_code(0);
    assert!(judged.mentions("proposed.json names 6 partitions"), "{judged}");
    cluster.end_phase("krun reads the proposal of Kafka's tool");
}

/// The snapshot has every partition where librdkafka sees it, with the size that Kafka's tool finds on the disks.
fn assert_as_kafka_says(state: &Value, partitions: &[Partition], tools: &Tools) {
    let sizes = tools.replica_sizes();
    let mut seen = 0;
    for topic in items(&state["topics"]) {
        let name = topic["name"].as_str().expect("a name");
        for (each, (replicas, bytes)) in
            of(partitions, name).zip(items(&topic["replicas"]).iter().zip(items(&topic["bytes"])))
        {
            assert_eq!(*replicas, Value::from(each.replicas.clone()), "{name}-{}", each.id);
            let on_disk = sizes.iter().filter(|size| size.topic == name && size.partition == each.id && !size.future);
            assert_eq!(bytes.as_u64(), on_disk.map(|size| size.bytes).max(), "{name}-{}", each.id);
            seen += 1;
        }
        let min = &topic["configs"]["min.insync.replicas"];
        assert_eq!(*min, if name == "big" { Value::from("2") } else { Value::Null }, "{name}");
    }
    assert_eq!(seen, partitions.len(), "no partition is left out");
    for broker in items(&state["brokers"]) {
        let dir = &broker["log_dirs"][0];
        assert!(
            dir["usable_bytes"].as_u64() > Some(0) && dir["total_bytes"].as_u64() > dir["usable_bytes"].as_u64(),
            "{broker}"
        );
        let logs = sizes.iter().filter(|size| broker["id"] == size.broker).count();
        assert_eq!(dir["replicas"], Value::from(logs), "{broker}");
    }
}

/// Every broker here lies on the disk of the machine, which may be fuller than a broker's disk should be.
fn without_disks(file: &Path) {
    let mut state = read(file);
    for broker in state["brokers"].as_array_mut().into_iter().flatten() {
        broker.as_object_mut().expect("an object").remove("log_dirs");
    }
    fs::write(file, state.to_string()).expect("the scratch folder takes a file");
}

/// The file as it is, by `--execute`, and to its end by `--verify`.
fn carried_out(cluster: &mut Cluster, tools: &Tools, file: &Path) {
    tools.execute_file(file, RATE);
    let plan = read(file);
    cluster.wait_until("the end of the moves", |_| tools.verify(&plan).values().all(|it| *it == MoveStatus::Completed));
    tools.verify_and_clear_throttles(&plan);
    cluster.wait_whole();
    for entry in items(&plan["partitions"]) {
        let now = cluster.partitions();
        let mut found = of(&now, entry["topic"].as_str().expect("a name"));
        let partition = found.find(|each| entry["partition"] == each.id).expect("a moved partition");
        assert_eq!(entry["replicas"], Value::from(partition.replicas.clone()));
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("krun has written it")).expect("JSON")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
