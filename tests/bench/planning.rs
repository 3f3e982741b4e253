//! krun's planner, as an operator starts it: `krun plan --state FILE --json`.

use crate::cluster::cases::Case;
use crate::cluster::{Cluster, Reassignment, Score};
use crate::goals;
use crate::measured::{self, Ran};
use crate::row::{Planned, Planner, Repeated};
use crate::schedule;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Twenty times what the largest case may take.
const DEADLINE: Duration = Duration::from_mins(10);

/// Plans the state twice, and then the result of the plan. The plan is left in `plan`.
pub(crate) fn krun(case: &Case, by: Planner, before: &Cluster, state: &Path, plan: &Path) -> Result<Planned, String> {
    let first = run(by, state)?;
    fs::write(plan, &first.out).map_err(|error| format!("cannot write {}: {error}", plan.display()))?;
    let second = run(by, state)?;
    let after = read(&first.out)?.carried_out(before)?;
    let score = Score::of(before, &after);
    let scratch = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let result = scratch.path().join("state.json");
    write(&after.settled(), &result)?;
    let touched_again = read(&run(by, &result)?.out)?.partitions.len();
    let mut cost = first.cost;
    // The machine may have been busy otherwise: the better time of the two, and the larger peak.
    cost.wall_seconds = cost.wall_seconds.min(second.cost.wall_seconds);
    cost.cpu_seconds = cost.cpu_seconds.min(second.cost.cpu_seconds);
    cost.peak_bytes = cost.peak_bytes.max(second.cost.peak_bytes);
    let repeated = Some(Repeated { same_bytes: first.out == second.out, touched_again });
    let forced_only = by == Planner::KrunForcedOnly;
    let schedule = Some(schedule::of(text(state)?, text(plan)?)?);
    let mut planned =
        Planned { forced_only, score, cost, planning_seconds: None, repeated, schedule, goals: Vec::new() };
    planned.goals = goals::of(case, by, &planned);
    Ok(planned)
}

fn run(by: Planner, state: &Path) -> Result<Ran, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_krun"));
    command.arg("plan").arg("--state").arg(state).arg("--json");
    if by == Planner::KrunForcedOnly {
        command.arg("--forced-only");
    }
    measured::run(&command, DEADLINE)
}

fn read(out: &[u8]) -> Result<Reassignment, String> {
    serde_json::from_slice(out).map_err(|error| format!("what krun says is not Kafka's JSON: {error}"))
}

pub(crate) fn write(cluster: &Cluster, path: &Path) -> Result<(), String> {
    let text = serde_json::to_vec(cluster).map_err(|error| error.to_string())?;
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}
