//! One unit: the broker of one host, as systemd knows it.

use super::boot::{self, Around, Booted, Died};
use super::furnish::{UNIT, UNITS};
use super::server_log::{append, line};
use crate::host::machine::Service;
use crate::sandbox::cluster::Cluster;
use crate::sandbox::host::path::Root;
use std::time::Duration;

/// Of whatever else runs on a host.
const OTHER_PID: u32 = 700;

pub(super) struct Unit {
    pub(super) root: Root,
    /// The unit file as systemd has read it.
    pub(super) text: String,
    pub(super) state: State,
    pub(super) invocation: String,
    pub(super) faults: Faults,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    Running(Running),
    /// It never ran, or was stopped: its exit status.
    Inactive(Option<i32>),
    Failed {
        result: &'static str,
        status: i32,
    },
}

/// As it was when it started.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Running {
    pub(super) pid: u32,
    pub(super) jar: String,
    pub(super) port: u16,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) dies: Vec<String>,
    pub(super) port_taken: bool,
    pub(super) disk_full: bool,
    pub(super) slow: Duration,
}

impl Unit {
    /// As systemd finds it when the host comes up.
    pub(super) fn of(root: Root) -> Self {
        let text = unit_file(&root, UNIT).unwrap_or_default();
        Self { root, text, state: State::Inactive(None), invocation: String::new(), faults: Faults::default() }
    }

    pub(super) fn around(&self, id: i32, cluster: &Cluster) -> Around {
        Around {
            id,
            port: cluster.brokers.get(&id).map(|broker| broker.port),
            cluster_id: cluster.id.clone(),
            cluster: cluster.guise,
            disk_is_full: self.faults.disk_full,
            port_is_taken: self.faults.port_taken,
        }
    }

    /// A start, as far as the host goes.
    pub(super) fn begin(&mut self, around: &Around) -> Result<Booted, Died> {
        self.invocation = uuid::Uuid::new_v4().simple().to_string();
        if !self.faults.dies.is_empty() {
            return Err(Died { status: 1, says: vec![self.faults.dies.remove(0)] });
        }
        boot::boot(&self.root, &self.command(), around)
    }

    /// The broker is up, and the cluster knows what it is.
    pub(super) fn enter(&mut self, id: i32, pid: u32, booted: Booted, cluster: &mut Cluster) {
        append(&self.root, &booted.says);
        cluster.set_generation(id, booted.guise, booted.protocol, self.faults.slow);
        cluster.configs.set_file(id, booted.file, booted.defaults);
        self.state = State::Running(Running { pid, jar: booted.jar, port: booted.port });
    }

    /// What brokers say that do not understand each other.
    pub(super) fn say_who_is_apart(&self, id: i32, cluster: &Cluster) {
        let (leaders, followers) = cluster.apart_from(id);
        let fails = |leader: &i32| {
            let text = format!(
                "[ReplicaFetcher replicaId={id}, leaderId={leader}, fetcherId=0] Error in response for fetch request: \
                 java.io.IOException: Connection to {leader} was disconnected before the response was read"
            );
            line("WARN", &text, "kafka.server.ReplicaFetcherThread")
        };
        let refuses = |follower: &i32| {
            let text = format!(
                "Exception while processing request from broker {follower}: \
                 org.apache.kafka.common.errors.UnsupportedVersionException: Received request for api FETCH with a version \
                 that is not supported"
            );
            line("ERROR", &text, "kafka.network.Processor")
        };
        append(&self.root, &leaders.iter().map(fails).chain(followers.iter().map(refuses)).collect::<Vec<_>>());
    }

    /// What the unit starts, as systemd has read it.
    fn command(&self) -> String {
        self.text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap_or_default().to_owned()
    }

    /// Another unit of its host, where there is a file of it: something that runs, and that nobody starts or stops.
    pub(super) fn show_other(&self, name: &str) -> Option<Service> {
        let file = if name.contains('.') { name.to_owned() } else { format!("{name}.service") };
        unit_file(&self.root, &file).filter(|_| Some(name) != UNIT.strip_suffix(".service") && name != UNIT)?;
        Some(Service {
            load: "loaded".to_owned(),
            active: "active".to_owned(),
            sub: "running".to_owned(),
            result: "success".to_owned(),
            main_pid: Some(OTHER_PID),
            unit_file: format!("{UNITS}/{file}"),
            ..Service::default()
        })
    }

    pub(super) fn show(&self) -> Service {
        let (active, sub, result, status) = match &self.state {
            State::Running(_) => ("active", "running", "success", None),
            State::Inactive(status) => ("inactive", "dead", "success", *status),
            State::Failed { result, status } => ("failed", "failed", *result, Some(*status)),
        };
        let main_pid = match &self.state {
            State::Running(running) => Some(running.pid),
            State::Inactive(_) | State::Failed { .. } => None,
        };
        Service {
            load: "loaded".to_owned(),
            active: active.to_owned(),
            sub: sub.to_owned(),
            result: result.to_owned(),
            main_pid,
            invocation: self.invocation.clone(),
            restarts: 0,
            exit_status: status.or(Some(0)),
            needs_reload: unit_file(&self.root, UNIT).as_ref() != Some(&self.text),
            unit_file: format!("{UNITS}/{UNIT}"),
            command: self.command(),
        }
    }
}

pub(super) fn unit_file(root: &Root, name: &str) -> Option<String> {
    std::fs::read_to_string(root.place(&format!("{UNITS}/{name}")).ok()?).ok()
}

/// What systemd says of a unit that is not there.
pub(super) fn unknown() -> Service {
    Service {
        load: "not-found".to_owned(),
        active: "inactive".to_owned(),
        sub: "dead".to_owned(),
        result: "success".to_owned(),
        ..Service::default()
    }
}
