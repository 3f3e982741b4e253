//! The planner: the seed's example, what is refused, and what holds for every cluster.

use krun::plan::{Broker, BrokerState, Plan, Scope, State, Topic, plan};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn brokers(old: i32, new: i32) -> Vec<Broker> {
    let state = |id| if id <= old { BrokerState::Old } else { BrokerState::New };
    (1..=old + new).map(|id| Broker::new(id, None, state(id))).collect()
}

fn state(brokers: Vec<Broker>, topics: Vec<Topic>) -> State {
    State { brokers, topics, ..State::default() }
}

/// The state after the plan was carried out.
pub(super) fn after(before: &State, plan: &Plan) -> State {
    let mut state = before.clone();
    for moves in &plan.moves {
        let topic = state.topics.iter_mut().find(|topic| topic.name == moves.topic).expect("a planned topic is there");
        for partition in &moves.partitions {
            let replicas = &mut topic.replicas[usize::try_from(partition.partition).expect("a partition number")];
            assert_eq!(*replicas, partition.from, "the plan knows where the replicas are");
            replicas.clone_from(&partition.to);
        }
    }
    state
}

/// Replicas of each broker.
pub(super) fn counts<'a>(topics: impl IntoIterator<Item = &'a Topic>) -> BTreeMap<i32, u64> {
    let mut counts = BTreeMap::new();
    for id in topics.into_iter().flat_map(|topic| &topic.replicas).flatten() {
        *counts.entry(*id).or_default() += 1;
    }
    counts
}

fn seed_topic() -> Topic {
    Topic::new("peter-scaleout1", vec![vec![1], vec![2], vec![3], vec![1]], vec![1000; 4])
}

#[test]
fn the_seed_topic_ends_with_one_partition_on_each_broker_by_one_move() {
    let before = state(brokers(3, 1), vec![seed_topic()]);
    let plan = plan(&before, &Scope::default()).expect("a plan");
    assert_eq!(counts(&after(&before, &plan).topics), BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 1)]));
    assert_eq!((plan.certificate.moved_replicas, plan.certificate.bound_replicas), (1, 1));
    assert!(plan.certificate.is_least());
    assert_eq!(
        plan.kafka_json().trim_end(),
        r#"{"version":1,"partitions":[{"topic":"peter-scaleout1","partition":0,"replicas":[4]}]}"#
    );
    assert_eq!(
        plan.rollback_json().trim_end(),
        r#"{"version":1,"partitions":[{"topic":"peter-scaleout1","partition":0,"replicas":[1]}]}"#
    );
}

#[test]
fn a_small_topic_spreads_though_a_large_one_has_enough_to_give() {
    for partitions in 4..12_i32 {
        let replicas = |p: i32| (0..3).map(|r| (p + r) % 3 + 1).collect();
        let sizes = (0..partitions).map(|p| 10_000_000 + u64::from(p.unsigned_abs()) * 123_457).collect();
        let large = Topic::new("large", (0..partitions).map(replicas).collect(), sizes);
        let before = state(brokers(3, 1), vec![large, seed_topic()]);
        let plan = plan(&before, &Scope::default()).expect("a plan");
        let done = after(&before, &plan);
        let seed = done.topics.iter().filter(|topic| topic.name == "peter-scaleout1");
        assert_eq!(counts(seed), BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 1)]), "beside {partitions} partitions");
        assert!(plan.certificate.is_least());
    }
}

#[test]
fn a_small_topic_stays_spread_where_other_topics_have_very_different_sizes() {
    for step in 1..40_u64 {
        let replicas = |p: i32, factor: i32| (0..factor).map(|r| (p + r) % 3 + 1).collect::<Vec<i32>>();
        let topic = |name: &str, partitions: i32, factor: i32, bytes: u64| {
            let sizes = (0..partitions).map(|p| bytes + u64::from(p.unsigned_abs()) * step * 997 % bytes).collect();
            Topic::new(name, (0..partitions).map(|p| replicas(p, factor)).collect(), sizes)
        };
        let topics = vec![
            topic("clicks", 12, 2, 500 + step * 31),
            topic("orders", 8, 3, 3_000 + step * 77),
            topic("payments", 3, 3, 900),
            seed_topic(),
        ];
        let before = state(brokers(3, 1), topics);
        let plan = plan(&before, &Scope::default()).expect("a plan");
        let done = after(&before, &plan);
        let seed = done.topics.iter().filter(|topic| topic.name == "peter-scaleout1");
        assert_eq!(counts(seed), BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 1)]), "step {step}");
    }
}

