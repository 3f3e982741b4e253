//! The connection to the cluster that a run is about.

use super::refused::Refused;
use crate::effect;
use crate::error::Error;
use crate::inventory::{Cluster, Entry};
use crate::kafka::Client;
use crate::run::history::History;
use crate::run::store::{About, StateRoot};
use crate::sandbox;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Hears what is only worth knowing.
pub(crate) type Note<'a> = &'a dyn Fn(&str);

/// The cluster that an existing run is about, as it was when the run was begun.
pub(crate) fn cluster_of(about: &About, root: &StateRoot) -> Result<Cluster, Refused> {
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

/// Errors of the client properties are those of somebody who asked for something wrong.
pub(crate) fn connect(runtime: &Runtime, cluster: &Cluster, note: Note<'_>) -> Result<Client, Refused> {
    let reach = cluster.entry().read().map_err(Refused::usage)?;
    reach.warnings.iter().for_each(|warning| note(warning));
    let servers = &cluster.bootstrap_servers;
    let client = runtime.block_on(Client::secured(servers, &reach.security, reach.deadlines));
    let client = client.map_err(|error| match error.code.as_str() {
        // A certificate or key in the files, not the broker's word for a config of its own.
        "INVALID_CONFIG" => Refused::usage(error),
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
pub(crate) fn again(
    runtime: &Runtime,
    cluster: &Cluster,
    history: &History,
    note: Note<'_>,
) -> Result<Client, Refused> {
    let away = match connect(runtime, cluster, note) {
        Err(Refused::Failed(error)) if error.retriable && effect::changed_hosts(history) => error,
        otherwise => return otherwise,
    };
    note(&format!("the cluster cannot be reached: {}; going on with its hosts", away.message));
    let reach = cluster.entry().read().map_err(Refused::usage)?;
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
