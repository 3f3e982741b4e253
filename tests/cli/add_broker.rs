//! `runbooks/add_broker.rhai` on a bare host of the sandbox: a broker like the others, killed anywhere, and what is refused.

use super::child::Live;
use super::place::Place;
use crate::support::distribution;
use krun::host::Machine;
use krun::sandbox::{SandboxHost, host_name};
use rustix::process::Signal;
use std::fs;
use std::net::TcpListener;

const NEW: i32 = 5;
const CONFIG: &str = "/usr/local/kafka/config/server.properties";

/// A cluster with a bare host, a release for it, and a port for its broker.
struct Stage {
    place: Place,
    words: Vec<String>,
    port: u16,
}

impl Stage {
    fn new() -> Self {
        let place = Place::with_bare_host("2.6.3");
        let release = distribution::folder(place.scratch(), "2.6.3", 1000);
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
        let dist = release.to_string_lossy().into_owned();
        let words = ["runbooks/add_broker.rhai", "--id", "5", "--steady", "10ms", "--dist", &dist, "--port"];
        let words = words.into_iter().map(str::to_owned).chain([port.to_string()]).collect();
        Self { place, words, port }
    }

    fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).chain(["--yes"]).collect()
    }

    fn host(&self) -> SandboxHost {
        SandboxHost::named(&self.place.sandbox_folder(), &host_name(NEW)).expect("the sandbox has this host")
    }

    fn is_registered(&self) -> bool {
        let dump = self.place.control().dump().expect("the sandbox tells its state");
        dump["brokers"]["5"]["alive"] == true
    }

    /// The new broker runs the release of the others, from a configuration like theirs.
    #[track_caller]
    fn is_there(&self, at: u64) {
        let host = self.host();
        let unit = host.service("kafka-server").expect("the host answers");
        let pid = unit.main_pid.unwrap_or_else(|| panic!("it does not run, killed at {at}"));
        let process = host.process(pid).expect("it runs");
        assert!(process.jars[0].ends_with("/kafka_2.12-2.6.3.jar"), "{:?}, killed at {at}", process.jars);
        assert_eq!(process.ports, [self.port], "killed at {at}");
        assert!(!unit.needs_reload && self.is_registered(), "killed at {at}");
        let text = fs::read_to_string(self.place.on_host(NEW, "/usr/local/kafka_2.12-2.6.3/config/server.properties"));
        let text = text.expect("it has the file");
        for line in
            ["broker.id=5", "log.dirs=/var/lib/kafka", &format!("listeners=PLAINTEXT://sandbox-5:{}", self.port)]
        {
            assert!(text.lines().any(|one| one == line), "{line}: {text}, killed at {at}");
        }
        let left = host.glob("/usr/local/*krun-*").expect("the host answers");
        assert!(left.is_empty(), "{left:?} are left, killed at {at}");
    }
}

#[test]
fn a_bare_host_becomes_a_broker_and_scale_out_goes_on() {
    let stage = Stage::new();
    assert!(!stage.is_registered());
    let log4j = stage.place.on_host(1, "/usr/local/kafka_2.12-2.6.3/config/log4j.properties");
    fs::write(log4j, "log4j.rootLogger=WARN\n").expect("a written file");
    let done = stage.place.krun(&stage.words());
    done.exits(0).says(&["make the user kafka", "install /usr/local/kafka_2.12-2.6.3", "krun runbooks/scaleout.rhai"]);
    stage.is_there(0);
    let log4j = stage.place.on_host(NEW, "/usr/local/kafka_2.12-2.6.3/config/log4j.properties");
    assert_eq!(fs::read_to_string(log4j).expect("it is there"), "log4j.rootLogger=WARN\n", "as on broker 1");
    stage.place.krun(&["runbooks/scaleout.rhai", "--cluster", "sandbox", "--yes"]).exits(0);
    let dump = stage.place.control().dump().expect("the sandbox tells its state").to_string();
    assert!(dump.contains("[5,") || dump.contains(",5"), "broker 5 has got nothing: {dump}");
    let again = stage.place.krun_in_vain(&stage.words());
    again.exits(1).says(&["broker 5 is registered already", "/usr/local/kafka is on the host of broker 5 already"]);
}

