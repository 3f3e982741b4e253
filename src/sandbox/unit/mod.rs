//! The systemd of the sandbox's hosts: one unit a host, the broker.
//!
//! ```text
//! furnish      the folder of a host
//! boot         what a broker that starts finds there
//! settings     what it makes of its file
//! protocol     inter.broker.protocol.version
//! server_log   what it says
//! state        one unit, as systemd knows it
//! ```

mod boot;
pub(super) mod furnish;
mod protocol;
mod server_log;
mod settings;
mod state;

use super::cluster::Cluster;
use super::fault::HostFault;
use super::host;
use super::options::Options;
use super::wire::listeners::Listeners;
use super::world::World;
use crate::error::Error;
use crate::host::machine::{Disk, Process, Service};
use boot::Died;
use furnish::{Furniture, UNIT};
use server_log::{append, line};
use state::{State, Unit, unit_file, unknown};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a broker takes to stop.
const STOPS_FOR: Duration = Duration::from_millis(100);
/// What a JVM that was stopped well ends with: 128 and SIGTERM.
const STOPPED: i32 = 143;
/// `SIGKILL`.
const KILLED: i32 = 9;
const FIRST_PID: u32 = 1001;

/// The units of all hosts, by the ids of the brokers. Whoever starts or stops one keeps the others waiting.
pub(super) struct Units {
    all: Mutex<All>,
}

struct All {
    units: BTreeMap<i32, Unit>,
    next_pid: u32,
}

