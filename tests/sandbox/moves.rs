//! Reassignments: how they go, how fast, and what a dead broker does to them.

use super::admin::{BROKER, Move, TOPIC, alter_config, elect, moves, numbers, partition, reassign, size};
use super::running::{Sandbox, eventually, tiny};
use krun::sandbox::{Data, Options};
use std::time::{Duration, Instant};

const ELECTION_NOT_NEEDED: i16 = 84;
const PREFERRED_LEADER_NOT_AVAILABLE: i16 = 80;
const NO_REASSIGNMENT_IN_PROGRESS: i16 = 85;
const INVALID_REPLICA_ASSIGNMENT: i16 = 39;

/// Real sizes, and nothing is copied before the test says so.
fn still() -> Options {
    Options { data: Data::Demo, copy_rate: 0, ..tiny() }
}

#[test]
fn a_move_adds_copies_and_then_drops() {
    let sandbox = Sandbox::start(&still());
    let address = sandbox.broker(1);
    assert_eq!(numbers(&partition(address, "peter-scaleout2", 0).replica_nodes), [1, 2]);
    assert_eq!(reassign(address, "peter-scaleout2", 0, Some(&[4, 1])), 0);
    let listed = Move {
        topic: "peter-scaleout2".to_owned(),
        partition: 0,
        replicas: vec![4, 1, 2],
        adding: vec![4],
        removing: vec![2],
    };
    assert_eq!(moves(address), [listed]);
    let during = partition(address, "peter-scaleout2", 0);
    assert_eq!((numbers(&during.replica_nodes), numbers(&during.isr_nodes)), (vec![4, 1, 2], vec![1, 2]));
    assert_eq!(size(sandbox.broker(4), "peter-scaleout2", 0), Some(0));
    let whole = size(address, "peter-scaleout2", 0).unwrap();

    sandbox.control().set_copy_rate(u64::try_from(whole).unwrap()).unwrap();
    eventually("a part is there", || size(sandbox.broker(4), "peter-scaleout2", 0).unwrap() > whole / 10);
    assert!(size(sandbox.broker(4), "peter-scaleout2", 0).unwrap() < whole);
    sandbox.control().set_copy_rate(u64::MAX).unwrap();
    eventually("the move is done", || moves(address).is_empty());
    let after = partition(address, "peter-scaleout2", 0);
    assert_eq!(numbers(&after.replica_nodes), [4, 1]);
    assert_eq!(after.leader_id.0, 1, "the leader stays where it can");
    assert_eq!(size(sandbox.broker(4), "peter-scaleout2", 0), Some(whole));
    assert_eq!(size(sandbox.broker(2), "peter-scaleout2", 0), None);
    assert_eq!(elect(address, "peter-scaleout2", 0), 0);
    assert_eq!(partition(address, "peter-scaleout2", 0).leader_id.0, 4);
    assert_eq!(elect(address, "peter-scaleout2", 0), ELECTION_NOT_NEEDED);
}

#[test]
fn a_leader_that_moves_away_hands_over_and_a_reorder_is_done_at_once() {
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(1);
    assert_eq!(reassign(address, "orders", 0, Some(&[3, 2, 1])), 0);
    assert!(moves(address).is_empty());
    let reordered = partition(address, "orders", 0);
    assert_eq!((numbers(&reordered.replica_nodes), reordered.leader_id.0), (vec![3, 2, 1], 1));

    assert_eq!(reassign(address, "peter-scaleout1", 0, Some(&[4])), 0);
    eventually("the move is done", || moves(address).is_empty());
    let moved = partition(address, "peter-scaleout1", 0);
    assert_eq!((numbers(&moved.replica_nodes), numbers(&moved.isr_nodes), moved.leader_id.0), (vec![4], vec![4], 4));
    assert!(moved.leader_epoch > 0);
}

#[test]
fn errors_are_those_of_the_partition() {
    let sandbox = Sandbox::start(&still());
    let address = sandbox.broker(2);
    assert_eq!(reassign(address, "orders", 0, None), NO_REASSIGNMENT_IN_PROGRESS);
    assert_eq!(reassign(address, "nope", 0, Some(&[1])), 3);
    assert_eq!(reassign(address, "orders", 99, Some(&[1])), 3);
    for target in [&[][..], &[1, 1], &[1, 9]] {
        assert_eq!(reassign(address, "orders", 0, Some(target)), INVALID_REPLICA_ASSIGNMENT, "{target:?}");
    }
    assert!(moves(address).is_empty());
    assert!(sandbox.control().counters().unwrap().applied.is_empty());
}

#[test]
fn a_cancelled_move_leaves_the_replicas_and_a_new_target_replaces_the_old() {
    let sandbox = Sandbox::start(&still());
    let address = sandbox.broker(1);
    reassign(address, "orders", 0, Some(&[4, 2, 3]));
    reassign(address, "orders", 1, Some(&[4, 3, 1]));
    assert_eq!(reassign(address, "orders", 0, None), 0);
    assert_eq!(numbers(&partition(address, "orders", 0).replica_nodes), [2, 3, 1], "in the order of the move");
    assert_eq!(size(sandbox.broker(4), "orders", 0), None);
    assert_eq!(moves(address).len(), 1);
    assert_eq!(reassign(address, "orders", 1, Some(&[2, 3, 1])), 0);
    assert!(moves(address).is_empty());
    assert_eq!(numbers(&partition(address, "orders", 1).replica_nodes), [2, 3, 1]);
    let counted = sandbox.control().counters().unwrap();
    assert_eq!(counted.times["AlterPartitionReassignments orders-0 -> [4,2,3]"], 1);
    assert_eq!(counted.times["AlterPartitionReassignments orders-0 cancel"], 1);
}

