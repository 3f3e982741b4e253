//! krun's planner measured, in one table: `cargo bench --bench planner`.
//!
//! ```text
//! options   which cases and seeds
//! cluster   makes the states, and judges the plans: knows nothing of how krun plans
//! planning  `krun plan` as an operator starts it: twice on the same state, once on its own result
//! apache    the algorithm of `kafka-reassign-partitions --generate` on the same state, from the real jars
//! measured  a command and what it cost
//! schedule  how long the moves take beside what the bandwidth allows
//! goals     what each figure should be
//! row table what came of it, as JSON lines or for people
//! ```
//!
//! It ends with 1 where a goal is missed.

mod apache;
mod cluster;
mod goals;
#[path = "../support/jars.rs"]
mod jars;
mod measured;
mod options;
mod planning;
mod row;
mod schedule;
mod table;

use clap::Parser;
use cluster::cases::Case;
use cluster::{Cluster, Intent, generate};
use jars::Kafka;
use options::Options;
use row::{Outcome, Planned, Planner, Row};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == measured::MEASURE) {
        return measured::measure(arguments);
    }
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here; the table is made by `cargo bench --bench planner`");
        return ExitCode::SUCCESS;
    }
    match table(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Makes the table, and tells whether all goals are met.
fn table(options: &Options) -> Result<bool, String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let folder = options.keep.as_deref().unwrap_or(scratch.path());
    fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    let apache = (!options.without_apache).then(Kafka::resolve);
    if let Some(Err(missing)) = &apache {
        eprintln!("NO APACHE ROWS: {missing}");
    }
    let mut rows = Vec::new();
    for (case, seed) in options.chosen() {
        let before = rows.len();
        rows.extend(one(case, seed, options, folder, apache.as_ref())?);
        for row in rows[before..].iter().filter(|_| options.json) {
            println!("{}", serde_json::to_string(row).map_err(|error| error.to_string())?);
        }
    }
    if !options.json {
        print!("{}", table::of(&rows, jars::VERSION));
    }
    Ok(rows.iter().all(Row::holds))
}

/// The rows of one state.
fn one(
    case: &'static Case,
    seed: u64,
    options: &Options,
    folder: &Path,
    apache: Option<&Result<Kafka, String>>,
) -> Result<Vec<Row>, String> {
    let name = format!("{}-{seed}", case.name);
    let cluster = match &options.from {
        Some(given) => read(&given.join(format!("{name}.json")))?,
        None => generate(case, seed),
    };
    let state = folder.join(format!("{name}.json"));
    planning::write(&cluster, &state)?;
    let row = |planner, planned: Result<Planned, String>| {
        let outcome = match planned {
            Ok(planned) => Outcome::Planned(Box::new(planned)),
            Err(failed) => Outcome::Failed { failed },
        };
        Row { case: case.name, seed, planner, outcome }
    };
    let plan = |planner: Planner| {
        eprintln!("{name}: {}", planner.name());
        folder.join(format!("{name}.{}.json", planner.name()))
    };
    let krun = |planner| row(planner, planning::krun(case, planner, &cluster, &state, &plan(planner)));
    let mut rows = vec![krun(Planner::Krun)];
    if cluster.intent != Intent::ScaleOut {
        rows.push(krun(Planner::KrunForcedOnly));
    }
    if let Some(kafka) = apache {
        let kafka = kafka.as_ref().map_err(|missing| format!("NO APACHE HERE: {missing}"));
        let planned = kafka.and_then(|kafka| apache::generate(kafka, &cluster, &state, &plan(Planner::Apache)));
        rows.push(row(Planner::Apache, planned));
    }
    Ok(rows)
}

fn read(path: &Path) -> Result<Cluster, String> {
    let text = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}
