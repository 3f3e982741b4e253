//! What one look at a broker's host finds.

use super::sshd::{self, Sshd};
use krun::error::{Error, Failure};
use krun::host::facts::{Facts, LogDir};
use krun::host::local::Local;
use krun::host::machine::{Disk, Keeping, Kind, Process, Service};
use krun::host::provision::Provision;
use krun::host::remote::Remote;
use krun::host::{Command, Home, Machine, Output, Shell, Sudo};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Two versions and a link to the older one, and a log dir of broker 3.
pub(super) fn furnish(root: &Path, cluster_id: &str, broker: i32) {
    let data = root.join("data one");
    fs::create_dir_all(&data).expect("a folder");
    for version in ["2.1.1", "2.6.3"] {
        let folder = root.join(format!("kafka_2.12-{version}"));
        fs::create_dir_all(folder.join("libs")).expect("a folder");
        fs::create_dir_all(folder.join("config")).expect("a folder");
        fs::create_dir_all(folder.join("logs")).expect("a folder");
        fs::write(folder.join(format!("libs/kafka_2.12-{version}.jar")), "").expect("a file");
        let text = format!(
            "# broker.id=9\nbroker.id={broker}\nlisteners=PLAINTEXT://:9092\nlog.dirs=/nowhere, \\\n  {}\n",
            data.display()
        );
        fs::write(folder.join("config/server.properties"), text).expect("a file");
    }
    symlink("kafka_2.12-2.1.1", root.join("kafka")).expect("a link");
    let said = "INFO Kafka version : 2.1.1 (org.apache)\nINFO started\n";
    fs::write(root.join("kafka/logs/server.log"), said).expect("a file");
    fs::write(data.join("meta.properties"), format!("#\nversion=0\nbroker.id={broker}\ncluster.id={cluster_id}\n"))
        .expect("a file");
}

pub(super) fn home(root: &Path) -> Home {
    Home {
        destination: "kafka3".to_owned(),
        service: "kafka-server".to_owned(),
        install_root: root.to_string_lossy().into_owned(),
        link: "kafka".to_owned(),
        config: "config/server.properties".to_owned(),
    }
}

fn remote(shell: Arc<dyn Shell>) -> Remote {
    Remote::new("kafka3", shell, Sudo::No, Arc::new(|| false))
}

/// A machine that has only single questions, as the sandbox's have.
struct OneByOne(Remote);

impl Machine for OneByOne {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn run(&self, command: &Command) -> Result<Output, Failure> {
        self.0.run(command)
    }
    fn provision(&self) -> &dyn Provision {
        self.0.provision()
    }
    fn kind(&self, path: &str) -> Result<Kind, Error> {
        self.0.kind(path)
    }
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.read_file(path)
    }
    fn checksum(&self, path: &str) -> Result<Option<String>, Error> {
        self.0.checksum(path)
    }
    fn read_link(&self, path: &str) -> Result<Option<String>, Error> {
        self.0.read_link(path)
    }
    fn glob(&self, pattern: &str) -> Result<Vec<String>, Error> {
        self.0.glob(pattern)
    }
    fn disk(&self, path: &str) -> Result<Disk, Error> {
        self.0.disk(path)
    }
    fn write_file(&self, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Failure> {
        self.0.write_file(path, bytes, keeping)
    }
    fn copy_file(&self, from: &str, to: &str) -> Result<(), Failure> {
        self.0.copy_file(from, to)
    }
    fn remove_file(&self, path: &str) -> Result<(), Failure> {
        self.0.remove_file(path)
    }
    fn link(&self, path: &str, target: &str) -> Result<(), Failure> {
        self.0.link(path, target)
    }
    fn service(&self, unit: &str) -> Result<Service, Error> {
        self.0.service(unit)
    }
    fn start_service(&self, unit: &str, limit: Duration) -> Result<(), Failure> {
        self.0.start_service(unit, limit)
    }
    fn stop_service(&self, unit: &str, limit: Duration) -> Result<(), Failure> {
        self.0.stop_service(unit, limit)
    }
    fn service_log(&self, unit: &str, lines: u32) -> Result<String, Error> {
        self.0.service_log(unit, lines)
    }
    fn process(&self, pid: u32) -> Result<Process, Error> {
        self.0.process(pid)
    }
    fn clock(&self) -> Result<i64, Error> {
        self.0.clock()
    }
}

