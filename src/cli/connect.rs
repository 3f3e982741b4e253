//! Which cluster a command is about, and the connection to it.

use crate::cli::arguments::Shared;
use crate::cli::{Complaint, person};
use crate::error::Error;
use crate::inventory::{ChosenCluster, Inventory};
use crate::kafka::{Client, Deadlines};
use crate::run::store::{About, StateRoot};
use crate::sandbox::{self, Options, Running};
use std::path::Path;
use tokio::runtime::Runtime;

/// The cluster that a new run works on, or that a command asks. The sandbox is started where it is not running.
pub(crate) fn choose(shared: &Shared, root: &StateRoot, runbook: Option<&Path>) -> Result<ChosenCluster, Complaint> {
    let here =
        std::env::current_dir().map_err(|error| Error::new("NO_FOLDER", format!("no working directory: {error}")))?;
    let beside = runbook.map(|runbook| runbook.parent().unwrap_or(Path::new(".")));
    let inventory = Inventory::find(&here, beside, shared.config.as_deref()).map_err(Complaint::usage)?;
    let mut chosen = inventory.cluster(shared.cluster.as_deref(), person::is_there()).map_err(Complaint::usage)?;
    if chosen.sandbox {
        let running = start_sandbox(root)?;
        chosen.settings.bootstrap_servers = running.bootstrap;
        chosen.settings.cluster_id = Some(running.cluster_id);
    }
    Ok(chosen)
}

fn start_sandbox(root: &StateRoot) -> Result<Running, Complaint> {
    let program = std::env::current_exe()
        .map_err(|error| Error::new("SANDBOX_FAILED", format!("krun's own program is not found: {error}")))?;
    Ok(sandbox::start(&program, &root.sandbox(), &Options::default())?)
}

/// The servers of the cluster that an existing run is about.
pub(crate) fn servers_of(about: &About, root: &StateRoot) -> Result<Vec<String>, Complaint> {
    if !about.sandbox {
        return Ok(about.bootstrap_servers.clone());
    }
    let running = sandbox::find(&root.sandbox())?.filter(|running| running.cluster_id == about.cluster_id);
    let running = running.ok_or_else(|| {
        let text = format!("the sandbox that run {} was on has ended, and its cluster with it", about.run);
        Error::new("SANDBOX_GONE", text).hint("run the runbook again: it begins on a new sandbox")
    })?;
    Ok(running.bootstrap)
}

pub(crate) fn connect(runtime: &Runtime, servers: &[String], cluster_id: Option<&str>) -> Result<Client, Error> {
    let client = runtime.block_on(Client::connect(servers, Deadlines::default()))?;
    match cluster_id {
        Some(wanted) if wanted != client.cluster_id() => {
            let text = format!("{} belong to cluster {}, expected {wanted}", servers.join(","), client.cluster_id());
            Err(Error::new("OTHER_CLUSTER", text).hint("correct bootstrap_servers or cluster_id in krun.toml"))
        }
        _ => Ok(client),
    }
}

pub(crate) fn runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new("NO_THREADS", format!("cannot start threads: {error}")))
}
