//! Partitions that are added and records that are deleted, by krun's client.

use super::admin::{TOPIC, alter_config, metadata, moves, name, partition, reassign, size};
use super::running::{Sandbox, tiny};
use krun::error::Failure;
use krun::kafka::offsets::{self, Spec};
use krun::kafka::{records, topics};
use krun::sandbox::{Fault, Mode, Options};
use std::collections::BTreeMap;

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Err(Failure::Refused(error)) => error.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_grows_and_never_shrinks() {
    let sandbox = Sandbox::start(&Options { copy_rate: 1, ..tiny() });
    let (client, address) = (sandbox.client().await, sandbox.broker(1));
    topics::create_partitions(&client, "orders", 8, None).await.unwrap();
    assert_eq!(partition(address, "orders", 7).isr_nodes.len(), 3);
    topics::create_partitions(&client, "orders", 9, Some(&[vec![4, 1, 2]])).await.unwrap();
    assert_eq!(partition(address, "orders", 8).leader_id.0, 4);
    for (count, placed, code) in [
        (9, None, "INVALID_PARTITIONS"),
        (3, None, "INVALID_PARTITIONS"),
        (i32::MAX, None, "INVALID_PARTITIONS"),
        (10, Some(vec![vec![1, 2]]), "INVALID_REPLICA_ASSIGNMENT"),
        (10, Some(vec![vec![1, 2, 9]]), "INVALID_REPLICA_ASSIGNMENT"),
        (11, Some(vec![vec![1, 2, 3]]), "INVALID_REPLICA_ASSIGNMENT"),
    ] {
        let refused = topics::create_partitions(&client, "orders", count, placed.as_deref()).await;
        assert_eq!(refusal(refused), code, "{count} {placed:?}");
    }
    assert_eq!(refusal(topics::create_partitions(&client, "nope", 2, None).await), "UNKNOWN_TOPIC_OR_PARTITION");
    assert_eq!(reassign(address, "orders", 0, Some(&[4, 2, 3])), 0);
    assert!(!moves(address).is_empty());
    let refused = topics::create_partitions(&client, "orders", 10, None).await;
    assert_eq!(refusal(refused), "REASSIGNMENT_IN_PROGRESS");
    assert_eq!(
        metadata(address).topics.iter().find(|one| one.name == Some(name("orders"))).unwrap().partitions.len(),
        9
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_growth_is_unknown_and_it_happened() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let lost =
        Fault { api: "CreatePartitions".into(), broker: None, mode: Mode::LoseReply, count: 1, milliseconds: None };
    sandbox.control().fault(lost).unwrap();
    let outcome = topics::create_partitions(&client, "orders", 7, None).await;
    assert!(matches!(outcome, Err(Failure::Unknown(_))), "{outcome:?}");
    assert_eq!(partition(sandbox.broker(1), "orders", 6).replica_nodes.len(), 3);
    assert_eq!(sandbox.control().counters().unwrap().applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_records_are_gone_and_need_not_be_copied() {
    let sandbox = Sandbox::start(&tiny());
    let (client, address) = (sandbox.client().await, sandbox.broker(1));
    let held = size(address, "orders", 0).unwrap();
    assert!(held > 0);
    let below = BTreeMap::from([(0, 4), (1, 10), (2, 11), (9, 1)]);
    let deleted = records::delete(&client, "orders", &below).await.unwrap();
    let codes: Vec<_> =
        deleted.iter().map(|one| (one.partition, one.error.as_ref().map(|error| error.code.as_str()))).collect();
    let wanted = [(0, None), (1, None), (2, Some("OFFSET_OUT_OF_RANGE")), (9, Some("UNKNOWN_TOPIC_OR_PARTITION"))];
    assert_eq!(codes, wanted);
    let earliest = offsets::list(&client, "orders", Spec::Earliest).await.unwrap();
    assert_eq!(earliest, [(0, 4), (1, 10), (2, 0), (3, 0), (4, 0), (5, 0)]);
    let latest = offsets::list(&client, "orders", Spec::Latest).await.unwrap();
    assert!(latest.iter().all(|(_, offset)| *offset == 10), "{latest:?}");
    let first = offsets::list(&client, "orders", Spec::At(0)).await.unwrap();
    assert_eq!(first[..3], [(0, 4), (1, -1), (2, 0)]);
    assert_eq!(size(address, "orders", 0), Some(held));
    assert_eq!(size(address, "orders", 1), Some(held), "the active segment stays");

    assert_eq!(reassign(address, "orders", 1, Some(&[4, 1, 2])), 0);
    super::running::eventually("the move is done", || moves(address).is_empty());
    assert_eq!(size(sandbox.broker(4), "orders", 1), Some(0), "what is gone is not copied");
    assert_eq!(alter_config(address, TOPIC, "clicks", "cleanup.policy", 0, "compact"), 0);
    let kept = records::delete(&client, "clicks", &BTreeMap::from([(0, 1)])).await.unwrap();
    assert_eq!(kept[0].error.as_ref().map(|error| error.code.as_str()), Some("POLICY_VIOLATION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_by_its_time() {
    let sandbox = Sandbox::start(&tiny());
    let client = sandbox.client().await;
    let found = offsets::of_topics(&client, &["orders".to_owned()], Spec::MaxTimestamp).await.unwrap();
    let newest = found[&("orders".to_owned(), 0)].clone().unwrap();
    assert_eq!(newest.offset, 9);
    for (back, offset) in [(0, 9), (4, 5), (9, 0), (1_000_000, 0)] {
        let found = offsets::list(&client, "orders", Spec::At(newest.timestamp - back)).await.unwrap();
        assert_eq!(found[0], (0, offset), "{back} ms before the newest");
    }
    assert_eq!(offsets::list(&client, "orders", Spec::At(newest.timestamp + 1)).await.unwrap()[0], (0, -1));
}
