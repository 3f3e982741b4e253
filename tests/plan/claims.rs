//! What the benchmark claims of krun's plans, on its small cases: judged by a scorer that knows nothing of the planner.

use super::cluster::{Cluster, Reassignment, Score, cases, generate};
use krun::plan::schedule::{Order, simulate};
use krun::plan::{Plan, Scope, State, plan};
use krun::quantity::Rate;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

fn plan_of(cluster: &Cluster) -> Plan {
    let text = serde_json::to_string(cluster).expect("JSON");
    let state: State = serde_json::from_str(&text).expect("the planner reads the generator's states");
    plan(&state, &Scope::default()).expect("a plan")
}

fn carried_out(plan: &Plan, before: &Cluster) -> Cluster {
    let moves: Reassignment = serde_json::from_str(&plan.kafka_json()).expect("the scorer reads the planner's file");
    moves.carried_out(before).expect("a plan that Kafka would take")
}

fn planned(cluster: &Cluster) -> (Cluster, Score) {
    let plan = plan_of(cluster);
    let after = carried_out(&plan, cluster);
    let score = Score::of(cluster, &after);
    (after, score)
}

/// The bytes of the broker that has most to send, or to receive, when each new replica is copied from the leader.
fn busiest(before: &Cluster, after: &Cluster) -> u64 {
    let (mut sent, mut received): (BTreeMap<i32, u64>, BTreeMap<i32, u64>) = Default::default();
    for (was, is) in before.topics.iter().zip(&after.topics) {
        for ((old, new), bytes) in was.replicas.iter().zip(&is.replicas).zip(&was.bytes) {
            for id in new.iter().filter(|id| !old.contains(id)) {
                *received.entry(*id).or_default() += bytes;
                *sent.entry(old[0]).or_default() += bytes;
            }
        }
    }
    sent.into_values().chain(received.into_values()).max().unwrap_or(0)
}

#[test]
fn the_small_cases_are_levelled_with_the_fewest_moves() {
    for name in ["S1a", "S1b", "S2", "S2e"] {
        let before = generate(cases::named(name).expect("a case"), 1);
        let (after, score) = planned(&before);
        assert!(score.bound > 0, "{name}: there is something to do");
        assert_eq!(score.moved, score.bound, "{name}: {score:?}");
        assert_eq!((score.replicas_off, score.leaders_off), (0, 0), "{name}: {score:?}");
        assert_eq!((score.racks_made_worse, score.left_on_leaving, score.factor_changed), (0, 0, 0), "{name}");
        assert!(score.old_to_old <= score.old_to_old_needed, "{name}: {score:?}");
        let (_, again) = planned(&after.settled());
        assert_eq!(again.touched, 0, "{name}: planned again on its own result");
    }
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a time within a thousandth")]
fn the_schedule_is_near_the_bound_that_the_scorer_finds_too() {
    let rate: Rate = "100MB/s".parse().expect("a rate");
    let at_once = NonZeroUsize::new(5).expect("not zero");
    for name in ["S1b", "S2", "S2e"] {
        let before = generate(cases::named(name).expect("a case"), 1);
        let plan = plan_of(&before);
        let bound = busiest(&before, &carried_out(&plan, &before)) as f64 / rate.bytes_per_second() as f64;
        let across = simulate(&plan, Order::AcrossTopics, at_once, rate);
        assert!((across.bound.as_secs_f64() / bound - 1.0).abs() < 0.001, "{name}: {bound} s, {across:?}");
        assert!((1.0..=1.02).contains(&across.ratio()), "{name}: {}", across.ratio());
        let one_topic = simulate(&plan, Order::OneTopic, at_once, rate);
        assert!(one_topic.time >= across.bound, "{name}: {one_topic:?}");
    }
}
