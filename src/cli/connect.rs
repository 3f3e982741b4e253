//! Which cluster a command is about, and the connection to it.

use crate::cli::arguments::Shared;
use crate::cli::screen;
use crate::cli::{Complaint, person};
use crate::effect;
use crate::error::Error;
use crate::inventory::{ChosenCluster, Cluster, Entry, Inventory};
use crate::kafka::Client;
use crate::run::history::History;
use crate::run::store::{About, StateRoot};
use crate::sandbox::{self, Options, Running};
use serde_json::Value;
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

/// The cluster that an existing run is about, as it was when the run was begun.
pub(crate) fn cluster_of(about: &About, root: &StateRoot) -> Result<Cluster, Complaint> {
    let mut cluster = Cluster { cluster_id: Some(about.cluster_id.clone()), ..Cluster::default() };
    if !about.sandbox {
        cluster.bootstrap_servers.clone_from(&about.bootstrap_servers);
        let Entry { client_properties, password, token_command } = noted_entry(about)?;
        cluster = Cluster { client_properties, password, token_command, ..cluster };
        return Ok(cluster);
    }
    let running = sandbox::find(&root.sandbox())?.filter(|running| running.cluster_id == about.cluster_id);
    let running = running.ok_or_else(|| {
        let text = format!("the sandbox that run {} was on has ended, and its cluster with it", about.run);
        Error::new("SANDBOX_GONE", text).hint("run the runbook again: it begins on a new sandbox")
    })?;
    cluster.bootstrap_servers = running.bootstrap;
    Ok(cluster)
}

/// What a run notes of how to get into its cluster. Nothing for a cluster in plaintext, as from before krun knew another.
pub(crate) fn entry_to_note(cluster: &Cluster) -> Value {
    let entry = cluster.entry();
    if entry == Entry::default() { Value::Null } else { serde_json::to_value(entry).unwrap_or_default() }
}

fn noted_entry(about: &About) -> Result<Entry, Error> {
    if about.entry.is_null() {
        return Ok(Entry::default());
    }
    serde_json::from_value(about.entry.clone()).map_err(|error| {
        let text = format!("the notes of run {} do not say how to get into its cluster: {error}", about.run);
        Error::new("RUN_UNREADABLE", text)
    })
}

/// Errors of the client properties are those of a wrong command; what is only worth knowing is told.
pub(crate) fn connect(runtime: &Runtime, cluster: &Cluster) -> Result<Client, Complaint> {
    let reach = cluster.entry().read().map_err(Complaint::usage)?;
    reach.warnings.iter().for_each(|warning| screen::note(warning));
    let servers = &cluster.bootstrap_servers;
    let client = runtime.block_on(Client::secured(servers, &reach.security, reach.deadlines));
    let client = client.map_err(|error| match error.code.as_str() {
        // A certificate or key in the files, not the broker's word for a config of its own.
        "INVALID_CONFIG" => Complaint::usage(error),
        _ => error.into(),
    })?;
    match cluster.cluster_id.as_deref() {
        Some(wanted) if wanted != client.cluster_id() => {
            let text = format!("{} belong to cluster {}, expected {wanted}", servers.join(","), client.cluster_id());
            let error = Error::new("OTHER_CLUSTER", text);
            Err(error.hint("correct bootstrap_servers or cluster_id in krun.toml").into())
        }
        _ => Ok(client),
    }
}

/// The cluster of a run that is gone on with. One that has changed hosts may have all its brokers down by its own doing: then only
/// what needs the cluster fails.
pub(crate) fn again(runtime: &Runtime, cluster: &Cluster, history: &History) -> Result<Client, Complaint> {
    let away = match connect(runtime, cluster) {
        Err(Complaint::Failed(error)) if error.retriable && effect::changed_hosts(history) => error,
        otherwise => return otherwise,
    };
    screen::note(&format!("the cluster cannot be reached: {}; going on with its hosts", away.message));
    let reach = cluster.entry().read().map_err(Complaint::usage)?;
    let id = cluster.cluster_id.as_deref().unwrap_or_default();
    Ok(Client::unasked(&cluster.bootstrap_servers, &reach.security, reach.deadlines, id)?)
}

pub(crate) fn runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new("NO_THREADS", format!("cannot start threads: {error}")))
}
