//! One sandbox, and one scale-out on it.

use crate::carried::{self, Carried};
use crate::cluster::State;
use crate::measured::{self, Cost};
use krun::sandbox;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const KRUN: &str = env!("CARGO_BIN_EXE_krun");
const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/scaleout.rhai");
const DEADLINE: Duration = Duration::from_mins(20);

pub(crate) struct Wish {
    pub(crate) order: &'static str,
    pub(crate) only: Option<&'static str>,
    /// Bytes per second.
    pub(crate) throttle: u64,
}

pub(crate) struct Told {
    pub(crate) carried: Carried,
    pub(crate) cost: Cost,
}

pub(crate) fn scale_out(state: &State, wish: &Wish) -> Result<Told, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let file = folder.path().join("cluster.json");
    fs::write(&file, state.text()).map_err(|error| format!("the state cannot be written: {error}"))?;
    let root = folder.path().join("krun");
    start(&root, &file)?;
    let told = on_it(&root, state, wish);
    sandbox::stop(&root.join("sandbox")).map_err(|error| error.to_string())?;
    told
}

/// Brokers that take in ten times as much as the throttle lets through.
fn start(root: &Path, file: &Path) -> Result<(), String> {
    let started = Command::new(KRUN)
        .args(["sandbox", "start", "--copy-rate", "1000MB", "--twin"])
        .arg(file)
        .arg("--state")
        .arg(root)
        .output()
        .map_err(|error| error.to_string())?;
    if started.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&started.stderr).into_owned()) }
}

fn on_it(root: &Path, state: &State, wish: &Wish) -> Result<Told, String> {
    let throttle = format!("{}B/s", wish.throttle);
    let mut command = Command::new(KRUN);
    command.args([RUNBOOK, "--cluster", "sandbox", "--yes", "--order", wish.order, "--throttle", &throttle]);
    command.args(wish.only.into_iter().flat_map(|topic| ["--only", topic]));
    command.arg("--state").arg(root);
    let ran = measured::run(&command, DEADLINE)?;
    let mut runs = fs::read_dir(root.join("runs")).map_err(|error| error.to_string())?;
    let run = runs.find_map(Result::ok).ok_or("there is no run")?;
    Ok(Told { carried: carried::read(&run.path(), state, wish.throttle)?, cost: ran.cost })
}
