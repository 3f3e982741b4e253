//! What the benchmark claims of krun's plans, on its small cases: judged by a scorer that knows nothing of the planner.

use super::cluster::{Cluster, Reassignment, Score, cases, generate};
use krun::plan::{Scope, State, plan};
use std::time::{Duration, Instant};

/// Without optimisation, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(2);

fn planned(cluster: &Cluster) -> (Cluster, Score) {
    let text = serde_json::to_string(cluster).expect("JSON");
    let state: State = serde_json::from_str(&text).expect("the planner reads the generator's states");
    let began = Instant::now();
    let plan = plan(&state, &Scope::default()).expect("a plan");
    assert!(began.elapsed() < PATIENCE, "{} took {:?}", cluster.case, began.elapsed());
    let moves: Reassignment = serde_json::from_str(&plan.kafka_json()).expect("the scorer reads the planner's file");
    let after = moves.carried_out(cluster).expect("a plan that Kafka would take");
    let score = Score::of(cluster, &after);
    (after, score)
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
