//! What a plan can be asked for beside levelling: drains, replacements, another replication factor, a budget, bytes, disks.

use super::planning::{after, check, counts};
use krun::plan::{Aim, Bind, Broker, BrokerState, LogDir, Plan, Replacement, Scope, State, Topic, plan};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn brokers(old: i32, new: i32) -> Vec<Broker> {
    let state = |id| if id <= old { BrokerState::Old } else { BrokerState::New };
    (1..=old + new).map(|id| Broker::new(id, None, state(id))).collect()
}

/// `partitions` of `factor` replicas each, round robin on the first `holders` brokers.
fn round_robin(name: &str, partitions: i32, factor: i32, holders: i32) -> Topic {
    let replicas = |p: i32| (0..factor).map(|r| (p + r) % holders + 1).collect();
    let bytes = (0..partitions).map(|p| 1_000_000 + u64::from(p.unsigned_abs()) * 77_777).collect();
    Topic::new(name, (0..partitions).map(replicas).collect(), bytes)
}

fn state(brokers: Vec<Broker>, topics: Vec<Topic>) -> State {
    State { brokers, topics, ..State::default() }
}

fn made(before: &State, scope: &Scope) -> (Plan, State) {
    let plan = plan(before, scope).expect("a plan");
    let done = after(before, &plan);
    (plan, done)
}

fn of(done: &State) -> BTreeMap<i32, u64> {
    counts(&done.topics)
}

#[test]
fn a_drained_broker_ends_empty_and_the_others_level() {
    let before = state(brokers(4, 0), vec![round_robin("orders", 24, 2, 4)]);
    let (plan, done) = made(&before, &Scope { drain: vec![4], ..Scope::default() });
    assert_eq!(of(&done), BTreeMap::from([(1, 16), (2, 16), (3, 16)]));
    assert!(plan.certificate.is_least() && plan.certificate.moved_replicas == 12);
    let Bind::Surplus { brokers, replicas } = &plan.certificate.binds[0] else {
        panic!("{:?}", plan.certificate.binds)
    };
    assert_eq!((brokers.as_slice(), *replicas), ([4].as_slice(), 12));
}

#[test]
fn a_replaced_broker_hands_everything_to_the_other_and_nothing_else_moves() {
    let before = state(brokers(3, 2), vec![round_robin("orders", 20, 2, 3), round_robin("clicks", 7, 3, 3)]);
    let held = of(&before)[&3];
    let replace = vec![Replacement { broker: 3, with: 5 }];
    let (plan, done) = made(&before, &Scope { replace: replace.clone(), forced_only: true, ..Scope::default() });
    assert_eq!(of(&done), BTreeMap::from([(1, of(&before)[&1]), (2, of(&before)[&2]), (5, held)]));
    assert_eq!((plan.certificate.moved_replicas, plan.certificate.bound_replicas), (held, held));
    for partition in plan.moves.iter().flat_map(|topic| &topic.partitions) {
        let replaced: Vec<i32> = partition.from.iter().map(|id| if *id == 3 { 5 } else { *id }).collect();
        assert_eq!(partition.to, replaced, "each in its own place, leaders too");
    }
    // With levelling the rest goes on to broker 4 and from the others.
    let (_, level) = made(&before, &Scope { replace, ..Scope::default() });
    assert!(of(&level).values().all(|count| (15..=16).contains(count)), "{:?}", of(&level));
}

#[test]
fn a_broker_that_is_down_is_replaced_or_drained_and_else_refused() {
    let mut before = state(brokers(3, 1), vec![round_robin("orders", 12, 2, 3)]);
    before.brokers[2].registered = false;
    let error = plan(&before, &Scope::default()).expect_err("one is down");
    assert_eq!(error.code, "BROKER_DOWN");
    assert!(
        error.message.contains("partition 1 of topic \"orders\" has a replica on broker 3, which is down"),
        "{error}"
    );
    let replace = vec![Replacement { broker: 3, with: 4 }];
    let (_, done) = made(&before, &Scope { replace, forced_only: true, ..Scope::default() });
    assert_eq!(of(&done), BTreeMap::from([(1, 8), (2, 8), (4, 8)]));
    let (_, done) = made(&before, &Scope { drain: vec![3], ..Scope::default() });
    assert_eq!(of(&done), BTreeMap::from([(1, 8), (2, 8), (4, 8)]));
    let error = plan(&before, &Scope { brokers: Some(vec![1, 2, 3]), ..Scope::default() }).expect_err("it is down");
    assert_eq!(error.code, "BROKER_DOWN");
}

