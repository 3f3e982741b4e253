//! `krun hosts`: the machine of every broker, and whether it is fit for work on it.
//!
//! It ends with 1 unless all are.

mod fitness;
mod told;

use crate::cli::arguments::Shared;
use crate::cli::{Code, Complaint, Done, connect, screen};
use crate::embed::places;
use crate::error::Error;
use crate::host::identity::Known;
use crate::host::ssh::Access;
use crate::host::{Command, Facts, Home, Hosts, Machine, Which};
use crate::inventory::ChosenCluster;
use crate::kafka::cluster;
use crate::quantity::Version;
use crate::run::stop::Stop;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many hosts are asked at a time: a jump host takes few connections at once (`MaxStartups` of `sshd_config(5)` is 10).
const AT_ONCE: usize = 8;

/// The cluster, as far as it could be asked.
#[derive(Default)]
struct Registered {
    cluster_id: String,
    /// By broker: where it is advertised.
    addresses: BTreeMap<i32, (String, u16)>,
}

/// One host. `--json` prints it as it is, a line a host.
#[derive(Debug, Clone, Serialize)]
struct Row {
    broker: i32,
    host: String,
    /// Whether nothing was found that is in the way of work on it.
    fit: bool,
    /// What is in the way.
    faults: Vec<String>,
    reachable: bool,
    /// How one got in.
    access: Option<Access>,
    home: Home,
    facts: Option<Facts>,
    /// What `kafka-topics.sh --version` says below the link, where it is there.
    tools_version: Option<String>,
    error: Option<Error>,
}

pub(super) fn hosts(shared: &Shared) -> Done {
    let root = shared.root()?;
    let chosen = connect::choose(shared, &root, None)?;
    let registered = registered(&chosen)?;
    let advertised = registered.addresses.iter().map(|(id, (host, _))| (*id, host.clone())).collect();
    let places = places::from(&chosen, &root, &advertised)?;
    let hosts = places::hosts(places, chosen.sandbox, &root, &Stop::default());
    let rows = all(&hosts, &registered);
    if shared.json {
        for row in &rows {
            screen::json_line(&serde_json::to_value(row).unwrap_or_default());
        }
    } else {
        for line in told::rows(&rows, usize::from(screen::columns(shared))) {
            screen::line(&line);
        }
    }
    Ok(if !rows.is_empty() && rows.iter().all(|row| row.fit) { Code::DONE } else { Code::number(1) })
}

/// A cluster that is down has hosts to look at all the more: then those that `krun.toml` names.
fn registered(chosen: &ChosenCluster) -> Result<Registered, Complaint> {
    let runtime = connect::runtime()?;
    let found = connect::connect(&runtime, &chosen.settings)
        .and_then(|client| runtime.block_on(cluster::describe(&client)).map_err(Complaint::from));
    match found {
        Ok(cluster) => {
            let address = |broker: cluster::Broker| (broker.id, (broker.host, broker.port));
            let addresses = cluster.brokers.into_iter().map(address).collect();
            Ok(Registered { cluster_id: cluster.cluster_id, addresses })
        }
        Err(Complaint::Failed(error)) if chosen.settings.brokers.values().any(|own| own.host.is_some()) => {
            screen::note(&format!("only the hosts that krun.toml names: {}", error.message));
            Ok(Registered {
                cluster_id: chosen.settings.cluster_id.clone().unwrap_or_default(),
                ..Registered::default()
            })
        }
        Err(complaint) => Err(complaint),
    }
}

/// Asks all hosts, some at a time.
fn all(hosts: &Hosts, registered: &Registered) -> Vec<Row> {
    let brokers: Vec<i32> = hosts.brokers().collect();
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(brokers.len()) {
            scope.spawn(|| {
                while let Some(broker) = brokers.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Ok(home) = hosts.home(*broker) {
                        let row = one(hosts, *broker, home, registered);
                        rows.lock().unwrap_or_else(PoisonError::into_inner).insert(*broker, row);
                    }
                }
            });
        }
    });
    rows.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn one(hosts: &Hosts, broker: i32, home: &Home, registered: &Registered) -> Row {
    let mut row = Row {
        broker,
        host: home.destination.clone(),
        fit: false,
        faults: Vec::new(),
        reachable: false,
        access: None,
        home: home.clone(),
        facts: None,
        tools_version: None,
        error: None,
    };
    let asked = hosts.machine(&Which::Broker(broker)).and_then(|machine| {
        row.access = machine.access()?;
        row.reachable = true;
        row.tools_version = tools_version(&*machine, home);
        machine.facts(home)
    });
    match asked {
        Ok(facts) => {
            let port = registered.addresses.get(&broker).map(|(_, port)| *port);
            let known = Known { broker, cluster_id: &registered.cluster_id, port };
            row.faults = fitness::faults(known, &row.host, home, &facts);
            row.faults.extend(fitness::of_tools(row.tools_version.as_deref(), &facts));
            row.facts = Some(facts);
        }
        Err(error) => {
            row.faults = vec![error.message.clone()];
            row.error = Some(error);
        }
    }
    row.fit = row.faults.is_empty();
    row
}

/// A minute of a Java that starts on a busy host is much.
const TOOLS: &str = r#"[ -x "$1" ] && exec timeout 60 "$1" --version"#;

/// A host of the sandbox runs nothing.
fn tools_version(machine: &dyn Machine, home: &Home) -> Option<String> {
    let program = format!("{}/bin/kafka-topics.sh", home.link_path());
    let output = machine.run(&Command::new(TOOLS).argument(program)).ok().filter(|output| output.status == 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let word = text.lines().next_back()?.split_whitespace().next()?;
    word.parse::<Version>().ok().map(|version| version.to_string())
}