#[track_caller]
fn are_those_of_broker_3(facts: &Facts) {
    assert_eq!(facts.link.as_deref(), Some("kafka_2.12-2.1.1"));
    assert_eq!(facts.link_version.as_deref(), Some("2.1.1"));
    assert_eq!(facts.installed, ["kafka_2.12-2.1.1", "kafka_2.12-2.6.3"]);
    assert_eq!((facts.config.broker_id, facts.config.ports.as_slice()), (Some(3), &[9092][..]));
    let [nowhere, data] = facts.log_dirs.as_slice() else { panic!("{:?}", facts.log_dirs) };
    assert_eq!((nowhere.path.as_str(), nowhere.broker_id, nowhere.disk), ("/nowhere", None, None));
    assert!(data.path.ends_with("data one") && data.disk.is_some(), "{data:?}");
    assert_eq!((data.broker_id, data.cluster_id.as_deref()), (Some(3), Some("c1")));
    assert!(facts.clock.ahead_ms.abs() <= facts.clock.within_ms + 1, "one clock: {:?}", facts.clock);
}

#[test]
fn one_look_finds_what_single_questions_find() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    furnish(scratch.path(), "c1", 3);
    let home = home(scratch.path());
    let facts = remote(Arc::new(Local)).facts(&home).expect("they are told");
    are_those_of_broker_3(&facts);
    assert_eq!(facts.logged_version.as_deref(), Some("2.1.1"));
    assert!(!facts.user.is_empty());
    let asked = OneByOne(remote(Arc::new(Local))).facts(&home).expect("they are told");
    are_those_of_broker_3(&asked);
    // Between the two looks the clock went on, and others wrote to the disk.
    let log_dirs = facts.log_dirs.iter().zip(&asked.log_dirs);
    let log_dirs = log_dirs.map(|(one, other)| LogDir { disk: other.disk, ..one.clone() }).collect();
    assert_eq!(Facts { clock: asked.clock, user: String::new(), logged_version: None, log_dirs, ..facts }, asked);
    if sshd::is_here() {
        let server = Sshd::start();
        are_those_of_broker_3(&remote(Arc::new(server.client())).facts(&home).expect("they are told"));
    }
}

#[test]
fn a_bare_host_has_few_facts_and_no_error() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let facts = remote(Arc::new(Local)).facts(&home(scratch.path())).expect("they are told");
    assert_eq!((facts.link, facts.installed.len(), facts.config.found, facts.log_dirs.len()), (None, 0, false, 0));
}

#[test]
fn a_file_is_made_once() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let path = scratch.path().join("lock").to_string_lossy().into_owned();
    let machine = remote(Arc::new(Local));
    let made: usize = std::thread::scope(|scope| {
        let one = |nth: usize| {
            let (machine, path) = (machine.clone(), path.clone());
            scope.spawn(move || machine.create_file(&path, format!("{nth}").as_bytes()).expect("an answer"))
        };
        let all: Vec<_> = (0..8).map(one).collect();
        all.into_iter().map(|one| usize::from(one.join().expect("no panic"))).sum()
    });
    assert_eq!(made, 1);
    assert_eq!(fs::read_dir(scratch.path()).expect("a folder").count(), 1, "nothing else is left");
    assert_eq!(
        machine.create_file("/no/such/folder/lock", b"").expect_err("it has no folder").error().code,
        "NO_SUCH_FOLDER"
    );
}