#[test]
fn several_jobs_at_once_are_one_plan() {
    let before = state(brokers(5, 2), vec![round_robin("orders", 50, 2, 5)]);
    let scope = Scope {
        drain: vec![1],
        replace: vec![Replacement { broker: 2, with: 6 }],
        replication_factor: Some(3),
        ..Scope::default()
    };
    let (plan, done) = made(&before, &scope);
    assert_eq!(of(&done), BTreeMap::from([(3, 30), (4, 30), (5, 30), (6, 30), (7, 30)]));
    assert!(plan.certificate.is_least(), "{:?}", plan.certificate);
    assert!(done.topics[0].replicas.iter().all(|replicas| replicas.len() == 3));
}

#[test]
fn a_higher_replication_factor_adds_behind_the_others_and_on_other_racks() {
    let mut before = state(brokers(6, 0), vec![round_robin("orders", 30, 2, 6)]);
    for broker in &mut before.brokers {
        broker.rack = Some(format!("r{}", broker.id % 3));
    }
    let (plan, done) = made(&before, &Scope { replication_factor: Some(3), ..Scope::default() });
    assert!(of(&done).values().all(|count| *count == 15), "{:?}", of(&done));
    assert_eq!((plan.certificate.moved_replicas, plan.certificate.bound_replicas), (30, 30));
    for (was, is) in before.topics[0].replicas.iter().zip(&done.topics[0].replicas) {
        assert!(was.iter().all(|id| is.contains(id)) && is.len() == 3, "{was:?} to {is:?}");
        let racks: std::collections::BTreeSet<i32> = is.iter().map(|id| id % 3).collect();
        assert_eq!(racks.len(), 3, "{is:?}");
    }
    let again = plan_again(&done, &Scope { replication_factor: Some(3), ..Scope::default() });
    assert!(again.is_empty());
}

fn plan_again(done: &State, scope: &Scope) -> Plan {
    plan(done, scope).expect("a plan")
}

#[test]
fn a_lower_replication_factor_copies_nothing_and_ends_level() {
    let before = state(brokers(4, 0), vec![round_robin("orders", 24, 3, 4)]);
    let (plan, done) = made(&before, &Scope { replication_factor: Some(2), ..Scope::default() });
    assert_eq!(of(&done), BTreeMap::from([(1, 12), (2, 12), (3, 12), (4, 12)]));
    assert_eq!((plan.certificate.moved_replicas, plan.certificate.moved_bytes), (0, 0));
    for (was, is) in before.topics[0].replicas.iter().zip(&done.topics[0].replicas) {
        assert_eq!(was[0], is[0], "the leader stays");
        assert!(is.iter().all(|id| was.contains(id)) && is.len() == 2);
    }
    let error = plan_error(&before, &Scope { replication_factor: Some(5), ..Scope::default() });
    assert_eq!(error.code, "INVALID_REPLICATION_FACTOR");
    let error = plan_error(&before, &Scope { replication_factor: Some(0), ..Scope::default() });
    assert_eq!(error.code, "INVALID_REPLICATION_FACTOR");
}

fn plan_error(before: &State, scope: &Scope) -> krun::error::Error {
    let error = plan(before, scope).expect_err("this is to be refused");
    assert!(error.hint.is_some(), "{error} has no hint");
    error
}