impl Units {
    /// Makes the hosts of all brokers anew, and starts those brokers that live; the bare ones have nothing of a broker.
    pub(super) fn furnish(dir: &Path, cluster: &mut Cluster, options: &Options) -> Result<Self, Error> {
        let hosts = host::folder(dir);
        match std::fs::remove_dir_all(&hosts) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(furnish::unusable(&hosts, &why)),
            _ => {}
        }
        let mut all = All { units: BTreeMap::new(), next_pid: FIRST_PID };
        let ids: Vec<i32> = cluster.brokers.keys().copied().collect();
        for id in ids {
            let port = cluster.brokers.get(&id).map_or(0, |broker| broker.port);
            let furniture =
                Furniture { id, cluster_id: &cluster.id, port, guise: cluster.guise, clean_every: options.clean_every };
            let root = furniture.write(dir)?;
            let mut unit = Unit::of(root);
            if cluster.is_alive(id) {
                let pid = all.take_pid();
                let booted = unit.begin(&unit.around(id, cluster));
                let booted = booted.map_err(|died| Error::new("SANDBOX_FAILED", died.says.join("\n")))?;
                unit.enter(id, pid, booted, cluster);
            }
            all.units.insert(id, unit);
        }
        for id in options.bare() {
            all.units.insert(id, Unit::of(furnish::bare(dir, id)?));
        }
        Ok(Self { all: Mutex::new(all) })
    }

    /// `systemctl start`. What becomes of the broker is another question. `NO_SUCH_SERVICE`.
    pub(super) async fn start(&self, id: i32, name: &str, world: &World, listeners: &Listeners) -> Result<(), Error> {
        let mut all = self.all.lock().await;
        let pid = all.take_pid();
        let unit = all.known(id, name)?;
        if matches!(unit.state, State::Running(_)) {
            return Ok(());
        }
        let around = world.with(|cluster| unit.around(id, cluster));
        let mut booted = unit.begin(&around);
        if let Ok(up) = &booted
            && up.is_at_its_address
            && let Err(why) = listeners.open(id, up.port).await
        {
            booted = Err(Died { status: 1, says: vec![format!("java.net.BindException: {why}")] });
        }
        match booted {
            Ok(booted) => world.with(|cluster| {
                let is_at_its_address = booted.is_at_its_address;
                cluster.welcome(id, booted.port, booted.guise);
                unit.enter(id, pid, booted, cluster);
                if is_at_its_address {
                    cluster.start_broker(id);
                    unit.say_who_is_apart(id, cluster);
                }
            }),
            Err(died) => {
                append(&unit.root, &died.says);
                unit.state = State::Failed { result: "exit-code", status: died.status };
            }
        }
        world.changed.notify_waiters();
        Ok(())
    }

    /// `systemctl stop`: the broker hands its leaderships over, and its process ends. `NO_SUCH_SERVICE`.
    pub(super) async fn stop(&self, id: i32, name: &str, world: &World, listeners: &Listeners) -> Result<(), Error> {
        let mut all = self.all.lock().await;
        let unit = all.known(id, name)?;
        if !matches!(unit.state, State::Running(_)) {
            return Ok(());
        }
        let says =
            |text: &str| vec![line("INFO", &format!("[KafkaServer id={id}] {text}"), "kafka.server.KafkaServer")];
        append(&unit.root, &says("shutting down"));
        world.with(|cluster| cluster.kill_broker(id));
        world.changed.notify_waiters();
        tokio::time::sleep(STOPS_FOR).await;
        listeners.close(id).await;
        append(&unit.root, &says("shut down completed"));
        unit.state = State::Inactive(Some(STOPPED));
        Ok(())
    }

    /// Starts the broker as its unit does; an error where it does not stay up.
    pub(super) async fn start_broker(&self, id: i32, world: &World, listeners: &Listeners) -> Result<(), Error> {
        self.start(id, UNIT, world, listeners).await?;
        let all = self.all.lock().await;
        match all.units.get(&id) {
            Some(unit) if !matches!(unit.state, State::Running(_)) => {
                let message = format!("broker {id} does not start: see {} on its host", host::LOG);
                Err(Error::new("SANDBOX_BROKER_DIED", message))
            }
            _ => Ok(()),
        }
    }

    /// Its process was killed from outside.
    pub(super) async fn killed(&self, id: i32) {
        self.ended(id, "signal", KILLED).await;
    }

    /// It has ended by itself, over its disk.
    pub(super) async fn halted(&self, id: i32) {
        if let Some(unit) = self.all.lock().await.units.get(&id) {
            let text = format!("Shutdown broker because all log dirs in {} have failed", furnish::DATA);
            append(&unit.root, &[line("ERROR", &text, "kafka.log.LogManager")]);
        }
        self.ended(id, "exit-code", 1).await;
    }

    async fn ended(&self, id: i32, result: &'static str, status: i32) {
        let mut all = self.all.lock().await;
        if let Some(unit) = all.units.get_mut(&id).filter(|unit| matches!(unit.state, State::Running(_))) {
            unit.state = State::Failed { result, status };
        }
    }

    /// `systemctl show`.
    pub(super) async fn service(&self, id: i32, name: &str) -> Service {
        let mut all = self.all.lock().await;
        if let Ok(unit) = all.known(id, name) {
            return unit.show();
        }
        all.units.get(&id).and_then(|unit| unit.show_other(name)).unwrap_or_else(unknown)
    }

    /// Whether there is such a host.
    pub(super) async fn has(&self, id: i32) -> bool {
        self.all.lock().await.units.contains_key(&id)
    }

    /// `systemctl daemon-reload`.
    pub(super) async fn reload(&self, id: i32) {
        if let Some(unit) = self.all.lock().await.units.get_mut(&id) {
            unit.text = unit_file(&unit.root, UNIT).unwrap_or_default();
        }
    }

    /// `NO_SUCH_PROCESS`.
    pub(super) async fn process(&self, id: i32, pid: u32) -> Result<Process, Error> {
        let all = self.all.lock().await;
        match all.units.get(&id).map(|unit| &unit.state) {
            Some(State::Running(running)) if running.pid == pid => {
                let java = all.units.get(&id).and_then(|unit| furnish::java(&unit.root));
                Ok(Process { jars: vec![running.jar.clone()], ports: vec![running.port], java })
            }
            _ => {
                let text = format!("{}: there is no process {pid} any more", host::host_name(id));
                Err(Error::new("NO_SUCH_PROCESS", text).retriable())
            }
        }
    }

    pub(super) async fn disk(&self, id: i32, world: &World) -> Disk {
        let is_full = self.all.lock().await.units.get(&id).is_some_and(|unit| unit.faults.disk_full);
        world.with(|cluster| {
            let total_bytes = cluster.disk_size(id);
            let free_bytes = if is_full { 0 } else { total_bytes.saturating_sub(cluster.disk_used(id)) };
            Disk { total_bytes, free_bytes }
        })
    }

    pub(super) async fn fault(&self, id: i32, fault: HostFault) {
        let mut all = self.all.lock().await;
        let Some(unit) = all.units.get_mut(&id) else { return };
        match fault {
            HostFault::DiesAtStart { says } => unit.faults.dies.push(says),
            HostFault::PortTaken { is } => unit.faults.port_taken = is,
            HostFault::DiskFull { is } => unit.faults.disk_full = is,
            HostFault::SlowToReturn { milliseconds } => unit.faults.slow = Duration::from_millis(milliseconds),
        }
    }
}

impl All {
    fn take_pid(&mut self) -> u32 {
        self.next_pid += 1;
        self.next_pid
    }

    fn known(&mut self, id: i32, name: &str) -> Result<&mut Unit, Error> {
        let is_known = name == UNIT || Some(name) == UNIT.strip_suffix(".service");
        self.units.get_mut(&id).filter(|unit| is_known && !unit.text.is_empty()).ok_or_else(|| {
            let text = format!("{}: Unit {name} not found", host::host_name(id));
            Error::new("NO_SUCH_SERVICE", text).hint("the broker's unit on a host of the sandbox is kafka-server")
        })
    }
}
