//! The judge of the benchmark, on plans small enough to judge by hand.

use super::cluster::reassignment::Entry;
use super::cluster::{Broker, Cluster, Intent, Reassignment, Role, Score, Topic};

type Shelf = (i32, Option<&'static str>, Role);
type Content<'a> = (&'a str, &'a [&'a [i32]], &'a [u64]);

fn cluster(intent: Intent, brokers: &[Shelf], topics: &[Content<'_>]) -> Cluster {
    let broker = |(id, rack, state): &Shelf| Broker { id: *id, rack: rack.map(str::to_owned), state: *state };
    let topic = |(name, replicas, bytes): &Content<'_>| Topic {
        name: (*name).to_owned(),
        replicas: replicas.iter().map(|ids| ids.to_vec()).collect(),
        bytes: bytes.to_vec(),
    };
    Cluster {
        case: "by hand".to_owned(),
        seed: 0,
        intent,
        brokers: brokers.iter().map(broker).collect(),
        topics: topics.iter().map(topic).collect(),
    }
}

fn plan(entries: &[(&str, usize, &[i32])]) -> Reassignment {
    let entry = |(topic, partition, replicas): &(&str, usize, &[i32])| Entry {
        topic: (*topic).to_owned(),
        partition: *partition,
        replicas: replicas.to_vec(),
    };
    Reassignment { version: 1, partitions: entries.iter().map(entry).collect() }
}

fn score(before: &Cluster, entries: &[(&str, usize, &[i32])]) -> Score {
    Score::of(before, &plan(entries).carried_out(before).expect("a possible plan"))
}

const OLD: Role = Role::Old;
const NEW: Role = Role::New;

/// Four partitions on three brokers, one of which has two; the fourth broker is new.
fn seed_topic() -> Cluster {
    let brokers = [(1, None, OLD), (2, None, OLD), (3, None, OLD), (4, None, NEW)];
    cluster(Intent::ScaleOut, &brokers, &[("t", &[&[1], &[2], &[3], &[1]], &[10, 20, 30, 40])])
}

#[test]
fn the_one_move_of_the_first_example() {
    let score = score(&seed_topic(), &[("t", 0, &[4])]);
    assert_eq!((score.touched, score.moved, score.bound, score.bound_without_racks), (1, 1, 1, 1));
    assert_eq!((score.moved_bytes, score.bytes.most, score.bytes.least), (10, 40, 10));
    // Broker 1 had 50 and may keep 40: at least 10 must go.
    assert_eq!(score.bytes_bound_at_reached, 10);
    assert_eq!((score.leader_changes, score.leader_bound, score.leaders_off, score.replicas_off), (1, 1, 0, 0));
    assert_eq!((score.old_to_old, score.old_to_old_needed), (Some(0), Some(0)));
    assert!((score.bytes.most_to_mean() - 1.6).abs() < 1e-9 && (score.bytes.least_to_mean() - 0.4).abs() < 1e-9);
}

#[test]
fn a_detour_is_counted() {
    let score = score(&seed_topic(), &[("t", 0, &[2]), ("t", 1, &[4])]);
    assert_eq!((score.moved, score.bound, score.replicas_off), (2, 1, 0));
    assert_eq!((score.old_to_old, score.old_to_old_needed), (Some(1), Some(0)));
}

#[test]
fn nothing_done_is_off_the_level() {
    let score = score(&seed_topic(), &[]);
    assert_eq!((score.touched, score.moved, score.bound), (0, 0, 1));
    assert_eq!((score.replicas_off, score.leaders_off), (2, 2), "one too many on broker 1, one too few on broker 4");
}

#[test]
fn an_order_alone_moves_nothing() {
    let brokers = [(1, None, OLD), (2, None, OLD)];
    let before = cluster(Intent::ScaleOut, &brokers, &[("t", &[&[1, 2], &[1, 2]], &[5, 5])]);
    let score = score(&before, &[("t", 1, &[2, 1])]);
    assert_eq!((score.touched, score.moved, score.leader_changes, score.leader_bound), (1, 0, 1, 1));
    assert_eq!(score.bytes_bound_at_reached, 0);
}

