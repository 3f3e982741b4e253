//! Consumer groups: librdkafka consumes with them, and krun's client asks about them.

use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::{DeleteGroupsRequest, GroupId, OffsetDeleteRequest};
use krun::kafka::{committed, groups};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

fn member(sandbox: &Sandbox, group: &str, topic: &str) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("group.id", group)
        .set("client.id", "reader")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "100")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    consumer
}

/// Reads so many records: partition and offset of each.
fn read(consumer: &BaseConsumer, count: usize) -> BTreeSet<(i32, i64)> {
    let (mut seen, since) = (BTreeSet::new(), Instant::now());
    while seen.len() < count {
        assert!(since.elapsed() < PATIENCE, "{} of {count} records", seen.len());
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            let message = message.unwrap();
            assert!(seen.insert((message.partition(), message.offset())), "twice");
        }
    }
    seen
}

fn coordinator(sandbox: &Sandbox, id: i32) -> &str {
    sandbox.broker(usize::try_from(id).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_reads_commits_and_is_described() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let none = groups::describe(&client, "billing").await.unwrap_err();
    assert_eq!(none.code, "GROUP_ID_NOT_FOUND");
    assert_eq!(super::admin::metadata(sandbox.broker(1)).topics.len(), 5, "a question makes nothing");

    let consumer = member(&sandbox, "billing", "orders");
    assert_eq!(read(&consumer, 60).len(), 60);
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
    let group = groups::describe(&client, "billing").await.unwrap();
    assert_eq!((group.state.as_str(), group.kind.as_str(), group.assignor.as_str()), ("Stable", "classic", "range"));
    assert_eq!(group.members.len(), 1);
    assert_eq!(group.members[0].client_id, "reader");
    assert_eq!(group.members[0].assigned["orders"], [0, 1, 2, 3, 4, 5]);
    let lag = committed::lag(&client, "billing").await.unwrap();
    assert_eq!(lag.iter().map(committed::Lag::records).collect::<Vec<_>>(), [Some(0); 6]);

    drop(consumer);
    let listing = groups::list(&client).await.unwrap();
    assert_eq!(listing.gaps, []);
    let states: Vec<_> = listing.groups.iter().map(|one| (one.id.as_str(), one.state.as_deref())).collect();
    assert_eq!(states, [("billing", Some("Empty"))], "a member that closes leaves at once");
    let again = member(&sandbox, "billing", "orders");
    let since = Instant::now();
    while again.assignment().unwrap().count() == 0 {
        assert!(since.elapsed() < PATIENCE);
        assert!(again.poll(Duration::from_millis(50)).is_none(), "all was committed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_share_and_the_one_that_stays_takes_over() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let (first, second) = (member(&sandbox, "pair", "clicks"), member(&sandbox, "pair", "clicks"));
    let poll_both = || {
        first.poll(Duration::from_millis(10));
        second.poll(Duration::from_millis(10));
    };
    eventually("each has half", || {
        poll_both();
        [&first, &second].iter().all(|one| one.assignment().unwrap().count() == 6)
    });
    let of = |consumer: &BaseConsumer| -> BTreeSet<i32> {
        consumer
            .assignment()
            .unwrap()
            .elements()
            .iter()
            .map(rdkafka::topic_partition_list::TopicPartitionListElem::partition)
            .collect()
    };
    let all: BTreeSet<i32> = of(&first).union(&of(&second)).copied().collect();
    assert_eq!(all, (0..12).collect());
    drop(second);
    eventually("the other has all", || {
        first.poll(Duration::from_millis(10));
        first.assignment().unwrap().count() == 12
    });
    assert_eq!(groups::describe(&client, "pair").await.unwrap().members.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinator_may_die() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let consumer = member(&sandbox, "billing", "payments");
    read(&consumer, 30);
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
    let before = groups::describe(&client, "billing").await.unwrap().coordinator;
    sandbox.control().kill_broker(before).unwrap();
    let after = groups::describe(&client, "billing").await.unwrap();
    assert_ne!(after.coordinator, before);
    assert_eq!(after.members.len(), 1, "its log tells the next one");
    let committed = committed::of_group(&client, "billing").await.unwrap();
    assert_eq!(committed.values().map(|one| one.as_ref().unwrap()).collect::<Vec<_>>(), [&10; 3]);
    let position = consumer.position().unwrap();
    consumer.commit(&position, CommitMode::Sync).expect("the member finds its new coordinator");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_offsets_are_deleted_only_while_nobody_reads() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let consumer = member(&sandbox, "billing", "orders");
    read(&consumer, 60);
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
    let at = groups::describe(&client, "billing").await.unwrap().coordinator;
    let id = GroupId("billing".into());
    let delete = || {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![id.clone()]);
        super::client::ask(coordinator(&sandbox, at), &request, 2).results[0].error_code
    };
    let delete_offset = || {
        let topic = OffsetDeleteRequestTopic::default()
            .with_name(super::admin::name("orders"))
            .with_partitions(vec![OffsetDeleteRequestPartition::default().with_partition_index(2)]);
        let request = OffsetDeleteRequest::default().with_group_id(id.clone()).with_topics(vec![topic]);
        super::client::ask(coordinator(&sandbox, at), &request, 0).topics[0].partitions[0].error_code
    };
    assert_eq!((delete(), delete_offset()), (68, 86), "NON_EMPTY_GROUP, GROUP_SUBSCRIBED_TO_TOPIC");
    drop(consumer);
    assert_eq!(delete_offset(), 0);
    assert_eq!(committed::of_group(&client, "billing").await.unwrap().len(), 5);
    assert_eq!((delete(), delete()), (0, 69));
    assert_eq!(groups::list(&client).await.unwrap().groups, []);
    let counted = sandbox.control().counters().unwrap();
    let texts: Vec<&str> = counted.applied.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["billing orders-2", "billing"]);

    // Without a group protocol, as tools do that reset offsets.
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", sandbox.bootstrap()).set("group.id", "reset").create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("orders", 1, Offset::Offset(4)).unwrap();
    consumer.commit(&list, CommitMode::Sync).unwrap();
    let lag = committed::lag(&client, "reset").await.unwrap();
    assert_eq!(lag.iter().map(committed::Lag::records).collect::<Vec<_>>(), [Some(6)]);
}