/// Bytes that broker 4 gets of `peter-scaleout2-0` in a second or so, as a rate.
fn observed(sandbox: &Sandbox) -> f64 {
    let (address, since) = (sandbox.broker(4), Instant::now());
    let start = size(address, "peter-scaleout2", 0).unwrap();
    eventually("half a second is over", || since.elapsed() > Duration::from_millis(500));
    let end = size(address, "peter-scaleout2", 0).unwrap();
    f64::from(i32::try_from(end - start).unwrap()) / since.elapsed().as_secs_f64()
}

#[test]
fn throttles_hold_on_each_side_for_the_replicas_that_are_listed() {
    let sandbox = Sandbox::start(&Options { copy_rate: 1_000_000, ..still() });
    let (source, destination) = (sandbox.broker(1), sandbox.broker(4));
    let close = |rate: f64, to: f64| assert!((rate / to - 1.0).abs() < 0.2, "{rate} is not near {to}");
    assert_eq!(reassign(source, "peter-scaleout2", 0, Some(&[4, 2])), 0);
    close(observed(&sandbox), 1_000_000.0);

    // A rate alone throttles nothing; it wants the replica listed.
    assert_eq!(alter_config(source, BROKER, "1", "leader.replication.throttled.rate", 0, "100000"), 0);
    close(observed(&sandbox), 1_000_000.0);
    let leaders = "leader.replication.throttled.replicas";
    assert_eq!(alter_config(source, TOPIC, "peter-scaleout2", leaders, 0, "0:2,1:1"), 0);
    close(observed(&sandbox), 1_000_000.0);
    assert_eq!(alter_config(source, TOPIC, "peter-scaleout2", leaders, 2, "0:1"), 0);
    close(observed(&sandbox), 100_000.0);

    let followers = "follower.replication.throttled.replicas";
    assert_eq!(alter_config(source, TOPIC, "peter-scaleout2", followers, 0, "*"), 0);
    assert_eq!(alter_config(destination, BROKER, "4", "follower.replication.throttled.rate", 0, "50000"), 0);
    close(observed(&sandbox), 50_000.0);
    assert_eq!(alter_config(destination, BROKER, "4", "follower.replication.throttled.rate", 0, "0"), 0);
    let stalled = size(destination, "peter-scaleout2", 0);
    assert!(observed(&sandbox) < 1.0);
    assert_eq!(size(destination, "peter-scaleout2", 0), stalled);
    assert_eq!(alter_config(destination, BROKER, "4", "follower.replication.throttled.rate", 1, ""), 0);
    close(observed(&sandbox), 100_000.0);
}

#[test]
fn a_dead_destination_stalls_its_moves_and_resumes_them() {
    let sandbox = Sandbox::start(&still());
    let (address, control) = (sandbox.broker(1), sandbox.control());
    reassign(address, "orders", 0, Some(&[4, 2, 3]));
    control.kill_broker(4).unwrap();
    control.set_copy_rate(u64::MAX).unwrap();
    let listed = moves(address);
    assert_eq!(listed.len(), 1);
    assert!(std::net::TcpStream::connect(sandbox.broker(4)).is_err(), "nobody listens");
    assert!(!super::admin::metadata(address).brokers.iter().any(|broker| broker.node_id.0 == 4));
    // Registered is enough to be a target; the move waits.
    assert_eq!(reassign(address, "orders", 1, Some(&[4, 3, 1])), 0);
    let since = Instant::now();
    eventually("some time passes", || since.elapsed() > Duration::from_millis(100));
    assert_eq!(moves(address).len(), 2);
    assert_eq!(reassign(address, "orders", 0, None), 0);
    control.start_broker(4).unwrap();
    eventually("the other move is done", || moves(sandbox.broker(4)).is_empty());
    assert_eq!(numbers(&partition(sandbox.broker(4), "orders", 1).replica_nodes), [4, 3, 1]);
}

#[test]
fn a_dead_broker_leaves_the_isrs_and_comes_back_to_them() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    let before = control.dump().unwrap();
    let mut idle = super::client::connect(sandbox.broker(1));
    control.kill_broker(1).unwrap();
    assert_eq!(std::io::Read::read(&mut idle, &mut [0; 1]).unwrap(), 0, "its connections are closed");
    let address = sandbox.broker(2);
    let orders = partition(address, "orders", 0);
    assert_eq!((numbers(&orders.isr_nodes), orders.leader_id.0), (vec![2, 3], 2));
    assert_eq!(numbers(&orders.offline_replicas), [1]);
    let alone = partition(address, "peter-scaleout1", 0);
    assert_eq!((alone.leader_id.0, alone.error_code, numbers(&alone.isr_nodes)), (-1, 5, vec![1]));
    assert_eq!(elect(address, "orders", 0), PREFERRED_LEADER_NOT_AVAILABLE);

    control.start_broker(1).unwrap();
    eventually("the ISR is whole", || partition(address, "orders", 0).isr_nodes.len() == 3);
    assert_eq!(partition(address, "orders", 0).leader_id.0, 2, "nobody rebalances leaders");
    assert_eq!(partition(address, "peter-scaleout1", 0).leader_id.0, 1);
    for topic in super::admin::metadata(address).topics {
        for one in &topic.partitions {
            elect(address, topic.name.as_ref().unwrap(), one.partition_index);
        }
    }
    eventually("all is as before", || control.dump().unwrap() == before);
}
