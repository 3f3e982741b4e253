//! Which cluster a command is about, and the connection to it.

use crate::cli::arguments::Shared;
use crate::cli::{Complaint, person, screen};
use crate::embed::connect;
pub(crate) use crate::embed::connect::{entry_to_note, runtime};
use crate::error::Error;
use crate::inventory::{ChosenCluster, Cluster, Inventory};
use crate::kafka::Client;
use crate::run::store::StateRoot;
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

/// What is only worth knowing about the way in goes to the screen.
pub(crate) fn connect(runtime: &Runtime, cluster: &Cluster) -> Result<Client, Complaint> {
    Ok(connect::connect(runtime, cluster, &screen::note)?)
}
