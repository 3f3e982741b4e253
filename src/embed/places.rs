//! The hosts of a cluster: as `krun.toml` and the brokers themselves say, noted with the run, and found again from the note.

use crate::error::Error;
use crate::host::{Home, Hosts, Place, Places, Reach, Which};
use crate::inventory::{ChosenCluster, HostSettings};
use crate::kafka::{Client, cluster};
use crate::run::stop::{Level, Stop};
use crate::run::store::{About, StateRoot};
use crate::sandbox::{self, SandboxHost};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What the handbook has, where `krun.toml` says nothing.
const SERVICE: &str = "kafka-server";
const INSTALL_ROOT: &str = "/usr/local";
const LINK: &str = "kafka";
const CONFIG: &str = "config/server.properties";

/// The hosts of all brokers that are registered, and of those that `krun.toml` names; on the sandbox of all that it has.
pub(crate) fn of(
    chosen: &ChosenCluster,
    root: &StateRoot,
    client: &Client,
    runtime: &Runtime,
) -> Result<Places, Error> {
    let registered = runtime.block_on(cluster::describe(client))?.brokers;
    from(chosen, root, &registered.into_iter().map(|broker| (broker.id, broker.host)).collect())
}

/// The same, where the addresses of the registered brokers are known.
pub(crate) fn from(
    chosen: &ChosenCluster,
    root: &StateRoot,
    advertised: &BTreeMap<i32, String>,
) -> Result<Places, Error> {
    let settings = &chosen.settings;
    if chosen.sandbox {
        let reach = Reach::default();
        let place = |(id, name)| (id, Place { home: home(&settings.hosts, name), reach: reach.clone() });
        let brokers = sandbox::destinations(&root.sandbox())?.into_iter().map(place).collect();
        return Ok(Places { others: reach.clone(), brokers });
    }
    let ids = advertised.keys().chain(settings.brokers.keys());
    let place = |id: &i32| {
        let own = settings.brokers.get(id).cloned().unwrap_or_default().or(&settings.hosts);
        let destination = own.host.clone().or_else(|| advertised.get(id).cloned())?;
        Some((*id, Place { home: home(&own, destination), reach: reach(&own) }))
    };
    Ok(Places { others: reach(&settings.hosts), brokers: ids.filter_map(place).collect() })
}

fn home(settings: &HostSettings, destination: String) -> Home {
    let or = |own: &Option<String>, default: &str| own.clone().unwrap_or_else(|| default.to_owned());
    Home {
        destination,
        service: or(&settings.service, SERVICE),
        install_root: or(&settings.install_root, INSTALL_ROOT),
        link: or(&settings.link, LINK),
        config: or(&settings.config, CONFIG),
    }
}

/// By sudo unless somebody says otherwise: root needs none, and nobody else may do what a roll does.
fn reach(settings: &HostSettings) -> Reach {
    Reach {
        user: settings.user.clone(),
        sudo: settings.sudo.unwrap_or(true),
        password: settings.password.clone(),
        ssh_config: settings.ssh_config.clone(),
    }
}

/// For `run.json`: where secrets lie, never one itself.
pub(crate) fn to_note(places: &Places) -> Value {
    serde_json::to_value(places).unwrap_or_default()
}

/// The hosts that a run noted. A run from before krun knew hosts has none.
pub(crate) fn noted(about: &About, root: &StateRoot, stop: &Stop) -> Result<Hosts, Error> {
    let note = &about.hosts;
    let places: Places = if note.is_null() {
        Places::default()
    } else {
        serde_json::from_value(note.clone()).map_err(|error| {
            Error::new("RUN_UNREADABLE", format!("the run's note of its hosts is no such note: {error}"))
        })?
    };
    Ok(hosts(places, about.sandbox, root, stop))
}

/// On the sandbox these are its folders, and nothing beside them: no run of a sandbox may change anything real.
pub(crate) fn hosts(places: Places, sandbox: bool, root: &StateRoot, stop: &Stop) -> Hosts {
    if sandbox {
        return simulated(places, root.sandbox());
    }
    let stop = stop.clone();
    places.hosts(Arc::new(move || stop.level() >= Level::Now))
}

fn simulated(places: Places, folder: PathBuf) -> Hosts {
    let homes: BTreeMap<i32, Home> = places.brokers.into_iter().map(|(id, place)| (id, place.home)).collect();
    let names: BTreeMap<i32, String> = homes.iter().map(|(id, home)| (*id, home.destination.clone())).collect();
    Hosts::new(homes, move |which| match which {
        Which::Broker(id) => {
            let name = names.get(id).cloned().unwrap_or_else(|| sandbox::host_name(*id));
            Ok(Arc::new(SandboxHost::named(&folder, &name)?))
        }
        Which::Ssh(_) | Which::Local => {
            let real = if *which == Which::Local { "this machine".to_owned() } else { which.to_string() };
            let text = format!("{real} is a real host, and a run on the sandbox reaches none");
            Err(Error::new("UNSUPPORTED", text)
                .hint("cluster.host(ID) is the sandbox's own; name a real cluster with --cluster for others"))
        }
    })
}
