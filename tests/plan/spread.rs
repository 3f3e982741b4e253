//! Beyond the counts: bytes, topics and leaders on clusters large enough to be level in all of them at once.

use super::cluster::{Cluster, Reassignment, Role, Score, cases, generate};
use krun::plan::{Plan, Scope, State, plan};
use std::collections::BTreeMap;

fn planned(before: &Cluster) -> (Plan, Cluster) {
    let text = serde_json::to_string(before).expect("JSON");
    let state: State = serde_json::from_str(&text).expect("the planner reads the generator's states");
    let plan = plan(&state, &Scope::default()).expect("a plan");
    let moves: Reassignment = serde_json::from_str(&plan.kafka_json()).expect("Kafka's file");
    let after = moves.carried_out(before).expect("a plan that Kafka would take");
    (plan, after)
}

/// How many pairs of a topic and a broker are above the topic's even share, rounded up, and one: of replicas, and of leaders.
fn crowded(cluster: &Cluster) -> (usize, usize) {
    let staying = cluster.brokers.iter().filter(|broker| broker.state != Role::Leaving).count();
    let (mut replicas, mut leaders) = (0, 0);
    for topic in &cluster.topics {
        let above = |ids: Vec<i32>| {
            let most = ids.len().div_ceil(staying) + 1;
            let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
            for id in ids {
                *counts.entry(id).or_default() += 1;
            }
            counts.into_values().filter(|count| *count > most).count()
        };
        replicas += above(topic.replicas.iter().flatten().copied().collect());
        leaders += above(topic.replicas.iter().map(|ids| ids[0]).collect());
    }
    (replicas, leaders)
}

#[test]
fn a_large_scale_out_is_level_in_bytes_topics_and_leaders_with_the_fewest_moves() {
    // Of the second seed one broker has so few bytes that it must give its smallest replicas, of whatever topics.
    for (seed, most) in [(1, 5), (2, 200)] {
        let before = generate(cases::named("S3").expect("a case"), seed);
        let (plan, after) = planned(&before);
        let score = Score::of(&before, &after);
        assert_eq!((score.moved, score.replicas_off, score.leaders_off), (score.bound, 0, 0), "{score:?}");
        assert_eq!((score.old_to_old, score.racks_made_worse), (Some(0), 0), "{score:?}");
        assert!(score.bytes.most_to_mean() <= 1.01 && score.bytes.least_to_mean() >= 0.99, "{score:?}");
        assert!(score.leader_changes * 100 <= score.leader_bound * 102, "{score:?}");
        let (was, is) = (crowded(&before), crowded(&after));
        assert!(was.0 > 1000 && is.0 <= most && is.1 <= 20, "seed {seed}: {was:?}, then {is:?}");
        assert!(plan.certificate.is_least());
    }
}

#[test]
fn a_drain_gives_its_leaders_to_those_that_lack_them_and_its_bytes_to_those_with_room() {
    for seed in 1..=3 {
        let before = generate(cases::named("D1").expect("a case"), seed);
        let (_, after) = planned(&before);
        let score = Score::of(&before, &after);
        assert_eq!((score.moved, score.leaders_off, score.left_on_leaving), (score.bound, 0, 0), "{score:?}");
        assert!(score.leader_changes * 100 <= score.leader_bound * 105, "{score:?}");
        assert!(score.bytes.most_to_mean() <= 1.085 && score.replicas.most <= 1112, "{score:?}");
        assert!(crowded(&after).1 <= 2, "hardly a broker has too many leaders of a topic");
    }
}

#[test]
fn topics_get_no_worse_where_brokers_have_enough_to_give() {
    for seed in 1..=3 {
        let before = generate(cases::named("S2e").expect("a case"), seed);
        let (_, after) = planned(&before);
        let (was, is) = (crowded(&before), crowded(&after));
        assert!(was.0 > 100 && was.1 > 10, "there is something to do: {was:?}");
        assert!(is.0 <= 2 && is.1 <= 2, "seed {seed}: {is:?}");
        let score = Score::of(&before, &after);
        assert!(score.bytes.most_to_mean() <= 1.01 && score.bytes.least_to_mean() >= 0.99, "{score:?}");
    }
}
