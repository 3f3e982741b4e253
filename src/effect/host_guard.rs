//! Before a run changes anything on the host of a broker: is it that broker's host, and is no other run at work there?
//!
//! The lock is a file that names its run. It stays until the run is over, also while nobody is at work on it: a run that was
//! killed has something half done. Only hosts of brokers have one.

use crate::effect::connection::{Connection, INTERRUPTED};
use crate::effect::install;
use crate::effect::on_host::which;
use crate::effect::run_command;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::identity::{self, Known};
use crate::host::{Home, Machine, Which, receipt};
use crate::kafka::{Deadlines, cluster};
use crate::run::effects::Caller;
use crate::run::trouble::{Halt, Trouble};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the lock says.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    run: String,
    runbook: String,
    who: String,
    /// From where.
    host: String,
    since: Timestamp,
}

/// How often the host is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Before the first change of a session.
    Once,
    /// Before this one anyway.
    Again,
}

/// How long a cluster is asked that may be down.
const BRIEF: Duration = Duration::from_secs(5);

/// Errors: `OTHER_BROKER`; `HOST_LOCKED` ends the session.
pub(super) fn admit(connection: &Connection, args: &Value, caller: &Caller<'_>, look: Look) -> Result<(), Trouble> {
    let Which::Broker(broker) = which(args)? else { return Ok(()) };
    let is_first = !connection.hosts.is_looked_at(broker);
    if !is_first && look == Look::Once {
        return Ok(());
    }
    let machine = connection.hosts.machine(&Which::Broker(broker))?;
    let home = connection.hosts.home(broker)?;
    let deadlines = connection.client.deadlines();
    let brief = connection.client.with_deadlines(Deadlines { call: deadlines.call.min(BRIEF), ..deadlines });
    let port = match connection.read(cluster::describe(&brief)) {
        Ok(registered) => registered.brokers.iter().find(|one| one.id == broker).map(|one| one.port),
        // All brokers may be down by this run's own doing; their log dirs say whose they are.
        Err(error) if error.retriable && error.code != INTERRUPTED => None,
        Err(error) => return Err(error.into()),
    };
    let known = Known { broker, cluster_id: connection.client.cluster_id(), port };
    identity::check(known, machine.name(), &machine.identity(home)?)?;
    if is_first {
        (caller.leave_trace)(&Which::Broker(broker).to_string())?;
        lock(&*machine, home, caller)?;
        connection.hosts.set_looked_at(broker);
    }
    Ok(())
}

/// Beside the installed versions, where nobody but those who may change them can write.
fn path(home: &Home) -> String {
    format!("{}/.krun.lock", home.install_root.trim_end_matches('/'))
}

fn lock(machine: &dyn Machine, home: &Home, caller: &Caller<'_>) -> Result<(), Trouble> {
    let path = path(home);
    let holder = Holder {
        run: caller.run.to_owned(),
        runbook: caller.runbook.to_owned(),
        who: caller.who.clone(),
        host: caller.host.clone(),
        since: Timestamp::now(),
    };
    let text = serde_json::to_vec(&holder).unwrap_or_default();
    // Twice: one that is over is taken away, and somebody else may be quicker then.
    for _ in 0..2 {
        match machine.create_file(&path, &text) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            // The connection may have been lost after it was made: then it is found.
            Err(Failure::Unknown(_)) => continue,
            Err(Failure::Refused(error)) => return Err(error.into()),
        }
        let Some(found) = machine.read_file(&path)? else { continue };
        let Ok(other) = serde_json::from_slice::<Holder>(&found) else {
            let text = format!("{}: {path} is there, and does not say whose lock it is", machine.name());
            return Err(blocked(
                Error::new("HOST_LOCKED", text).hint(format!("if no run is open, remove it: rm {path}")),
            ));
        };
        if other.run == caller.run {
            return Ok(());
        }
        if !(caller.is_over)(&other.run) {
            return Err(blocked(held(machine.name(), &path, &other)));
        }
        machine.remove_file(&path).map_err(Error::from)?;
    }
    Err(blocked(Error::new("HOST_LOCKED", format!("{}: another run has just taken {path}", machine.name()))))
}

fn held(name: &str, path: &str, by: &Holder) -> Error {
    let text = format!(
        "{name} is being changed by run {} of {}, begun by {}@{}, since {:.0}",
        by.run, by.runbook, by.who, by.host, by.since
    );
    let hint = format!(
        "on {}: `krun resume {}` goes on with it, `krun abort {}` gives it up; if neither is possible any more, remove {path} on {name}",
        by.host, by.run, by.run
    );
    Error::new("HOST_LOCKED", text).hint(hint)
}

fn blocked(error: Error) -> Trouble {
    Halt::Blocked(error).into()
}

/// Takes the locks and receipts of a run away that is over; of one that goes on, the locks of hosts where it changed nothing.
/// Gives what could not be taken away.
pub(super) fn leave(
    connection: &Connection,
    run: &str,
    did: &[Intent],
    traces: &[String],
    is_over: bool,
) -> Vec<String> {
    let changed: BTreeSet<Which> = did.iter().filter_map(|intent| which(&intent.args).ok()).collect();
    let marked: BTreeSet<Which> = traces.iter().filter_map(|place| place.parse().ok()).collect();
    connection.hosts.look_again();
    let locked: Vec<&Which> = if is_over { marked.iter().collect() } else { marked.difference(&changed).collect() };
    let stays = |error: Error| format!("the lock of this run stays there: {}", error.message);
    let mut cleared = if is_over { install::leave(&connection.hosts, did) } else { Vec::new() };
    let mut left: Vec<String> =
        locked.into_iter().filter_map(|which| unlock(connection, run, which).err()).map(stays).collect();
    left.append(&mut cleared);
    if is_over {
        let commands = did.iter().filter(|intent| intent.effect == run_command::NAME);
        let hosts: BTreeSet<Which> = commands.filter_map(|intent| which(&intent.args).ok()).collect();
        let clear = |which: &Which| receipt::clear(&*connection.hosts.machine(which)?, run);
        let stays = |error: Error| format!("the receipts of this run stay there: {}", error.message);
        left.extend(hosts.iter().filter_map(|which| clear(which).err()).map(stays));
    }
    left
}

fn unlock(connection: &Connection, run: &str, which: &Which) -> Result<(), Error> {
    let Which::Broker(broker) = which else { return Ok(()) };
    let machine = connection.hosts.machine(which)?;
    let path = path(connection.hosts.home(*broker)?);
    let Some(found) = machine.read_file(&path)? else { return Ok(()) };
    match serde_json::from_slice::<Holder>(&found) {
        Ok(holder) if holder.run == run => machine.remove_file(&path).map_err(Error::from),
        _ => Ok(()),
    }
}