#[test]
fn kafkas_own_topics_come_last_and_a_scope_leaves_the_others_alone() {
    let all = |name| Topic::new(name, vec![vec![1], vec![1], vec![1], vec![1]], vec![1; 4]);
    let before = state(brokers(1, 1), vec![all("__consumer_offsets"), all("b"), all("a")]);
    let names = |scope: &Scope| {
        let plan = plan(&before, scope).expect("a plan");
        plan.moves.iter().map(|moves| moves.topic.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&Scope::default()), ["a", "b", "__consumer_offsets"]);
    assert_eq!(names(&Scope { topics: Some(vec!["b".to_owned()]), ..Scope::default() }), ["b"]);
    assert_eq!(names(&Scope { exclude: vec!["b".to_owned()], ..Scope::default() }), ["a", "__consumer_offsets"]);
    assert_eq!(names(&Scope { brokers: Some(vec![1]), ..Scope::default() }), [""; 0]);
    assert_eq!(names(&Scope { topics: Some(vec![]), ..Scope::default() }), [""; 0]);
}

#[test]
fn what_cannot_be_planned_is_refused_with_the_reason() {
    let topic = |replicas: Vec<i32>| Topic::new("orders", vec![replicas], vec![1]);
    let refused = |brokers: Vec<Broker>, topics: Vec<Topic>, scope: Scope| {
        let error = plan(&state(brokers, topics), &scope).expect_err("this is to be refused");
        assert!(error.hint.is_some(), "{error} has no hint");
        (error.code, error.message)
    };
    let target = |ids: &[i32]| Scope { brokers: Some(ids.to_vec()), ..Scope::default() };
    let topics = |name: &str| Scope { topics: Some(vec![name.to_owned()]), ..Scope::default() };
    let leaving = vec![Broker::new(1, None, BrokerState::Old), Broker::new(2, None, BrokerState::Leaving)];
    let mut two_sizes = topic(vec![1]);
    two_sizes.bytes.push(None);
    for ((code, message), wanted_code, wanted) in [
        (refused(brokers(3, 0), vec![topic(vec![1])], target(&[1, 9])), "UNKNOWN_BROKER", "there is no broker 9"),
        (refused(brokers(3, 0), vec![topic(vec![1])], target(&[1, 1])), "DUPLICATE_BROKER", "broker 1 is named twice"),
        (refused(leaving.clone(), vec![], target(&[2])), "BROKER_LEAVING", "broker 2 is leaving"),
        (refused(brokers(3, 0), vec![topic(vec![1])], target(&[])), "EMPTY_TARGET", "no broker left"),
        (refused(brokers(3, 0), vec![topic(vec![1])], topics("order")), "UNKNOWN_TOPIC_OR_PARTITION", "\"order\""),
        (
            refused(leaving, vec![topic(vec![1, 2])], Scope::default()),
            "INVALID_REPLICATION_FACTOR",
            "partition 0 of topic \"orders\" is to have 2 replicas, and only 1 brokers may hold them: 1",
        ),
        (refused(brokers(3, 0), vec![topic(vec![1, 1])], Scope::default()), "INVALID_STATE", "a broker twice"),
        (refused(brokers(3, 0), vec![topic(vec![])], Scope::default()), "INVALID_STATE", "has no replicas"),
        (refused(brokers(3, 0), vec![topic(vec![1, 7])], Scope::default()), "UNKNOWN_BROKER", "a replica on broker 7"),
        (refused(brokers(3, 0), vec![two_sizes], Scope::default()), "INVALID_STATE", "1 partitions and 2 sizes"),
        (
            refused(brokers(3, 0), vec![topic(vec![1]); 2], Scope::default()),
            "INVALID_STATE",
            "\"orders\" is in the state twice",
        ),
        (refused([brokers(1, 0), brokers(1, 0)].concat(), vec![], Scope::default()), "DUPLICATE_BROKER", "twice"),
    ] {
        assert!(code == wanted_code && message.contains(wanted), "{code}: {message}, not {wanted_code}: {wanted}");
    }
}

