//! Producers that write at a rate.

use super::admin::{moves, numbers, partition, reassign, size};
use super::running::{Sandbox, eventually, tiny};
use krun::sandbox::Options;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use std::time::{Duration, Instant};

#[test]
fn bytes_come_at_the_rate_into_every_partition_and_replica() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    let sizes = |broker: usize| (0..6).map(|index| size(sandbox.broker(broker), "orders", index).unwrap()).sum::<i64>();
    let (before, since) = (sizes(1), Instant::now());
    control.set_inbound("orders", 600_000).unwrap();
    eventually("they write", || sizes(1) > before + 300_000);
    control.set_inbound("orders", 0).unwrap();
    let (grown, took) = (sizes(1) - before, since.elapsed().as_secs_f64());
    let rate = f64::from(i32::try_from(grown).unwrap()) / took;
    assert!(rate < 620_000.0, "{rate}");
    assert_eq!([sizes(2), sizes(3)], [sizes(1), sizes(1)], "followers are in sync");
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(sizes(1), before + grown, "and no more comes");
    assert_eq!(partition(sandbox.broker(1), "orders", 0).isr_nodes.len(), 3);
    let error = control.set_inbound("nope", 1).unwrap_err();
    assert_eq!(error.code, "SANDBOX_NO_SUCH_TOPIC");
}

#[test]
fn what_is_written_can_be_read() {
    let sandbox = Sandbox::start(&tiny());
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("group.id", "readers")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    sandbox.control().set_inbound("payments", 30_000).unwrap();
    consumer.subscribe(&["payments"]).unwrap();
    let (mut seen, since) = (0, Instant::now());
    // Ten records a partition were there.
    while seen < 60 {
        assert!(since.elapsed() < Duration::from_secs(20), "{seen} records");
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            assert!(message.unwrap().payload().is_some());
            seen += 1;
        }
    }
}

#[test]
fn a_copy_that_is_slower_than_its_producers_never_catches_up() {
    let sandbox = Sandbox::start(&Options { copy_rate: 5_000, ..tiny() });
    let (control, address) = (sandbox.control(), sandbox.broker(1));
    control.set_inbound("orders", 60_000).unwrap();
    assert_eq!(reassign(address, "orders", 0, Some(&[4, 2, 3])), 0);
    std::thread::sleep(Duration::from_secs(1));
    let here = size(sandbox.broker(4), "orders", 0).unwrap();
    assert!(here > 0 && here < size(address, "orders", 0).unwrap(), "{here}");
    assert_eq!(moves(address).len(), 1);
    control.set_copy_rate(1_000_000).unwrap();
    eventually("it is done while they write", || moves(address).is_empty());
    assert_eq!(numbers(&partition(address, "orders", 0).replica_nodes), [4, 2, 3]);
}
