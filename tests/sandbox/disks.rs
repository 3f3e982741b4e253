//! Disks that get full.

use super::admin::{metadata, moves, numbers, partition, reassign};
use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::DescribeLogDirsRequest;
use krun::sandbox::{Data, Options};

/// Bytes in all, and those that are free.
fn disk(sandbox: &Sandbox, broker: usize) -> (i64, i64) {
    let reply = ask(sandbox.broker(broker), &DescribeLogDirsRequest::default().with_topics(None), 4);
    (reply.results[0].total_bytes, reply.results[0].usable_bytes)
}

#[test]
fn a_broker_whose_only_disk_is_full_halts_and_needs_room_to_start() {
    let sandbox = Sandbox::start(&Options { data: Data::Demo, copy_rate: 1_000_000_000, ..tiny() });
    let (control, address) = (sandbox.control(), sandbox.broker(1));
    assert_eq!(disk(&sandbox, 4), (100_000_000_000, 100_000_000_000));
    control.set_disk_size(4, 1_000_000).unwrap();
    assert_eq!(disk(&sandbox, 4), (1_000_000, 1_000_000));
    assert_eq!(reassign(address, "orders", 0, Some(&[4, 2, 3])), 0);
    eventually("it halts", || metadata(address).brokers.len() == 3);
    eventually("nobody listens", || std::net::TcpStream::connect(sandbox.broker(4)).is_err());
    let orders = partition(address, "orders", 0);
    assert_eq!((numbers(&orders.replica_nodes), numbers(&orders.offline_replicas)), (vec![4, 2, 3, 1], vec![4]));
    assert_eq!(moves(address).len(), 1, "the move waits for it");

    control.start_broker(4).unwrap();
    eventually("it halts again", || metadata(address).brokers.len() == 3);
    control.set_disk_size(4, 1_000_000_000).unwrap();
    eventually("it has stopped listening", || std::net::TcpStream::connect(sandbox.broker(4)).is_err());
    control.start_broker(4).unwrap();
    eventually("the move is done", || moves(address).is_empty());
    assert_eq!(metadata(address).brokers.len(), 4);
    let (total, free) = disk(&sandbox, 4);
    assert!(total == 1_000_000_000 && free < total, "{free}");
}