#[test]
fn the_state_file_keeps_what_planning_does_not_need() {
    let text = r#"{"case":"S1a","seed":1,"brokers":[{"id":1,"rack":null,"state":"old","host":"a"}],
        "topics":[{"name":"t","replicas":[[1]],"bytes":[5],"configs":{"retention.ms":"1"}}]}"#;
    let read: State = serde_json::from_str(text).expect("a state file");
    assert_eq!(read.brokers[0].state, BrokerState::Old);
    let printed = serde_json::to_value(&read).expect("json");
    assert_eq!(printed, serde_json::from_str::<serde_json::Value>(text).expect("json"));
}

/// A cluster with racks or without, with new and leaving brokers, and topics placed at random.
pub(super) fn any_state(racks: bool, leaving: bool) -> impl Strategy<Value = State> {
    let rack = prop::sample::select(vec!["a", "b", "c"]);
    let kinds = if leaving { vec![0, 0, 0, 1, 2] } else { vec![0, 0, 0, 1] };
    let broker = (rack, prop::sample::select(kinds));
    let topic = (1..=3_usize, prop::collection::vec((any::<u64>(), 0..1_000_000_u64), 0..12));
    (prop::collection::vec(broker, 3..9), prop::collection::vec(topic, 1..5)).prop_filter_map(
        "too few brokers",
        move |(kinds, topics)| {
            let kind = |kind| [BrokerState::Old, BrokerState::New, BrokerState::Leaving][kind];
            let rack = |rack| if racks { Some(rack) } else { None };
            let brokers: Vec<Broker> =
                (1..).zip(&kinds).map(|(id, (name, of))| Broker::new(id, rack(*name), kind(*of))).collect();
            let holders: Vec<i32> = brokers.iter().filter(|b| b.state != BrokerState::New).map(|b| b.id).collect();
            let staying = brokers.iter().filter(|b| b.state != BrokerState::Leaving).count();
            let place = |replicas: usize, mut random: u64| {
                let mut left = holders.clone();
                let mut list = Vec::new();
                while list.len() < replicas {
                    let at = usize::try_from(random % left.len() as u64).expect("an index");
                    random /= left.len() as u64;
                    list.push(left.remove(at));
                }
                list
            };
            let topic = |(number, (replicas, partitions)): (usize, (usize, Vec<(u64, u64)>))| {
                let lists = partitions.iter().map(|(random, _)| place(replicas, *random)).collect();
                Topic::new(&format!("t{number}"), lists, partitions.iter().map(|(_, bytes)| *bytes).collect())
            };
            let most = topics.iter().map(|(replicas, _)| *replicas).max()?;
            let fits = holders.len() >= most && staying >= most;
            fits.then(|| state(brokers, topics.into_iter().enumerate().map(topic).collect()))
        },
    )
}