/// Two racks of two brokers and one of one: the lone broker must hold every partition once.
#[test]
fn a_small_rack_has_its_own_level() {
    let brokers =
        [(1, Some("a"), OLD), (2, Some("a"), NEW), (3, Some("b"), OLD), (4, Some("b"), NEW), (5, Some("c"), OLD)];
    let before =
        cluster(Intent::ScaleOut, &brokers, &[("t", &[&[1, 3, 5], &[3, 5, 1], &[5, 1, 3], &[1, 5, 3]], &[1; 4])]);
    let nothing = score(&before, &[]);
    // 2, 2, 2, 2 and 4; without racks it would be 12 replicas on 5 brokers: 3, 3, 2, 2, 2.
    assert_eq!((nothing.bound, nothing.bound_without_racks, nothing.rack_violations), (4, 4, 0));
    let level = score(&before, &[("t", 0, &[2, 4, 5]), ("t", 1, &[4, 5, 2])]);
    assert_eq!((level.moved, level.replicas_off, level.replicas.most, level.replicas.least), (4, 0, 4, 2));
    assert_eq!((level.rack_violations, level.racks_made_worse), (0, 0));
    let broken = score(&before, &[("t", 0, &[2, 1, 5])]);
    assert_eq!((broken.rack_violations_before, broken.rack_violations, broken.racks_made_worse), (0, 1, 1));
}

#[test]
fn a_drain_has_a_forced_part_and_a_level() {
    let brokers = [(1, None, Role::Leaving), (2, None, OLD), (3, None, OLD), (4, None, OLD)];
    let replicas: [&[i32]; 6] = [&[1], &[1], &[2], &[2], &[2], &[3]];
    let before = cluster(Intent::Drain, &brokers, &[("t", &replicas, &[1; 6])]);
    let left = score(&before, &[("t", 0, &[3])]);
    assert_eq!((left.forced, left.bound, left.left_on_leaving), (2, 3, 1), "two must leave 1, and one must leave 2");
    assert_eq!((left.old_to_old, left.old_to_old_needed), (None, None));
    let done = score(&before, &[("t", 0, &[3]), ("t", 1, &[4]), ("t", 2, &[4])]);
    assert_eq!((done.moved, done.left_on_leaving, done.replicas_off, done.factor_changed), (3, 0, 0, 0));
}

#[test]
fn what_the_new_brokers_cannot_take_must_go_to_old_ones() {
    let brokers = [(1, None, OLD), (2, None, OLD), (3, None, NEW)];
    let replicas: [&[i32]; 6] = [&[1]; 6];
    let before = cluster(Intent::ScaleOut, &brokers, &[("t", &replicas, &[1; 6])]);
    let score = score(&before, &[("t", 0, &[2]), ("t", 1, &[2]), ("t", 2, &[3]), ("t", 3, &[3])]);
    assert_eq!((score.moved, score.bound, score.replicas_off), (4, 4, 0));
    assert_eq!((score.old_to_old, score.old_to_old_needed), (Some(2), Some(2)));
}

#[test]
fn a_topic_in_a_heap_is_seen() {
    let brokers = [(1, None, OLD), (2, None, OLD), (3, None, NEW)];
    // Six replicas on three brokers: two each, and three are let pass.
    let before = cluster(Intent::ScaleOut, &brokers, &[("t", &[&[1], &[1], &[1], &[1], &[2], &[2]], &[1; 6])]);
    let score = score(&before, &[("t", 0, &[3])]);
    assert_eq!((score.excess_before.replicas, score.excess_before.leaders), (1, 1));
    assert_eq!((score.excess.replicas, score.excess.leaders), (0, 0));
}

#[test]
fn another_factor_is_counted() {
    let score = score(&seed_topic(), &[("t", 0, &[1, 4])]);
    assert_eq!((score.factor_changed, score.moved, score.leader_changes), (1, 1, 0));
}

#[test]
fn a_plan_that_kafka_would_refuse_is_refused() {
    let before = seed_topic();
    let refused = |entries: &[(&str, usize, &[i32])]| plan(entries).carried_out(&before).expect_err("impossible");
    assert_eq!(refused(&[("u", 0, &[1])]), "there is no topic of u-0");
    assert_eq!(refused(&[("t", 4, &[1])]), "there is no t-4");
    assert_eq!(refused(&[("t", 0, &[1]), ("t", 0, &[2])]), "t-0 is there twice");
    assert_eq!(refused(&[("t", 0, &[9])]), "t-0 would go to broker 9, which is not there");
    assert_eq!(refused(&[("t", 0, &[])]), "t-0 would have no replica");
    assert_eq!(refused(&[("t", 0, &[1, 1])]), "t-0 would be on one broker twice");
    let newer = Reassignment { version: 2, ..plan(&[]) };
    assert_eq!(newer.carried_out(&before).expect_err("newer"), "version 2 of the format");
}

#[test]
fn a_broker_with_data_is_new_no_longer() {
    let before = seed_topic();
    assert_eq!(before.brokers[3].state, NEW);
    assert!(before.settled().brokers.iter().all(|broker| broker.state == OLD));
}
