//! `runbooks/diet_and_reassign.rhai`: what it saves, whom it would hurt, the cut, the way back, and then the move.

use super::bystander::Bystander;
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::Duration;

const DIET: &str = "runbooks/diet_and_reassign.rhai";
const LARGE: [&str; 7] = [DIET, "--topics", "peter-diet", "--keep", "1d", "--throttle", "100GB/s"];
const QUICK: Duration = Duration::from_millis(100);
const NEVER: Duration = Duration::from_hours(1);

fn of_topic(name: &str) -> Resource {
    Resource::Topic(name.to_owned())
}

/// What was changed, in order, by the sandbox's own record.
fn changes(place: &Place) -> Vec<String> {
    let counters = place.control().counters().expect("the sandbox tells its changes");
    counters.applied.into_iter().map(|one| format!("{} {}", one.api, one.text)).collect()
}

/// A group that has committed this offset of each of so many partitions.
pub(super) fn commits(place: &Place, group: &str, topic: &str, partitions: i32, offset: i64) {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", place.running().bootstrap.join(","))
        .set("group.id", group)
        .create()
        .expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset");
    }
    consumer.commit(&list, CommitMode::Sync).expect("the offsets are committed");
}

/// A record of tomorrow.
fn writes_from_the_future(place: &Place, topic: &str, partition: i32) {
    let servers = place.running().bootstrap.join(",");
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", servers).create().expect("a producer");
    let tomorrow = jiff::Timestamp::now().as_millisecond() + 86_400_000;
    let record = BaseRecord::to(topic).partition(partition).key("k").payload("v").timestamp(tomorrow);
    assert!(producer.send(record).is_ok(), "the record is taken");
    producer.flush(Duration::from_secs(20)).expect("the record is written");
}

