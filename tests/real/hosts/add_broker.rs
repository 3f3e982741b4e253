//! `runbooks/add_broker.rhai` on a real host that has systemd, Java and nothing of a broker: a fourth broker of a running cluster,
//! killed on the way, from a release that comes over SSH.

use super::super::jars::Kafka;
use super::super::krun::Ended;
use super::OLD;
use super::files::{self, CONFIG, UNIT};
use super::lab::Lab;
use krun::host::Machine;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(10);
/// What the lab puts on every host, and a new one does not have.
const STRIP: &str = "rm -rf /usr/local/kafka* /etc/systemd/system/kafka-server.service /var/lib/kafka /var/log/kafka && \
                     userdel kafka && systemctl daemon-reload";

#[test]
fn a_bare_host_becomes_a_broker() {
    let Some(kafka) = super::kafka() else { return };
    let mut lab = Lab::start(&kafka, &[1, 2, 3, 4]);
    lab.hosts[3].ssh(STRIP);
    lab.start_some(3);
    let release = release(&kafka, lab.folder.path());
    let address = lab.hosts[3].address.to_string();
    let dist = release.to_string_lossy().into_owned();
    let words = [
        "runbooks/add_broker.rhai",
        "--cluster",
        "real",
        "--id",
        "4",
        "--dist",
        &dist,
        "--address",
        &address,
        "--steady",
        "2s",
        "--yes",
        "--json",
    ];
    let krun = lab.krun();
    // Killed while the release is under way.
    let mut running = krun.start(&words);
    let begun = Instant::now();
    while !running.has_said("kafka_2.12-2.1.1 to arrive on the host of broker 4") {
        if let Some(ended) = running.ended() {
            panic!("it ended before anything was sent: {ended}");
        }
        assert!(begun.elapsed() < PATIENCE, "nothing is sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    running.sigkill();
    let installed = "ls -d /usr/local/kafka_2.12-2.1.1 2>/dev/null || echo none";
    lab.say(&format!("killed; on the host: {}", lab.hosts[3].ssh(installed)));
    let done: Ended = krun.start(&["resume", "--yes", "--json"]).wait_for(PATIENCE).expect_code(0);
    assert!(done.mentions("runbooks/scaleout.rhai"), "{done}");
    let new = &lab.hosts[3];
    assert_eq!(super::super::partition::brokers(&format!("{address}:9092")), Some(4));
    assert_eq!(new.ssh("readlink /usr/local/kafka"), format!("kafka_2.12-{OLD}"));
    let owners = "stat -L -c '%n %U:%G %a' /usr/local/kafka /var/lib/kafka /usr/local/kafka/config/server.properties";
    assert_eq!(new.ssh(owners), lab.hosts[0].ssh(owners));
    let unit = format!("cat /etc/systemd/system/{UNIT}.service");
    assert_eq!(new.ssh(&unit), lab.hosts[0].ssh(&unit));
    assert_eq!(new.ssh(&format!("systemctl show --value -p NeedDaemonReload {UNIT}")), "no");
    let config = new.ssh(&format!("cat {CONFIG}"));
    assert!(config.contains("broker.id=4\n") && config.contains(&format!("PLAINTEXT://{address}:9092")), "{config}");
    assert_eq!(new.ssh("ls -d /usr/local/*krun-* 2>/dev/null || echo none"), "none");
    let machine = lab.machine(3);
    let pid = machine.service(UNIT).expect("systemd tells").main_pid.expect("it runs");
    assert!(machine.process(pid).expect("it runs").jars.iter().any(|jar| jar.ends_with("kafka_2.12-2.1.1.jar")));
    let used = machine.provision().user_of(&format!("/usr/local/kafka_2.12-{OLD}")).expect("it answers");
    assert!(used.is_some_and(|used| used.contains("/usr/local/kafka points to it")));
    lab.say("a fourth broker is there");
}

/// A folder as an operator has it who unpacked the release; its jars are those of Maven.
fn release(kafka: &Kafka, scratch: &Path) -> PathBuf {
    let release = scratch.join(format!("kafka_2.12-{OLD}"));
    std::fs::create_dir_all(release.join("config")).expect("a folder");
    symlink(&kafka.libs, release.join("libs")).expect("a link");
    std::fs::write(release.join("config/log4j.properties"), files::LOG4J).expect("a written file");
    std::fs::write(release.join("config/server.properties"), files::SHIPPED).expect("a written file");
    release
}
