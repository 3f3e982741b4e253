//! Apache's own planner beside krun's: the algorithm of `kafka-reassign-partitions --generate`, from the real jars.

use crate::cluster::{Cluster, Reassignment, Score};
use crate::jars::Kafka;
use crate::measured;
use crate::row::Planned;
use std::fs;
use std::path::Path;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_mins(10);
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/GenerateAssignment.java");

/// A million partitions are two gigabytes to it.
const JVM: [&str; 2] = ["-Xmx6g", "-XX:+UseSerialGC"];

/// Java runs the program from its source, which only a JDK does. The plan is left in `plan`.
pub(crate) fn generate(kafka: &Kafka, before: &Cluster, state: &Path, plan: &Path) -> Result<Planned, String> {
    let mut command = kafka.command(&JVM);
    command.arg(PROGRAM).arg(state).arg(before.seed.to_string());
    let wants_a_jdk = |error: String| {
        let named = error.contains("jdk.compiler");
        if named { format!("a JDK is wanted, and there is only a JRE: {error}") } else { error }
    };
    let ran = measured::run(&command, DEADLINE).map_err(wants_a_jdk)?;
    fs::write(plan, &ran.out).map_err(|error| format!("cannot write {}: {error}", plan.display()))?;
    let proposed: Reassignment =
        serde_json::from_slice(&ran.out).map_err(|error| format!("not Kafka's JSON: {error}"))?;
    let score = Score::of(before, &proposed.carried_out(before)?);
    let planning_seconds = ran.said.lines().find_map(|line| line.strip_prefix("seconds ")?.parse().ok());
    let cost = ran.cost;
    Ok(Planned { forced_only: false, score, cost, planning_seconds, repeated: None, schedule: None, goals: Vec::new() })
}
