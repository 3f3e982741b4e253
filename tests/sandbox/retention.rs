//! Segments, and what retention and `DeleteRecords` make of them: Kafka's rules (`Log.deleteOldSegments`, KIP-107).
//!
//! Not as in life: a follower deletes when its leader does, and the high watermark is always the end of the log.

use super::admin::{TOPIC, alter_config, partition, size};
use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::DescribeLogDirsRequest;
use krun::kafka::Client;
use krun::kafka::offsets::{self, Spec};
use krun::kafka::records;
use krun::sandbox::{Data, Options};
use std::time::Duration;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn cleaning(data: Data) -> Sandbox {
    Sandbox::start(&Options { data, clean_every: Duration::from_millis(100), ..tiny() })
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn offset(client: &Client, topic: &str, spec: Spec) -> i64 {
    offsets::list(client, topic, spec).await.unwrap()[0].1
}

fn set(sandbox: &Sandbox, topic: &str, key: &str, value: &str) {
    assert_eq!(alter_config(sandbox.broker(1), TOPIC, topic, key, 0, value), 0, "{topic} {key}");
}

/// Of broker 1: the bytes of all its replicas, and those that are free.
fn disk(sandbox: &Sandbox) -> (i64, i64) {
    let reply = ask(sandbox.broker(1), &DescribeLogDirsRequest::default().with_topics(None), 4);
    let replicas = reply.results[0].topics.iter().flat_map(|topic| &topic.partitions);
    (replicas.map(|one| one.partition_size).sum(), reply.results[0].usable_bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn old_segments_go_from_the_logs_first_and_from_the_disk_later() {
    let sandbox = cleaning(Data::Large);
    let client = sandbox.client().await;
    let (bytes, free) = disk(&sandbox);
    assert_eq!(bytes + free, 2_000_000_000_000);
    let end = offset(&client, "peter-diet", Spec::Latest).await;
    // Their files go in an hour, and those of the other topic at once.
    set(&sandbox, "peter-diet", "file.delete.delay.ms", &HOUR.to_string());
    set(&sandbox, "peter-keep", "file.delete.delay.ms", "0");
    set(&sandbox, "peter-diet", "retention.ms", &DAY.to_string());
    let cutoff = offset(&client, "peter-diet", Spec::At(now() - DAY)).await;
    eventually("a day is left", || {
        let left = disk(&sandbox).0;
        assert_eq!(disk(&sandbox).1, free, "renamed is not free yet");
        bytes - left > 500_000_000_000
    });
    let start = offset(&client, "peter-diet", Spec::Earliest).await;
    assert!(start > 0 && start <= cutoff, "whole segments: {start} of {cutoff}");
    let part = (end - start) * 1000 / end;
    assert!((142..185).contains(&part), "a seventh and up to a quarter of a day: {part} of a thousand");
    assert_eq!(offset(&client, "peter-diet", Spec::Latest).await, end);
    assert_eq!(offset(&client, "peter-diet", Spec::At(0)).await, start);

    let (bytes, _) = disk(&sandbox);
    set(&sandbox, "peter-keep", "retention.ms", &DAY.to_string());
    eventually("the other topic is smaller", || disk(&sandbox).0 < bytes);
    eventually("and so is the disk", || {
        let (left, now) = disk(&sandbox);
        now - free == bytes - left
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn by_size_only_whole_segments_go() {
    let sandbox = cleaning(Data::Large);
    let before = size(sandbox.broker(1), "peter-diet", 0).unwrap();
    let keep = before / 2;
    set(&sandbox, "peter-diet", "retention.bytes", &keep.to_string());
    let left = || size(sandbox.broker(1), "peter-diet", 0).unwrap();
    eventually("half is left", || left() < before);
    assert!(left() >= keep && left() < keep + before / 20, "{} of {keep}", left());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_segment_goes_when_all_of_it_is_old_and_stays_while_it_is_written() {
    let sandbox = cleaning(Data::Tiny);
    let client = sandbox.client().await;
    sandbox.control().set_inbound("clicks", 50_000).unwrap();
    let mut written = 0;
    while written <= 10 {
        written = offset(&client, "clicks", Spec::Latest).await;
    }
    set(&sandbox, "clicks", "retention.ms", "600000");
    set(&sandbox, "orders", "retention.ms", "600000");
    for number in 0..6 {
        eventually("all of orders is an hour old", || size(sandbox.broker(1), "orders", number).unwrap_or(0) == 0);
    }
    let ends = |offsets: Vec<(i32, i64)>| offsets.into_iter().map(|(_, offset)| offset).collect::<Vec<_>>();
    let starts = offsets::list(&client, "orders", Spec::Earliest).await.unwrap();
    assert_eq!(ends(starts), [10; 6], "the offsets go on");
    // Every broker has looked by now.
    assert_eq!(offset(&client, "clicks", Spec::Earliest).await, 0, "with new records in its segment the old ones stay");
    // Rolled with the next record, and old when a second has passed.
    set(&sandbox, "clicks", "segment.ms", "1");
    set(&sandbox, "clicks", "retention.ms", "1000");
    let mut start = 0;
    while start == 0 {
        start = offset(&client, "clicks", Spec::Earliest).await;
    }
    assert!(start >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_leader_or_with_compaction_nothing_goes() {
    let sandbox = cleaning(Data::Tiny);
    set(&sandbox, "peter-scaleout1", "retention.ms", "1000");
    set(&sandbox, "payments", "cleanup.policy", "compact");
    set(&sandbox, "payments", "retention.ms", "1000");
    eventually("the others of the topic are empty", || size(sandbox.broker(2), "peter-scaleout1", 1) == Some(0));
    sandbox.control().kill_broker(2).unwrap();
    set(&sandbox, "orders", "retention.ms", "1000");
    for number in 0..6 {
        eventually("another topic", || size(sandbox.broker(1), "orders", number).unwrap_or(0) == 0);
    }
    assert!(size(sandbox.broker(1), "payments", 0).unwrap() > 0, "compacted");
    assert_eq!(partition(sandbox.broker(1), "peter-scaleout1", 1).leader_id.0, -1);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_records_are_gone_at_once_and_their_segments_soon() {
    let sandbox = cleaning(Data::Large);
    let client = sandbox.client().await;
    let before = size(sandbox.broker(1), "peter-diet", 0).unwrap();
    let end = offset(&client, "peter-diet", Spec::Latest).await;
    let below = end / 2 + 1;
    records::delete(&client, "peter-diet", &[(0, below)].into()).await.unwrap();
    assert_eq!(offset(&client, "peter-diet", Spec::Earliest).await, below);
    eventually("half of it is gone", || size(sandbox.broker(1), "peter-diet", 0).unwrap() <= before / 2 + before / 28);
    assert!(size(sandbox.broker(1), "peter-diet", 0).unwrap() >= before / 2, "not what can still be read");
    assert_eq!(offset(&client, "peter-diet", Spec::Earliest).await, below);
}
