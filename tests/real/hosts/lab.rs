//! Three hosts with a broker each, a `ZooKeeper` beside them, and the way in.

use super::super::cluster;
use super::super::jars::Kafka;
use super::super::krun::Krun;
use super::super::node::Node;
use super::super::partition::{self, Partition};
use super::super::reaper::Reaper;
use super::files::{self, UNIT};
use super::host::Host;
use krun::host::Sudo;
use krun::host::remote::Remote;
use krun::host::ssh::Ssh;
use krun::host::ssh::config::Configuration;
use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(3);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub(super) struct Lab {
    pub(super) hosts: Vec<Host>,
    zookeeper: Node,
    since: Instant,
    reaper: Reaper,
    pub(super) folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Lab {
    /// Hosts without a broker that runs.
    pub(super) fn start(kafka: &Kafka, ids: &[i32]) -> Self {
        let turn = cluster::turn();
        let since = Instant::now();
        let folder = tempfile::Builder::new()
            .prefix("hosts-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("the target folder takes a lab");
        let net = free_net();
        let address = |id: i32| Ipv4Addr::new(127, net[0], net[1], u8::try_from(id).expect("hosts have small ids"));
        let keys = folder.path();
        for name in ["host_key", "id"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(keys.join(name));
            assert!(keygen.status().expect("ssh-keygen runs").success());
        }
        fs::write(keys.join("ssh_config"), ssh_config(ids, address, keys)).expect("a written file");
        fs::write(keys.join("known_hosts"), known_hosts(ids, address, keys)).expect("a written file");
        let at = format!("{}:2181", address(100));
        let dist = kafka.libs.parent().and_then(Path::parent).expect("versions lie side by side");
        let start = |id: &i32| {
            let (name, files) = (format!("kafka{id}"), folder.path().join(format!("kafka{id}.files")));
            files::write(&files, kafka, *id, address(*id), &at, keys);
            Host::start(&name, address(*id), folder.path(), &files, dist)
        };
        let mut hosts: Vec<Host> = ids.iter().map(start).collect();
        let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
        let zookeeper = Node::new("ZooKeeper", main, folder.path(), |data| {
            super::super::properties::of_zookeeper(at.parse().expect("an address"), data)
        });
        let mut reaper = Reaper::start(folder.path()).expect("sh starts");
        reaper.watch(&hosts.iter().map(Host::pid).collect::<Vec<_>>()).expect("the reaper listens");
        for host in &mut hosts {
            host.wait_up();
        }
        let lab = Self { hosts, zookeeper, since, reaper, folder, _turn: turn };
        lab.say("hosts up");
        lab
    }

    /// Starts `ZooKeeper` and the brokers, and waits until all of them know each other.
    pub(super) fn start_brokers(&mut self) {
        self.start_some(self.hosts.len());
    }

    /// The same of the first hosts only.
    pub(super) fn start_some(&mut self, expected: usize) {
        // That of the newer release: the older one's jars lack what a server needs.
        self.zookeeper.start(&Kafka::resolve_version(super::NEW).expect("it was resolved"));
        let mut all: Vec<u32> = self.hosts.iter().map(Host::pid).collect();
        all.extend(self.zookeeper.pid());
        self.reaper.watch(&all).expect("the reaper listens");
        for host in &self.hosts[..expected] {
            host.ssh(&format!("systemctl start {UNIT}"));
        }
        self.wait_until("all brokers to be registered", |lab| {
            lab.hosts[..expected]
                .iter()
                .all(|host| partition::brokers(&format!("{}:9092", host.address)) == Some(expected))
        });
        self.say("brokers up");
    }

    pub(super) fn bootstrap(&self) -> String {
        self.hosts.iter().map(|host| format!("{}:9092", host.address)).collect::<Vec<_>>().join(",")
    }

    pub(super) fn partitions(&self) -> Vec<Partition> {
        partition::all(&self.bootstrap())
    }

    pub(super) fn wait_whole(&self) {
        self.wait_until("all replicas to be in sync", |lab| lab.partitions().iter().all(Partition::whole));
    }

    pub(super) fn wait_until(&self, what: &str, test: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !test(self) {
            assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// krun's own way to a host.
    pub(super) fn machine(&self, nth: usize) -> Remote {
        self.machine_as(nth, None, Sudo::No)
    }

    /// The same as somebody else, who may be root by sudo.
    pub(super) fn machine_as(&self, nth: usize, user: Option<&str>, sudo: Sudo) -> Remote {
        let file = Some(self.folder.path().join("ssh_config"));
        let configuration = Configuration { file, user: user.map(str::to_owned) };
        let name = &self.hosts[nth].name;
        let ssh = Ssh::to(name, &configuration).expect("ssh knows the host");
        Remote::new(name, Arc::new(ssh), sudo, Arc::new(|| false))
    }

    /// krun with these hosts in its inventory, as the cluster `real`.
    pub(super) fn krun(&self) -> Krun {
        let addresses: Vec<String> = self.hosts.iter().map(|host| format!("{}:9092", host.address)).collect();
        let mut text = format!("[clusters.real]\nbootstrap_servers = {addresses:?}\n\n[clusters.real.hosts]\n");
        let ssh_config = self.folder.path().join("ssh_config");
        let _ = writeln!(text, "service = {UNIT:?}\ninstall_root = \"/usr/local\"\nlink = \"kafka\"");
        let _ = writeln!(
            text,
            "config = \"config/server.properties\"\nsudo = false\nssh_config = {:?}",
            ssh_config.display().to_string()
        );
        text.push_str("\n[clusters.real.brokers]\n");
        for host in &self.hosts {
            let _ = writeln!(text, "{} = {{ host = {:?} }}", host.name.trim_start_matches("kafka"), host.name);
        }
        Krun::with(&text)
    }

    /// How far the test is, for whoever watches CI.
    pub(super) fn say(&self, what: &str) {
        super::super::say(&format!("{what}: {:.1} s since the start", self.since.elapsed().as_secs_f64()));
    }
}

impl Drop for Lab {
    /// After a panic, what the brokers said last.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for host in &self.hosts {
                let log =
                    host.try_ssh(&format!("systemctl status {UNIT} | head -n 5; journalctl -n 25 -o cat -u {UNIT}"));
                super::super::say(&format!("{}:\n{}", host.name, String::from_utf8_lossy(&log.stdout)));
            }
        }
    }
}

/// Two bytes of loopback addresses where nobody listens, so that another lab on this machine does not answer for this one.
fn free_net() -> [u8; 2] {
    let mut tried = std::process::id();
    loop {
        let [low, high, ..] = tried.to_le_bytes();
        let net = [high | 0x80, low];
        if TcpListener::bind((Ipv4Addr::new(127, net[0], net[1], 1), 22)).is_ok() {
            return net;
        }
        tried += 1;
    }
}

fn ssh_config(ids: &[i32], address: impl Fn(i32) -> Ipv4Addr, keys: &Path) -> String {
    let mut text = String::new();
    for id in ids {
        let _ = writeln!(text, "Host kafka{id}\n  HostName {}", address(*id));
    }
    let path = |name: &str| keys.join(name).display().to_string();
    let _ = writeln!(
        text,
        "Host *\n  User root\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {}\n  \
         GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  ConnectTimeout 20",
        path("id"),
        path("known_hosts")
    );
    text
}

fn known_hosts(ids: &[i32], address: impl Fn(i32) -> Ipv4Addr, keys: &Path) -> String {
    let key = fs::read_to_string(keys.join("host_key.pub")).expect("a key");
    let lines: Vec<String> = ids.iter().map(|id| format!("{} {key}", address(*id))).collect();
    lines.concat()
}