/// What holds whatever the cluster; returns whether every broker is level.
pub(super) fn check(before: &State, plan: &Plan) -> bool {
    let done = after(before, plan);
    let staying: BTreeSet<i32> =
        before.brokers.iter().filter(|b| b.state != BrokerState::Leaving).map(|b| b.id).collect();
    let rack =
        |id: &i32| before.brokers.iter().find(|broker| broker.id == *id).and_then(|broker| broker.rack.as_deref());
    let racks: BTreeSet<Option<&str>> = staying.iter().map(rack).collect();
    for partition in plan.moves.iter().flat_map(|moves| &moves.partitions) {
        assert_ne!(partition.from, partition.to);
        let survivors = |ids: &[i32], others: &[i32]| -> Vec<i32> {
            ids[1..].iter().filter(|id| others.contains(id)).copied().collect()
        };
        let (kept, now) = (survivors(&partition.from, &partition.to), survivors(&partition.to, &partition.from));
        let moved_to_front =
            |list: &[i32], id: &i32| list.iter().copied().filter(|other| other != id).collect::<Vec<_>>();
        let (first, last) = (&partition.to[0], &partition.from[0]);
        assert_eq!(
            moved_to_front(&kept, first),
            moved_to_front(&now, last),
            "survivors keep their order: {partition:?}"
        );
    }
    for (was, is) in before.topics.iter().zip(&done.topics) {
        for (was, is) in was.replicas.iter().zip(&is.replicas) {
            let unique: BTreeSet<i32> = is.iter().copied().collect();
            assert_eq!(unique.len(), is.len(), "one replica on a broker");
            assert!(unique.is_subset(&staying), "{is:?} are all to stay");
            let spread = |ids: &[i32]| ids.iter().map(rack).collect::<BTreeSet<_>>().len();
            assert!(spread(is) >= spread(was).min(racks.len()).min(is.len()), "{was:?} to {is:?} is worse for racks");
        }
    }
    let (had, has) = (counts(&before.topics), counts(&done.topics));
    for share in &plan.certificate.brokers {
        assert_eq!(share.replicas.before, had.get(&share.broker).copied().unwrap_or(0));
        assert_eq!(share.replicas.after, has.get(&share.broker).copied().unwrap_or(0));
        assert!(share.level.1 - share.level.0 <= 1);
    }
    let certificate = &plan.certificate;
    assert!(certificate.moved_replicas + certificate.missed_replicas >= certificate.bound_replicas);
    assert!(certificate.moved_bytes >= certificate.bound_bytes);
    certificate.missed_replicas == 0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn without_racks_every_broker_is_level_by_exactly_the_bound(before in any_state(false, false)) {
        let plan = plan(&before, &Scope::default()).expect("a plan");
        prop_assert!(check(&before, &plan));
        prop_assert!(plan.moves.iter().flat_map(|topic| &topic.partitions).all(|p| p.from.len() == p.to.len()));
        prop_assert!(plan.certificate.is_least(), "{} moved, bound {}", plan.certificate.moved_replicas, plan.certificate.bound_replicas);
        let has = counts(&after(&before, &plan).topics);
        let most = before.brokers.iter().map(|broker| has.get(&broker.id).copied().unwrap_or(0));
        prop_assert!(most.clone().max() <= most.min().map(|least| least + 1));
    }

    #[test]
    fn a_drain_without_racks_ends_level(before in any_state(false, true)) {
        let plan = plan(&before, &Scope::default()).expect("a plan");
        prop_assert!(check(&before, &plan));
        prop_assert!(plan.certificate.moved_replicas >= plan.certificate.bound_replicas);
    }

    #[test]
    fn racks_are_never_worse(before in any_state(true, true)) {
        let plan = plan(&before, &Scope::default()).expect("a plan");
        if check(&before, &plan) {
            prop_assert!(plan.certificate.moved_replicas >= plan.certificate.bound_replicas);
        }
    }

    #[test]
    fn the_same_again_is_the_same_and_the_result_needs_nothing(before in any_state(true, true)) {
        let first = plan(&before, &Scope::default()).expect("a plan");
        prop_assert_eq!(&plan(&before, &Scope::default()).expect("a plan"), &first);
        let again = plan(&after(&before, &first), &Scope::default()).expect("a plan");
        prop_assert!(again.is_empty(), "{}", again.kafka_json());
        let mut shuffled = before;
        shuffled.brokers.reverse();
        shuffled.topics.reverse();
        prop_assert_eq!(&plan(&shuffled, &Scope::default()).expect("a plan"), &first);
        let text = serde_json::to_string(&first).expect("json");
        prop_assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), first);
    }
}
