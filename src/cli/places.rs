//! The hosts of a cluster: as `krun.toml` and the brokers themselves say, noted with the run, and found again from the note.

use crate::error::Error;
use crate::host::{Home, Hosts, Place, Places, Reach};
use crate::inventory::{Cluster, HostSettings};
use crate::kafka::{Client, cluster};
use crate::run::stop::{Level, Stop};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What the handbook has, where `krun.toml` says nothing.
const SERVICE: &str = "kafka-server";
const INSTALL_ROOT: &str = "/usr/local";
const LINK: &str = "kafka";
const CONFIG: &str = "config/server.properties";

/// The hosts of all brokers that are registered, and of those that `krun.toml` names.
pub(crate) fn of(settings: &Cluster, client: &Client, runtime: &Runtime) -> Result<Places, Error> {
    let registered = runtime.block_on(cluster::describe(client))?.brokers;
    Ok(from(settings, &registered.into_iter().map(|broker| (broker.id, broker.host)).collect()))
}

/// The same, where the addresses of the registered brokers are known.
pub(crate) fn from(settings: &Cluster, advertised: &BTreeMap<i32, String>) -> Places {
    let ids = advertised.keys().chain(settings.brokers.keys());
    let place = |id: &i32| {
        let own = settings.brokers.get(id).cloned().unwrap_or_default().or(&settings.hosts);
        let destination = own.host.clone().or_else(|| advertised.get(id).cloned())?;
        Some((*id, Place { home: home(&own, destination), reach: reach(&own) }))
    };
    Places { others: reach(&settings.hosts), brokers: ids.filter_map(place).collect() }
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
pub(crate) fn noted(note: &Value, stop: &Stop) -> Result<Hosts, Error> {
    let places: Places = if note.is_null() {
        Places::default()
    } else {
        serde_json::from_value(note.clone()).map_err(|error| {
            Error::new("RUN_UNREADABLE", format!("the run's note of its hosts is no such note: {error}"))
        })?
    };
    Ok(hosts(places, stop))
}

pub(crate) fn hosts(places: Places, stop: &Stop) -> Hosts {
    let stop = stop.clone();
    places.hosts(Arc::new(move || stop.level() >= Level::Now))
}
