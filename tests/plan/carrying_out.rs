//! The schedule: which moves go next, who leads meanwhile, and how long it takes in the model.

use krun::plan::schedule::{Makespan, MoveIndex, Order, Schedule, Traffic, simulate};
use krun::plan::{Broker, BrokerState, PartitionMove, Plan, Scope, State, Topic, TopicMoves, plan};
use krun::quantity::Rate;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

fn moving(partition: i32, from: &[i32], to: &[i32], bytes: u64) -> PartitionMove {
    PartitionMove { partition, from: from.to_vec(), to: to.to_vec(), bytes }
}

/// Moves alone: no broker is known to leave.
fn moves(topics: &[(&str, &[PartitionMove])]) -> Plan {
    let none = plan(&State::default(), &Scope::default());
    let brokers = [Broker::new(1, None, BrokerState::Old)].to_vec();
    let empty = none.or_else(|_| plan(&State { brokers, ..State::default() }, &Scope::default()));
    let topic =
        |(name, moves): &(&str, &[PartitionMove])| TopicMoves { topic: (*name).to_owned(), partitions: moves.to_vec() };
    Plan { moves: topics.iter().map(topic).collect(), ..empty.expect("one broker and no topic is a plan") }
}

fn slots(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("at least one")
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

fn schedule(plan: &Plan, topics: &[usize], per_broker: usize) -> Schedule {
    Schedule::new(Arc::new(Traffic::of(plan)), topics, slots(per_broker))
}

fn numbers(given: &[MoveIndex]) -> Vec<(usize, usize)> {
    given.iter().map(|one| (one.topic, one.partition)).collect()
}

const MB: u64 = 1_000_000;

#[test]
fn the_largest_move_of_the_busiest_broker_goes_first_and_the_next_when_it_ends() {
    let plan = moves(&[(
        "orders",
        &[
            moving(0, &[1, 2], &[1, 4], 10),
            moving(1, &[1, 2], &[3, 2], 20),
            moving(2, &[2, 3], &[2, 4], 30),
            moving(3, &[5, 6], &[7, 6], 5),
        ],
    )]);
    let mut one = schedule(&plan, &[0], 1);
    // 4 receives 40, of which 30 from 2; then 1 has 30 to send, 20 of them to 3.
    assert_eq!(numbers(&one.give_out()), [(0, 2), (0, 1), (0, 3)]);
    assert_eq!((one.left(), one.waiting(), one.bytes_left()), (4, 1, 65));
    assert_eq!(one.give_out(), [], "0 needs 1 and 4");
    one.end(MoveIndex { topic: 0, partition: 2 });
    assert_eq!(one.give_out(), [], "1 is still busy");
    one.end(MoveIndex { topic: 0, partition: 1 });
    assert_eq!(numbers(&one.give_out()), [(0, 0)]);
    assert_eq!(numbers(&one.under_way().collect::<Vec<_>>()), [(0, 0), (0, 3)]);

    assert_eq!(numbers(&schedule(&plan, &[0], 2).give_out()).len(), 4, "two slots are enough for all");
}

#[test]
fn a_change_of_order_needs_no_slot_and_ends_at_once() {
    let plan = moves(&[("orders", &[moving(0, &[1, 2], &[1, 3], 10 * MB), moving(1, &[1, 3], &[3, 1], 1000 * MB)])]);
    let mut one = schedule(&plan, &[0], 1);
    assert_eq!(one.give_out().len(), 2);
    let order_only = moves(&[("orders", &[moving(1, &[1, 3], &[3, 1], u64::MAX)])]);
    let none = simulate(&order_only, Order::OneTopic, slots(1), rate("1B/s"));
    assert_eq!(none, Makespan { time: Duration::ZERO, bound: Duration::ZERO, topics: vec![Duration::ZERO] });
    assert_eq!(simulate(&plan, Order::AcrossTopics, slots(1), rate("10MB/s")).time, Duration::from_secs(1));
}

#[test]
fn kafkas_own_topics_wait_until_all_others_have_begun() {
    let plan = moves(&[
        ("clicks", &[moving(0, &[1], &[2], 10)]),
        ("orders", &[moving(0, &[1], &[2], 20)]),
        ("__consumer_offsets", &[moving(0, &[1], &[2], 99), moving(1, &[1, 2], &[2, 1], 1)]),
    ]);
    let mut one = schedule(&plan, &[2, 0, 1], 1);
    assert_eq!(numbers(&one.give_out()), [(1, 0)]);
    one.end(MoveIndex { topic: 1, partition: 0 });
    assert_eq!(numbers(&one.give_out()), [(0, 0), (2, 1)], "with the last of ours their changes of order can go");
    one.end(MoveIndex { topic: 0, partition: 0 });
    assert_eq!(numbers(&one.give_out()), [(2, 0)]);
}

#[test]
fn what_was_submitted_before_takes_slots_and_is_not_given_out_again() {
    let plan = moves(&[("orders", &[moving(0, &[1], &[2], 30), moving(1, &[1], &[2], 20), moving(2, &[1], &[2], 10)])]);
    let mut one = schedule(&plan, &[0], 2);
    one.begin(MoveIndex { topic: 0, partition: 2 });
    assert_eq!(numbers(&one.give_out()), [(0, 0)]);
    for other in [MoveIndex { topic: 7, partition: 0 }, MoveIndex { topic: 0, partition: 9 }] {
        one.begin(other);
        one.end(other);
    }
    one.end(MoveIndex { topic: 0, partition: 1 });
    assert_eq!((one.left(), one.waiting()), (3, 1), "what does not exist, or has not begun, does not end");
    one.end(MoveIndex { topic: 0, partition: 0 });
    assert_eq!(numbers(&one.give_out()), [(0, 1)]);
    assert!(!one.is_over(0));
}

#[test]
fn a_receiver_with_several_senders_has_its_whole_rate() {
    // 50 MB from broker 1, twice 20 to both of 2 and 3 and once 10 to 2.
    let plan = moves(&[("t", &[moving(0, &[1], &[2, 3], 20 * MB), moving(1, &[1], &[2], 10 * MB)])]);
    let all = simulate(&plan, Order::AcrossTopics, slots(5), rate("10MB/s"));
    assert_eq!((all.time, all.bound), (Duration::from_secs(5), Duration::from_secs(5)), "broker 1 sends all");
    let one = simulate(&plan, Order::AcrossTopics, slots(1), rate("10MB/s"));
    assert_eq!(one.time, Duration::from_secs(5));
    let plan = moves(&[("t", &[moving(0, &[1], &[4], 10 * MB), moving(1, &[2], &[4], 30 * MB)])]);
    let both = simulate(&plan, Order::AcrossTopics, slots(5), rate("10MB/s"));
    // Half the rate each until the small one has come, after 2 s; then the whole for the 20 MB that are left.
    assert_eq!(both.time, Duration::from_secs(4));
}

#[test]
fn topics_one_after_the_other_take_the_sum_and_each_has_its_end() {
    let plan = moves(&[("a", &[moving(0, &[1], &[4], 10 * MB)]), ("b", &[moving(0, &[2], &[5], 30 * MB)])]);
    let one = simulate(&plan, Order::OneTopic, slots(5), rate("10MB/s"));
    assert_eq!((one.time, one.bound), (Duration::from_secs(4), Duration::from_secs(3)));
    assert_eq!(one.topics, [Duration::from_secs(1), Duration::from_secs(4)]);
    assert!((one.ratio() - 4.0 / 3.0).abs() < 1e-9);
    let across = simulate(&plan, Order::AcrossTopics, slots(5), rate("10MB/s"));
    assert_eq!((across.time, across.topics[0]), (Duration::from_secs(3), Duration::from_secs(1)));
    assert!((simulate(&moves(&[]), Order::OneTopic, slots(1), rate("1B/s")).ratio() - 1.0).abs() < 1e-9);
    let huge = moves(&[("t", &[moving(0, &[1], &[2], u64::MAX), moving(1, &[1], &[2], u64::MAX)])]);
    assert!(simulate(&huge, Order::OneTopic, slots(1), rate("1B/s")).time >= Duration::from_secs(u64::MAX / 2));
}

/// Three brokers hold three partitions of three replicas; 3 leaves, 4 is new.
fn drain() -> Plan {
    let brokers = [(1, BrokerState::Old), (2, BrokerState::Old), (3, BrokerState::Leaving), (4, BrokerState::New)];
    let brokers = brokers.map(|(id, state)| Broker::new(id, None, state));
    let replicas = vec![vec![3, 1, 2], vec![3, 2, 1], vec![1, 3, 2]];
    let topic = Topic::new("orders", replicas, vec![10 * MB, 10 * MB, 10 * MB]);
    let state = State { brokers: brokers.to_vec(), topics: vec![topic], ..State::default() };
    plan(&state, &Scope::default()).expect("a plan")
}

#[test]
fn where_the_new_broker_sets_the_time_nobody_leads_away() {
    let plan = drain();
    assert_eq!(plan.moves[0].partitions.len(), 3);
    assert_eq!(plan.lead_away(), [], "4 receives all three, whoever leads them");
}

/// As [`drain`], but what 3 has goes to two brokers, so that 3 alone would be the slowest.
fn drain_to_two() -> Plan {
    let brokers = [
        (1, BrokerState::Old),
        (2, BrokerState::Old),
        (3, BrokerState::Leaving),
        (4, BrokerState::New),
        (5, BrokerState::New),
    ];
    let brokers = brokers.map(|(id, state)| Broker::new(id, None, state));
    let replicas = vec![vec![3, 1], vec![3, 2], vec![3, 1], vec![3, 2], vec![3]];
    let topic = Topic::new("orders", replicas, vec![10 * MB; 5]);
    let state = State { brokers: brokers.to_vec(), topics: vec![topic], ..State::default() };
    plan(&state, &Scope::default()).expect("a plan")
}

#[test]
fn others_lead_first_what_a_leaving_broker_would_send() {
    let plan = drain_to_two();
    let away = plan.lead_away();
    assert_eq!(away.len(), 1);
    let order_only = |one: &PartitionMove| {
        let sorted = |ids: &[i32]| ids.iter().copied().collect::<BTreeSet<_>>();
        one.added().count() == 0 && sorted(&one.from) == sorted(&one.to) && one.to[0] != 3
    };
    assert!(away[0].partitions.iter().all(order_only), "{away:?}");
    assert!(!away[0].partitions.iter().any(|one| one.partition == 4), "nobody else holds that one");
    let led: BTreeMap<i32, usize> = away[0].partitions.iter().fold(BTreeMap::new(), |mut led, one| {
        *led.entry(one.to[0]).or_default() += 1;
        led
    });
    assert_eq!(led, BTreeMap::from([(1, 2), (2, 2)]), "each of them as much as the other");
    for one in &away[0].partitions {
        let later = plan.moves[0].partitions.iter().find(|later| later.partition == one.partition);
        assert_eq!(later.map(|later| &later.from), Some(&one.from), "the move starts where the cluster was");
    }
}

/// Random moves on six brokers over three topics, one of them Kafka's own.
fn random() -> impl Strategy<Value = Plan> {
    let one = (0..3_usize, 1..7_i32, 1..6_i32, 0..3_i32, 0..1000_u64);
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let mut topics: [Vec<PartitionMove>; 3] = Default::default();
        for (topic, leader, by, more, bytes) in all {
            let other = |by: i32| (leader + by - 1) % 6 + 1;
            let to: Vec<i32> = match more {
                0 => vec![other(by), leader],
                _ => (0..more).map(|further| other((by + further - 1) % 5 + 1)).collect(),
            };
            let from = if more == 0 { vec![leader, other(by)] } else { vec![leader] };
            let number = i32::try_from(topics[topic].len()).expect("few");
            topics[topic].push(PartitionMove { partition: number, from, to, bytes });
        }
        let [a, b, c] = topics;
        moves(&[("clicks", &a), ("orders", &b), ("__consumer_offsets", &c)])
    })
}

