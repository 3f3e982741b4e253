//! The clusters of the benchmark are the same on every machine, and lie as Kafka would lay them.

use super::cluster::cases::{self, Case};
use super::cluster::{Cluster, Intent, Role, generate};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

fn case(name: &str) -> &'static Case {
    cases::named(name).expect("there is such a case")
}

fn small() -> impl Iterator<Item = &'static Case> {
    cases::ALL.iter().filter(|case| case.partitions <= 10_000)
}

#[test]
fn the_same_bytes_on_every_machine() {
    let digest = |name: &str| {
        let text = serde_json::to_vec(&generate(case(name), 1)).expect("JSON");
        Sha256::digest(text)[..8].iter().fold(0, |digest: u64, byte| digest << 8 | u64::from(*byte))
    };
    assert_eq!(["S1a", "S2", "D1"].map(digest), [0xbf03_7297_5bdf_2e0a, 0x047a_2d34_968d_0dea, 0x0882_507c_0fe5_8a77]);
}

#[test]
fn a_seed_makes_another_cluster() {
    let case = case("S2");
    assert_eq!(generate(case, 1), generate(case, 1));
    assert_ne!(generate(case, 1).topics, generate(case, 2).topics);
}

#[test]
fn a_case_has_what_it_says() {
    for case in small() {
        let cluster = generate(case, 3);
        assert_eq!(cluster.partitions(), case.partitions as u64, "{}", case.name);
        let of = |role| cluster.brokers.iter().filter(|broker| broker.state == role).count();
        let roles = [of(Role::Old), of(Role::New), of(Role::Leaving)];
        assert_eq!(roles, [case.old, case.new, case.leaving], "{}", case.name);
        let racks: BTreeSet<_> = cluster.brokers.iter().filter_map(|broker| broker.rack.as_ref()).collect();
        assert_eq!(racks.len(), case.racks, "{}", case.name);
        for topic in &cluster.topics {
            assert_eq!(topic.replicas.len(), topic.bytes.len());
            assert!(topic.replicas.iter().all(|replicas| replicas.len() == case.replication_factor));
        }
    }
}

#[test]
fn topics_lie_as_kafka_lays_new_ones() {
    for case in small() {
        let cluster = generate(case, 2);
        let brokers: BTreeMap<i32, _> = cluster.brokers.iter().map(|broker| (broker.id, broker)).collect();
        let holders = case.old + case.leaving;
        for topic in &cluster.topics {
            for replicas in &topic.replicas {
                assert!(
                    replicas.iter().all(|id| brokers[id].state != Role::New),
                    "{}: a new broker is empty",
                    case.name
                );
                let unique: BTreeSet<_> = replicas.iter().collect();
                assert_eq!(unique.len(), replicas.len());
                let racks: BTreeSet<_> = replicas.iter().map(|id| &brokers[id].rack).collect();
                assert!(case.racks == 0 || racks.len() == replicas.len(), "{}: a rack twice", case.name);
            }
            // Leaders go round: with as many partitions as brokers, each leads one.
            let round: BTreeSet<_> = topic.replicas.iter().take(holders).map(|replicas| replicas[0]).collect();
            assert_eq!(round.len(), topic.replicas.len().min(holders));
        }
    }
}

#[test]
fn the_shift_grows_after_each_round() {
    // Ten partitions on three brokers without racks: the followers of the fourth stand one further than those of the first.
    let case = Case { partitions: 10, topic_sizes: &[10], ..*case("S1b") };
    let replicas = &generate(&case, 1).topics[0].replicas;
    let behind = |partition: usize| (replicas[partition][1] - replicas[partition][0]).rem_euclid(3);
    assert!((0..3).all(|partition| behind(partition) == behind(0)));
    assert_ne!(behind(3), behind(0));
    assert_eq!(behind(6), behind(0));
}

#[test]
fn one_who_replaces_is_in_the_rack_of_who_leaves() {
    let cluster = generate(case("R1"), 1);
    let rack = |role| cluster.brokers.iter().find(|broker| broker.state == role).expect("one").rack.clone();
    assert_eq!((cluster.intent, rack(Role::New)), (Intent::Replace, rack(Role::Leaving)));
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a spread with two places")]
fn sizes_differ_from_topic_to_topic_more_than_within_one() {
    let cluster = generate(case("S3"), 1);
    let spread = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    };
    let logs = |bytes: &[u64]| bytes.iter().map(|bytes| (*bytes as f64).ln()).collect::<Vec<_>>();
    let first: Vec<u64> = cluster.topics.iter().map(|topic| topic.bytes[0]).collect();
    let largest = cluster.topics.iter().max_by_key(|topic| topic.bytes.len()).expect("a topic");
    assert!((1.3..1.75).contains(&spread(&logs(&first))), "{}", spread(&logs(&first)));
    assert!((0.24..0.36).contains(&spread(&logs(&largest.bytes))), "{}", spread(&logs(&largest.bytes)));
}

#[test]
fn a_state_is_read_back_as_it_was_written() {
    let cluster = generate(case("R1"), 1);
    let text = serde_json::to_string(&cluster).expect("JSON");
    assert!(
        text.starts_with(
            r#"{"case":"R1","seed":1,"intent":"replace","brokers":[{"id":1,"rack":"r1","state":"leaving"}"#
        )
    );
    assert_eq!(serde_json::from_str::<Cluster>(&text).expect("a state"), cluster);
}
