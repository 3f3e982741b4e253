//! `krun runbooks/scaleout.rhai` on a real cluster, stopped in mid-move in every way: resumed from it, and given up.
//! Kafka's own tools say what became of it.

use super::cluster::Cluster;
use super::faults;
use super::jars::Kafka;
use super::krun::Krun;
use super::records::{Written, create_topic};
use super::seen::{
    Seen, assert_all_readable, assert_level, assert_same_shape, in_flight, moved, of, plan_of, wait_for, wait_said,
};
use super::tool_output::MoveStatus;

/// Some 70 MB move onto the new broker: long enough to be caught in the middle on a slow machine, and no longer.
/// All brokers lie on one disk, which may be as full as any, and some are hurt on purpose, on a machine that may be slow to bring them back.
pub(crate) const SCALEOUT: [&str; 12] = [
    "runbooks/scaleout.rhai",
    "--cluster",
    "real",
    "--throttle",
    "4MB/s",
    "--spare",
    "1",
    "--guard-free",
    "0",
    "--guard-grace",
    "10m",
    "--yes",
];

/// What an operator had set before krun came, and finds again afterwards.
const OPERATORS_RATE: &str = "leader.replication.throttled.rate=7654321";
const OPERATORS_LIST: &str = "leader.replication.throttled.replicas=[1:2]";

#[test]
fn a_scaleout_survives_what_happens_to_it_and_to_its_cluster() {
    let Some(kafka) = super::kafka() else { return };
    let (mut cluster, written) = cluster_with_data(&kafka);
    let krun = Krun::on(&cluster);
    cluster.end_phase("write and read 144 MB");

    cluster.add_broker(4);
    resumed(&mut cluster, &krun);
    assert_all_readable(&written, &cluster);
    cluster.end_phase("scale-out to broker 4, interrupted, killed, resumed");

    cluster.add_broker(5);
    faults::of_others(&mut cluster, &krun);
    cluster.end_phase("throttle changed and moves cancelled by Kafka's tool");
    faults::deleted_topic(&mut cluster, &krun);
    cluster.end_phase("topic deleted in mid-move");
    faults::dead_destination(&mut cluster, &krun);
    cluster.end_phase("destination killed, aborted without it and once more with it");
    aborted(&mut cluster, &krun);
    assert_all_readable(&written, &cluster);
    cluster.end_phase("killed, the controller too, and aborted");
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

/// Interrupted, resumed, killed and resumed: the job is done as if nothing had happened.
fn resumed(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    let mut running = krun.start(&SCALEOUT);
    wait_for(cluster, &mut running, "a partition of `big` on the move", |now| {
        in_flight(now, &before.partitions, "big")
    });
    let interrupted = running.interrupt().expect_code(130);
    assert!(interrupted.mentions("left in place:") && interrupted.mentions("krun resume"), "{interrupted}");

    let mut running = krun.start(&["resume", "--yes"]);
    wait_said(cluster, &mut running, "… moves of big");
    running.sigkill();
    let moving = tools.reassignments();
    assert!(moving.iter().any(|each| each.topic == "big"), "a move goes on without krun: {moving:?}");
    assert_ne!(tools.configs(), before.configs, "the throttle outlives a killed krun");

    let listed = krun.run(&["runs", "--json"]).expect_code(0);
    let lines = listed.json_lines();
    assert_eq!(lines.len(), 1, "{listed}");
    let run = lines[0]["run"].as_str().expect("a run has a name").to_owned();
    let blocked = krun.run(&SCALEOUT).expect_code(5);
    assert!(blocked.mentions(&format!("krun resume {run}")), "{blocked}");
    let resumed = krun.run(&["resume", "--yes"]).expect_code(0);
    assert!(!resumed.mentions("somebody changed"), "old answers of brokers are no news: {resumed}");
    krun.run(&["resume"]).expect_code(2);
    assert_scaled_out(cluster, &before);
}

fn assert_scaled_out(cluster: &Cluster, before: &Seen) {
    let tools = cluster.tools();
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

/// Killed in mid-move, the controller too, and given up: what was temporary or half done is gone, what was finished stays
/// and is named.
fn aborted(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    // One after the other, so that there is always one that has arrived and one that has not.
    let mut running = krun.start(&[&SCALEOUT[..], &["--at-once", "1"]].concat());
    wait_for(cluster, &mut running, "one partition moved and a large one on the move", |now| {
        in_flight(now, &before.partitions, "big") && !moved(now, &before.partitions).is_empty()
    });
    let finished = moved(&cluster.partitions(), &before.partitions);
    running.sigkill();
    let throttled = tools.configs();
    assert_ne!(throttled, before.configs, "the throttle outlives a killed krun");
    krun.run(&["abort", "--plan"]).expect_code(0);
    assert_eq!(tools.configs(), throttled, "--plan changes nothing");

    let _ = cluster.kill_controller();
    let abort = krun.start(&["abort"]);
    cluster.restart_controller();
    let abort = abort.wait().expect_code(0);

    cluster.wait_whole();
    let after = Seen::now(&tools);
    assert_eq!(after.configs, before.configs, "every config is as it was, the operator's own throttle among them");
    assert_eq!(tools.reassignments(), []);
    assert_same_shape(&before.partitions, &after.partitions);
    let is_named = |name: &String| {
        let topic = name.rsplit_once('-').map_or(&**name, |(topic, _)| topic);
        let (finished_move, finished_step) = (format!("{name} had finished moving"), format!("move topic {topic}"));
        abort.mentions(&finished_move) || (topic != "big" && abort.mentions(&finished_step))
    };
    let finished: Vec<String> = finished.into_iter().chain(moved(&after.partitions, &before.partitions)).collect();
    assert_eq!(finished.iter().find(|name| !is_named(name)), None, "every finished move is named: {abort}");
    krun.run(&["resume"]).expect_code(2);
}