fn load(plan: &Plan, under_way: &[MoveIndex]) -> BTreeMap<i32, usize> {
    let mut load = BTreeMap::new();
    for at in under_way {
        let one = &plan.moves[at.topic].partitions[at.partition];
        let added: Vec<i32> = one.added().collect();
        let leader = one.from.first().copied().filter(|_| !added.is_empty());
        for broker in added.into_iter().chain(leader) {
            *load.entry(broker).or_default() += 1;
        }
    }
    load
}

proptest! {
    #[test]
    fn every_move_goes_once_and_no_broker_has_more_than_its_slots(
        plan in random(),
        most in 1..4_usize,
        order in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let mut one = schedule(&plan, &[0, 1, 2], most);
        let total = one.left();
        let mut given = Vec::new();
        for which in order.iter().cycle() {
            let next = one.give_out();
            given.extend(next);
            let under_way: Vec<MoveIndex> = one.under_way().collect();
            prop_assert!(load(&plan, &under_way).values().all(|moves| *moves <= most));
            let order_only = |at: &MoveIndex| plan.moves[at.topic].partitions[at.partition].added().count() == 0;
            prop_assert!(one.to_come().all(|at| at.topic == 2 || !order_only(&at)), "a change of order never waits");
            if under_way.is_empty() {
                break;
            }
            one.end(*which.get(&under_way));
        }
        prop_assert_eq!((one.left(), one.bytes_left()), (0, 0));
        prop_assert_eq!(given.len(), total);
        let others = given.iter().rposition(|at| at.topic != 2 && !load(&plan, &[*at]).is_empty());
        let kafkas = given.iter().position(|at| at.topic == 2);
        prop_assert!(others.zip(kafkas).is_none_or(|(others, kafkas)| others < kafkas), "Kafka's own come last");
        given.sort_unstable();
        given.dedup();
        prop_assert_eq!(given.len(), total);
    }

    #[test]
    fn no_schedule_is_faster_than_the_bound_and_it_is_the_same_again(plan in random(), most in 1..4_usize) {
        for order in [Order::OneTopic, Order::AcrossTopics] {
            let span = simulate(&plan, order, slots(most), rate("1kB/s"));
            prop_assert!(span.time.as_secs_f64() >= span.bound.as_secs_f64() * (1.0 - 1e-9), "{:?}", span);
            prop_assert_eq!(span.topics.iter().max().copied().unwrap_or_default(), span.time);
            prop_assert_eq!(&simulate(&plan, order, slots(most), rate("1kB/s")), &span);
        }
        let across = simulate(&plan, Order::AcrossTopics, slots(100), rate("1kB/s"));
        let one = simulate(&plan, Order::OneTopic, slots(100), rate("1kB/s"));
        prop_assert!(across.time <= one.time + Duration::from_millis(1), "{:?} {:?}", across, one);
    }
}