#[test]
fn of_700_gb_of_a_week_100_are_moved_when_a_day_is_kept() {
    let place = Place::large("3.9.2", QUICK);
    let asked = place.krun_in_vain(&[&LARGE[..], &["--yes"]].concat());
    let what = "delete what is older than 1d of peter-diet";
    asked.exits(4).says(&[what, "readers without committed offsets were not seen"]);
    asked.shows(&["as it is", "700GB", "with the last 1d", "100GB", "2.8TB", "2.4TB", "400GB"]);
    asked.says(&["the fewest moves copy 700GB as it is, less than the 2.4TB that the diet deletes"]);

    let ended = place.krun(&["resume", "--yes", "--accept", what]);
    ended.exits(0).says(&["7 replicas move", "put back", "older records stay, in segments that have newer ones"]);
    let changes = changes(&place);
    assert_eq!(
        changes[..2],
        [
            "IncrementalAlterConfigs topic/peter-diet set retention.ms=86400000, set segment.ms=86400000",
            "IncrementalAlterConfigs topic/peter-diet delete retention.ms, delete segment.ms",
        ],
        "back before anything moves"
    );
    assert!(changes.iter().any(|one| one.starts_with("AlterPartitionReassignments peter-diet-")), "{changes:?}");
    let bystander = Bystander::at(&place);
    assert_eq!(bystander.reads(&of_topic("peter-diet"), "retention.ms"), None);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn brokers_before_3_3_do_not_tell_of_their_disks_and_their_hosts_do() {
    let place = Place::large("2.6.3", QUICK);
    let words = ["--yes", "--by", "records", "--accept", "delete what is older than 1d of peter-diet"];
    let ended = place.krun(&[&LARGE[..], &words].concat());
    ended.exits(0).says(&["delete old records of peter-diet", "7 replicas move"]);
    ended.does_not_say(&["nor its host tells"]);
    let changes = changes(&place);
    assert!(changes[0].starts_with("DeleteRecords peter-diet-"), "{changes:?}");
    assert!(!changes.iter().any(|one| one.contains("retention.ms")), "{changes:?}");
}

#[test]
fn a_reader_that_is_behind_is_not_robbed_unless_it_is_named() {
    let place = Place::cleaning(QUICK);
    commits(&place, "billing", "orders", 2, 4);
    let words = [DIET, "--topics", "orders", "--keep", "30m", "--yes"];
    let refused = place.krun_in_vain(&words);
    refused.exits(1).says(&["READERS_BEHIND", "billing", "--sacrifice"]);
    refused.shows(&["group", "committed", "records unread", "billing"]);
    place.krun(&["abort"]).exits(0);

    place.krun_in_vain(&[&words[..], &["--sacrifice", "nobody"]].concat()).exits(1).says(&[
        "GROUP_ID_NOT_FOUND",
        "nobody",
        "billing",
    ]);
    place.krun(&["abort"]).exits(0);

    let accept = ["--accept", "delete what is older than 30m of orders"];
    let held = place.krun(&[&words[..], &accept, &["--by", "records"]].concat());
    held.exits(0)
        .says(&["group billing has not read 6 old records of orders-1: they stay", "delete old records of orders"]);
    let changes = changes(&place);
    for part in ["DeleteRecords orders-1 below 4", "DeleteRecords orders-2 below 10"] {
        assert!(changes.iter().any(|one| one == part), "{part}: {changes:?}");
    }

    let sacrificed = place.krun(&[&words[..], &accept, &["--sacrifice", "billing"]].concat());
    sacrificed.exits(0).says(&["these groups lose what they have not read: billing"]);
}

#[test]
fn what_is_not_for_a_diet_is_refused() {
    let place = Place::cleaning(QUICK);
    let bystander = Bystander::at(&place);
    bystander.sets(&of_topic("payments"), "cleanup.policy", "compact");
    bystander.sets(&of_topic("clicks"), "retention.ms", "-1");
    bystander.creates("_schemas", 1);
    let cases: [(&[&str], i32, &[&str]); 10] = [
        (&["--topics", "_schemas", "--keep", "1d"], 1, &["NOT_FOR_A_DIET", "_schemas is internal"]),
        (&["--topics", "payments", "--keep", "1d"], 1, &["NOT_FOR_A_DIET", "payments is compacted"]),
        (&["--topics", "clicks", "--keep", "1d"], 1, &["NOT_FOR_A_DIET", "clicks is kept for ever"]),
        (&["--topics", "orders", "--keep", "7d"], 1, &["KEEP_TOO_LONG", "orders keeps 7d"]),
        (&["--topics", "orders", "--keep", "0s"], 1, &["INVALID_KEEP"]),
        (&["--topics", "orders", "--keep", "a day"], 2, &["--keep"]),
        (&["--topics", "ordres", "--keep", "1d"], 1, &["UNKNOWN_TOPIC_OR_PARTITION", "ordres"]),
        (&["--topics", "orders", "--keep", "1d", "--by", "hand"], 2, &["retention", "records"]),
        (&["--topics", "orders", "--keep", "1d", "--timeout", "0"], 2, &["--timeout"]),
        (&["--keep", "1d"], 2, &["--topics"]),
    ];
    for (words, code, says) in cases {
        let ended = place.krun_in_vain(&[&[DIET, "--yes"], words].concat());
        ended.exits(code).says(says);
        if code == 1 {
            place.krun(&["abort"]).exits(0);
        }
    }
}

#[test]
fn what_holds_on_is_named_with_its_reason_and_the_retention_is_put_back() {
    let place = Place::cleaning(QUICK);
    let bystander = Bystander::at(&place);
    // Beside records that are old, in the same segment: one from the future, and others that are written now.
    writes_from_the_future(&place, "payments", 0);
    place.control().set_inbound("clicks", 50_000).expect("the sandbox writes");
    until("clicks is written", || place.dumped_end("clicks", 0) > 10);
    for topic in ["payments", "clicks"] {
        bystander.sets(&of_topic(topic), "segment.bytes", "100");
    }
    bystander.sets(&of_topic("clicks"), "retention.ms", "7200000");
    let accept = ["--accept", "delete what is older than 30m of payments, clicks"];
    let words = [DIET, "--topics", "payments,clicks", "--keep", "30m", "--yes", "--timeout", "2s"];
    let ended = place.krun(&[&words[..], &accept].concat());
    ended.exits(1).says(&[
        "DATA_HOLDS_ON",
        "payments-0 on broker",
        "it has records from the future",
        "clicks-0 on broker",
        "it is being written: its newest segment is deleted only when its newest record is older than 30m",
        "segment.ms = 1800000 (was unset)",
    ]);
    ended.does_not_say(&["payments-1 on broker"]);
    assert_eq!(bystander.reads(&of_topic("clicks"), "retention.ms").as_deref(), Some("7200000"));
    assert_eq!(bystander.reads(&of_topic("clicks"), "segment.ms"), None);
    assert_eq!(bystander.reads(&of_topic("payments"), "retention.ms").as_deref(), Some("1209600000"), "its own");
    place.krun(&["abort"]).exits(0);
}

#[test]
fn a_retention_that_somebody_else_changes_is_shown_and_left() {
    let place = Place::cleaning(NEVER);
    let bystander = Bystander::at(&place);
    bystander.sets(&of_topic("orders"), "segment.bytes", "100");
    let accept = ["--accept", "delete what is older than 30m of orders"];
    let words = [&[DIET, "--topics", "orders", "--keep", "30m", "--yes", "--timeout", "4s"][..], &accept].concat();
    let mut live = place.start(&words);
    live.says("the old data to go");
    bystander.sets(&of_topic("orders"), "retention.ms", "5000000");
    let ended = live.ends();
    ended.exits(1).says(&[
        "DATA_HOLDS_ON",
        "somebody has set its retention.ms to 5000000",
        "left as it is, since somebody changed it",
    ]);
    assert_eq!(bystander.reads(&of_topic("orders"), "retention.ms").as_deref(), Some("5000000"));
    place.krun(&["abort"]).exits(0);
}

#[test]
fn a_topic_that_goes_while_it_is_on_a_diet() {
    let place = Place::cleaning(NEVER);
    let accept = ["--accept", "delete what is older than 30m of orders, clicks"];
    let words = [&[DIET, "--topics", "orders,clicks", "--keep", "30m", "--yes"][..], &accept].concat();
    let mut live = place.start(&words);
    live.says("the old data to go");
    let bystander = Bystander::at(&place);
    bystander.deletes("orders");
    live.ends().exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION", "orders"]);
    assert_eq!(bystander.reads(&of_topic("clicks"), "retention.ms"), None, "the other one is put back");
    place.krun(&["abort"]).exits(0);
}

/// At the offsets that were agreed to lie other records by then, which nobody has agreed to.
#[test]
fn a_topic_that_was_made_again_loses_nothing_that_is_young() {
    let place = Place::cleaning(NEVER);
    let words = [DIET, "--topics", "orders", "--keep", "30m", "--by", "records", "--yes"];
    place.krun(&words).exits(4);
    let bystander = Bystander::at(&place);
    bystander.deletes("orders");
    bystander.creates("orders", 6);
    place.control().set_inbound("orders", 50_000).expect("the sandbox writes");
    until("it is written", || (0..6).all(|partition| place.dumped_end("orders", partition) > 10));
    let agreed = ["resume", "--yes", "--accept", "delete what is older than 30m of orders"];
    place.krun(&agreed).exits(1).says(&["TOPIC_CHANGED", "orders-0"]);
    assert_eq!(changes(&place).iter().find(|one| one.starts_with("DeleteRecords")), None);
    place.krun(&["abort"]).exits(0);
}

#[test]
fn what_the_cluster_will_not_take_back_is_left_to_be_done_by_hand() {
    let place = Place::cleaning(NEVER);
    let bystander = Bystander::at(&place);
    bystander.sets(&of_topic("orders"), "segment.bytes", "100");
    let accept = ["--accept", "delete what is older than 30m of orders"];
    let words = [&[DIET, "--topics", "orders", "--keep", "30m", "--yes", "--timeout", "1s"][..], &accept].concat();
    let mut live = place.start(&words);
    live.says("the old data to go");
    place.control().close_configs(true).expect("the sandbox obeys");
    live.ends().exits(6).says(&["could not be put back", "POLICY_VIOLATION", "topic orders: ", "by-hand.txt"]);
    let by_hand = std::fs::read_to_string(place.run_folder().join("by-hand.txt")).expect("there is help by hand");
    assert!(by_hand.contains("--entity-type topics --entity-name orders --delete-config retention.ms"), "{by_hand}");
    place.control().close_configs(false).expect("the sandbox obeys");
    place.krun(&["abort"]).exits(0).says(&["aborted: nothing temporary or half done is left"]);
    assert_eq!(bystander.reads(&of_topic("orders"), "retention.ms"), None);
}
