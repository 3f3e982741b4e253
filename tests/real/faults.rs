//! What happens to a scale-out while it moves: other people at the same cluster, a deleted topic, a dead broker. Each is
//! given up afterwards, and leaves the cluster as it was.

use super::cluster::Cluster;
use super::krun::Krun;
use super::records::{Written, create_topic};
use super::scaleout::SCALEOUT;
use super::seen::{Seen, assert_in_place, in_flight, wait_for, wait_said};

const RATE: &str = "follower.replication.throttled.rate";

/// Somebody changes a throttle and cancels the moves with Kafka's own tools: shown, and not overwritten.
pub(crate) fn of_others(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    let mut running = krun.start(&SCALEOUT);
    wait_for(cluster, &mut running, "a partition of `big` on the move", |now| {
        in_flight(now, &before.partitions, "big")
    });
    tools.configure_broker(2, &format!("{RATE}=100000"));
    tools.cancel_all();
    let lost = running.wait().expect_code(1);
    assert!(lost.mentions("MOVE_LOST") && lost.mentions("krun abort"), "{lost}");
    assert_eq!(tools.reassignments(), [], "krun does not send them off again");

    let abort = krun.run(&["abort"]).expect_code(0);
    assert!(abort.mentions(&format!("{RATE} on broker/2 is `100000`")), "{abort}");
    assert_eq!(tools.configs().value("broker 2", RATE), Some("100000"), "it is somebody else's now");
    tools.unset_on_broker(2, RATE);
    assert_eq!(tools.configs(), before.configs);
    assert_in_place(&before.partitions, &tools.topics());
}

/// The topic that is on the move is deleted: said, and nothing of it is missed when the run is given up.
pub(crate) fn deleted_topic(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let replicas: [&[i32]; 8] = [&[1], &[2], &[3], &[4], &[1], &[2], &[3], &[4]];
    create_topic(&cluster.bootstrap(), "doomed", &replicas, &[]);
    Written::write(&cluster.bootstrap(), "doomed", 8, 16);
    let before = Seen::now(&tools);
    let arguments = [
        "runbooks/scaleout.rhai",
        "--cluster",
        "real",
        "--throttle",
        "50kB/s",
        "--topics",
        "doomed",
        "--spare",
        "1",
        "--yes",
    ];
    let mut running = krun.start(&arguments);
    wait_for(cluster, &mut running, "a partition of `doomed` on the move", |now| {
        in_flight(now, &before.partitions, "doomed")
    });
    tools.delete_topic("doomed");
    let failed = running.wait().expect_code(1);
    assert!(failed.mentions("UNKNOWN_TOPIC_OR_PARTITION") && failed.mentions("doomed"), "{failed}");

    let abort = krun.run(&["abort"]).expect_code(0);
    assert!(abort.mentions("doomed is gone"), "{abort}");
    let mut expected = before;
    expected.configs.0.remove("topic doomed");
    expected.partitions.retain(|partition| partition.topic != "doomed");
    assert_eq!(tools.configs(), expected.configs);
    assert_in_place(&expected.partitions, &tools.topics());
}

/// The new broker dies under its moves, which then stand still for ever. Without it, everything else can be taken back:
/// no other broker tells or takes the configs of a dead one. The rest is done when it is there again.
pub(crate) fn dead_destination(cluster: &mut Cluster, krun: &Krun) {
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    // So slow that nothing has arrived when the broker dies, however busy the machine is.
    let slowly = SCALEOUT.map(|word| if word == "4MB/s" { "500kB/s" } else { word });
    let mut running = krun.start(&slowly);
    wait_for(cluster, &mut running, "a partition of `big` on the move", |now| {
        in_flight(now, &before.partitions, "big")
    });
    cluster.kill(5);
    wait_said(cluster, &mut running, "standing still: broker 5 is not registered");
    running.interrupt().expect_code(130);
    let resumed = krun.run(&["resume", "--yes"]).expect_code(1);
    assert!(resumed.mentions("BROKER_DOWN"), "{resumed}");

    let abort = krun.run(&["abort"]).expect_code(6);
    assert!(abort.mentions("broker 5 is not registered") && abort.mentions("by-hand.txt"), "{abort}");
    let tools_without_it = cluster.tools();
    assert_eq!(tools_without_it.reassignments(), []);
    let mut expected = before.configs.clone();
    expected.0.remove("broker 5");
    assert_eq!(tools_without_it.configs(), expected, "what the living brokers have is as it was");

    cluster.restart(5);
    krun.run(&["abort"]).expect_code(0);
    assert_eq!(tools.configs(), before.configs);
    cluster.wait_whole();
    assert_in_place(&before.partitions, &tools.topics());
}
