//! A broker that was away after its topics had moved leads again before the run calls itself done.

use crate::support::Scene;
use krun::event::Record;
use serde_json::Value;

const SCALE_OUT: [&str; 4] = ["runbooks/scaleout.rhai", "--cluster", "sandbox", "--yes"];

#[test]
fn a_broker_that_was_away_leads_again() {
    let whole = Scene::tiny().krun(&SCALE_OUT).killed_at(u64::MAX).run().expect_code(0);
    let told = whole.stderr.lines().find_map(|line| line.split_once("kill points passed: "));
    let points: u64 = told.and_then(|(_, number)| number.trim().parse().ok()).expect("it counts its points");

    let scene = Scene::tiny();
    // Some topics have moved by then, and others have not.
    assert!(scene.krun(&SCALE_OUT).killed_at(points * 2 / 3).run().was_killed());
    let (topic, partition, leader) = moved_and_led(&scene);
    let at_rest = || scene.dump_at_rest()["topics"][&topic][partition]["leader"].clone();
    scene.control().kill_broker(leader).expect("the sandbox obeys");
    scene.control().start_broker(leader).expect("the sandbox obeys");
    assert_ne!(at_rest(), Value::from(leader), "another replica leads {topic}-{partition} meanwhile");

    let resumed = scene.krun(&["resume"]).run().expect_code(0);
    assert!(resumed.mentions("elect the preferred leaders once more"), "{resumed}");
    assert_eq!(at_rest(), Value::from(leader), "{resumed}");
}

/// A partition with several replicas whose move was finished, and the broker that leads it now.
fn moved_and_led(scene: &Scene) -> (String, usize, i32) {
    let entries = scene.journal().expect("the run has a journal").entries;
    let is_finished = |step: &[String]| {
        entries.iter().any(|entry| matches!(&entry.record, Record::StepFinished { path, .. } if path == step))
    };
    let moves = entries.iter().filter_map(|entry| match &entry.record {
        Record::EffectIntent(intent) if intent.effect == "alter_partition_reassignments" => Some(intent),
        _ => None,
    });
    let partitions = moves.filter(|intent| is_finished(&intent.path)).flat_map(|intent| {
        let topic = intent.args["topic"].as_str().unwrap_or_default().to_owned();
        let partitions = intent.args["partitions"].as_object().into_iter().flatten();
        partitions.map(move |(id, to)| (topic.clone(), id.parse().unwrap_or_default(), to.clone()))
    });
    let mut wanted = partitions.filter(|(_, _, to)| to.as_array().is_some_and(|to| to.len() > 1));
    let (topic, partition, to) = wanted.next().expect("a partition with several replicas has moved");
    let leader = to[0].as_i64().and_then(|id| i32::try_from(id).ok()).expect("a broker id");
    (topic, partition, leader)
}