#[test]
fn a_budget_is_kept_and_the_rest_costs_no_more_later() {
    let before = state(brokers(4, 3), vec![round_robin("orders", 84, 2, 4), round_robin("clicks", 30, 3, 4)]);
    let (whole, _) = made(&before, &Scope::default());
    let most = whole.certificate.moved_bytes / 3;
    let (part, tonight) = made(&before, &Scope { max_bytes: Some(most), ..Scope::default() });
    assert!(part.certificate.moved_bytes <= most && part.certificate.moved_bytes > most * 9 / 10);
    assert_eq!(part.certificate.moved_replicas + part.certificate.later_replicas, whole.certificate.moved_replicas);
    let new: Vec<u64> = part.certificate.brokers.iter().filter(|b| b.bytes_in > 0).map(|b| b.bytes_in).collect();
    assert!(new.len() == 3 && new.iter().max() <= new.iter().min().map(|least| least * 5 / 4).as_ref(), "{new:?}");
    let (rest, done) = made(&tonight, &Scope::default());
    assert_eq!(
        part.certificate.moved_replicas + rest.certificate.moved_replicas,
        whole.certificate.moved_replicas,
        "the rest costs no more"
    );
    assert!(of(&done).values().all(|count| (36..=37).contains(count)));
    let (nothing, _) = made(&before, &Scope { max_bytes: Some(0), ..Scope::default() });
    assert_eq!(nothing.certificate.moved_bytes, 0);
}

#[test]
fn bytes_are_levelled_within_the_tolerance() {
    let sizes = |p: u64| 1_000 + p * p * 37 % 9_000;
    let topic = |name: &str, from: i32| {
        Topic::new(name, (0..60).map(|p| vec![(p + from) % 3 + 1]).collect(), (0..60).map(sizes).collect())
    };
    let before = state(brokers(3, 2), vec![topic("a", 0), topic("b", 1)]);
    let scope = Scope { by: Aim::Bytes { tolerance: 5 }, ..Scope::default() };
    let (plan, done) = made(&before, &scope);
    let certificate = &plan.certificate;
    assert_eq!(certificate.missed_bytes, 0, "{certificate:?}");
    let total: u64 = certificate.brokers.iter().map(|broker| broker.bytes.after).sum();
    for broker in &certificate.brokers {
        assert!(broker.bytes.after * 500 >= total * 95 && broker.bytes.after * 500 <= total * 105, "{broker:?}");
    }
    assert!(certificate.moved_bytes <= certificate.bound_bytes * 102 / 100, "{certificate:?}");
    assert!(plan_again(&done, &scope).is_empty());
}

#[test]
fn disks_keep_something_to_spare_and_what_is_not_known_is_said() {
    let dir = |total: u64, usable: u64| LogDir {
        path: "/var/lib/kafka".to_owned(),
        total_bytes: Some(total),
        usable_bytes: Some(usable),
        replicas: None,
    };
    let topic = Topic::new("orders", (0..40).map(|p| vec![p % 2 + 1]).collect(), vec![1_000; 40]);
    let mut before = state(brokers(2, 2), vec![topic]);
    before.brokers[2].log_dirs = vec![dir(10_000, 5_600)];
    let (plan, done) = made(&before, &Scope::default());
    // 15 % of 10,000 stay free: four replicas fit, not ten.
    assert_eq!(of(&done)[&3], 4);
    assert_eq!(plan.certificate.unknown_disks, [4]);
    assert!(
        plan.certificate.binds.contains(&Bind::Disk { broker: 3, room: 4_100, spare: 15 }),
        "{:?}",
        plan.certificate.binds
    );
    let words = krun::plan::wording::certificate(&plan.certificate).join("\n");
    assert!(words.contains("the disks of broker 3 take 4.1kB and no more"), "{words}");
    assert!(words.contains("whether it fits on the disks of broker 4"), "{words}");

    let (_, done) = made(&before, &Scope { spare: Some(5), ..Scope::default() });
    assert_eq!(of(&done)[&3], 5, "5,600 bytes are free, and 500 stay so");

    before.brokers[3].log_dirs = vec![dir(10_000, 3_000)];
    let error = plan_error(&before, &Scope { drain: vec![1, 2], ..Scope::default() });
    assert_eq!(error.code, "NO_PLACE");
    assert!(error.message.contains("broker 3: 4.1kB, broker 4: 1.5kB"), "{error}");
}