#[test]
fn killed_anywhere_it_is_there_in_the_end() {
    let mut killed = 0;
    for nth in (3..).step_by(9) {
        let stage = Stage::new();
        if !killed_at(&stage, nth) {
            break;
        }
        killed += 1;
        stage.place.krun(&["resume", "--yes"]).exits(0);
        stage.is_there(nth);
    }
    assert!(killed >= 4, "{killed} kills are no sample");
}

#[test]
fn killed_anywhere_and_aborted_nothing_half_done_runs() {
    let mut killed = 0;
    for nth in (5..).step_by(13) {
        let stage = Stage::new();
        if !killed_at(&stage, nth) {
            break;
        }
        killed += 1;
        stage.place.krun(&["abort"]).exits(0);
        let unit = stage.host().service("kafka-server").expect("the host answers");
        // The last step may have been finished.
        assert_eq!(unit.main_pid.is_some(), stage.is_registered(), "killed at {nth}");
        let left = stage.host().glob("/usr/local/*krun-*").expect("the host answers");
        assert!(left.is_empty(), "{left:?} are left, killed at {nth}");
        if unit.main_pid.is_none() {
            stage.place.krun(&stage.words()).exits(0);
            stage.is_there(nth);
        }
    }
    assert!(killed >= 3, "{killed} kills are no sample");
}

fn killed_at(stage: &Stage, nth: u64) -> bool {
    let mut command = stage.place.command(&stage.words());
    command.env("KRUN_KILL_AT", nth.to_string());
    let ended = Live::start(command, stage.place.scratch()).ends();
    if ended.stderr.contains("kill points passed") {
        return false;
    }
    ended.was_killed_by(Signal::KILL);
    true
}

#[test]
fn a_host_that_is_not_bare_is_refused() {
    let stage = Stage::new();
    let refused = |says: &[&str]| {
        stage.place.krun_in_vain(&stage.words()).exits(1).says(says);
        stage.place.krun(&["abort"]).exits(0);
    };
    let data = stage.place.on_host(NEW, "/var/lib/kafka/orders-0");
    fs::create_dir_all(&data).expect("a folder");
    refused(&["NOT_FIT_FOR_A_ROLL", "/var/lib/kafka on the host of broker 5 is not empty"]);
    fs::remove_dir(&data).expect("it goes");
    let keystore = stage.place.on_host(1, "/usr/local/kafka_2.12-2.6.3/config/keystore.jks");
    fs::write(&keystore, b"\xfe\xed\xfe\xed").expect("a written file");
    refused(&["config/keystore.jks of broker 1 is no text", "--leave keystore.jks"]);
    fs::remove_file(&keystore).expect("it goes");
    let java = stage.place.on_host(NEW, "/usr/lib/jvm/java-11/release");
    fs::write(&java, "JAVA_VERSION=\"1.7.0\"\n").expect("a written file");
    refused(&["needs Java 8"]);
    fs::write(&java, "JAVA_VERSION=\"11.0.25\"\n").expect("a written file");
    let unit = stage.place.on_host(NEW, "/etc/systemd/system/kafka-server.service");
    fs::write(&unit, "[Service]\nExecStart=/bin/another\n").expect("a written file");
    stage.host().provision().reload_units().expect("the host obeys");
    refused(&["has a unit kafka-server already"]);
    fs::remove_file(&unit).expect("it goes");
    stage.host().provision().reload_units().expect("the host obeys");
    fs::remove_dir_all(stage.place.scratch().join("kafka_2.12-2.6.3/libs")).expect("it goes");
    stage
        .place
        .krun_in_vain(&stage.words())
        .exits(1)
        .says(&["NOT_A_RELEASE", "there is no libs/kafka_SCALA-VERSION.jar"]);
    assert!(!stage.place.on_host(NEW, CONFIG).exists());
}

#[test]
fn a_closed_window_lets_no_host_be_touched() {
    let stage = Stage::new();
    let hour = (jiff::Timestamp::now().as_second() / 3600 + 12) % 24;
    let window = format!("{hour:02}:00-{hour:02}:01 UTC");
    let ended = stage.place.krun(&[&stage.words()[..], &["--window", &window]].concat());
    ended.exits(130).says(&["has been closed since"]);
    assert!(!stage.place.on_host(NEW, "/usr/local/kafka").exists() && !stage.is_registered());
    stage.place.krun(&["abort"]).exits(0);
}