#[test]
fn sizes_that_are_not_known_count_as_nothing_and_are_told() {
    let mut before = state(brokers(3, 1), vec![round_robin("orders", 12, 1, 3)]);
    before.topics[0].bytes[3] = None;
    let (plan, _) = made(&before, &Scope::default());
    assert_eq!(plan.certificate.unknown_sizes, 1);
    before.topics[0].bytes.clear();
    let (plan, done) = made(&before, &Scope::default());
    assert_eq!((plan.certificate.unknown_sizes, plan.certificate.moved_bytes), (12, 0));
    assert_eq!(of(&done), BTreeMap::from([(1, 3), (2, 3), (3, 3), (4, 3)]));
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let before = state(brokers(3, 1), vec![round_robin("orders", 12, 2, 3), round_robin("clicks", 3, 1, 3)]);
    let replace = |pairs: &[(i32, i32)]| Scope {
        replace: pairs.iter().map(|(broker, with)| Replacement { broker: *broker, with: *with }).collect(),
        ..Scope::default()
    };
    for (scope, code, wanted) in [
        (Scope { drain: vec![9], ..Scope::default() }, "UNKNOWN_BROKER", "there is no broker 9"),
        (Scope { drain: vec![2, 2], ..Scope::default() }, "DUPLICATE_BROKER", "broker 2 is named twice"),
        (Scope { drain: vec![1, 2, 3, 4], ..Scope::default() }, "EMPTY_TARGET", "no broker left"),
        (replace(&[(1, 9)]), "UNKNOWN_BROKER", "there is no broker 9"),
        (replace(&[(1, 1)]), "BROKER_LEAVING", "is leaving itself"),
        (replace(&[(1, 4), (2, 4)]), "DUPLICATE_BROKER", "broker 4 is to replace two brokers"),
        (Scope { brokers: Some(vec![2, 3]), ..replace(&[(1, 4)]) }, "BROKER_NOT_IN_TARGET", "not among the target"),
        (Scope { exclude: vec!["[".to_owned()], ..Scope::default() }, "INVALID_REGEX", "`[` is no regular expression"),
        (Scope { exclude: vec!["order".to_owned()], ..Scope::default() }, "UNKNOWN_TOPIC_OR_PARTITION", "`order`"),
    ] {
        let error = plan_error(&before, &scope);
        assert!(error.code == code && error.message.contains(wanted), "{}: {}", error.code, error.message);
    }
    let (plan, _) = made(&before, &Scope { exclude: vec!["ord.*".to_owned()], ..Scope::default() });
    assert!(plan.moves.iter().all(|moves| moves.topic == "clicks"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_asked_for_the_result_holds_and_needs_nothing_more(
        before in super::planning::any_state(true, true),
        factor in prop::option::of(1..=3_u16),
        forced_only: bool,
        drained in prop::option::of(1..=8_i32),
    ) {
        let drain = drained.filter(|id| usize::try_from(*id).is_ok_and(|id| id <= before.brokers.len()));
        let drain: Vec<i32> = drain.into_iter().collect();
        let scope = Scope { replication_factor: factor, forced_only, drain, ..Scope::default() };
        // Too few brokers left for the replicas.
        let Ok(plan) = plan(&before, &scope) else { return Ok(()) };
        let mut marked = before.clone();
        for broker in &mut marked.brokers {
            if scope.drain.contains(&broker.id) { broker.state = BrokerState::Leaving; }
        }
        check(&marked, &plan);
        let done = after(&marked, &plan);
        let lists = || done.topics.iter().flat_map(|topic| &topic.replicas);
        if let Some(factor) = factor {
            prop_assert!(lists().all(|list| list.len() == usize::from(factor)));
        }
        let leaving = marked.brokers.iter().filter(|b| b.state == BrokerState::Leaving).map(|b| b.id);
        prop_assert!(leaving.clone().all(|id| lists().all(|list| !list.contains(&id))));
        let again = krun::plan::plan(&done, &scope).expect("a plan");
        prop_assert!(again.is_empty(), "{} then {}", plan.kafka_json(), again.kafka_json());
    }

    #[test]
    fn a_budget_is_never_exceeded(before in super::planning::any_state(true, true), most in 0..4_000_000_u64) {
        let whole = plan(&before, &Scope::default()).expect("a plan");
        let part = plan(&before, &Scope { max_bytes: Some(most), ..Scope::default() }).expect("a plan");
        prop_assert!(part.certificate.moved_bytes <= most);
        let sum = part.certificate.moved_bytes + part.certificate.later_bytes;
        prop_assert_eq!(sum, whole.certificate.moved_bytes);
    }
}
