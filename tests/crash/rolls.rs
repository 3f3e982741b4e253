//! Runbooks that stop, change and start brokers on their hosts, killed at any point: resumed they end as if nobody had, with every
//! broker started as often; aborted, every broker runs what lies behind its link, no host is locked, and whoever begins anew
//! goes through.

use super::cases;
use crate::support::{Command, Scene};
use krun::host::Machine;
use krun::sandbox::{SandboxHost, host_name};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Roll {
    Upgrade,
    /// All brokers at once.
    Downtime,
    /// Of brokers whose protocol is still pinned.
    Downgrade,
    Restart,
}

const OLD: &str = "2.1.1";
const NEW: &str = "2.6.3";
const BROKERS: [i32; 4] = [1, 2, 3, 4];
const CONFIG: &str = "/usr/local/kafka/config/server.properties";
const QUICK: [&str; 5] = ["--stable", "10ms", "--steady", "10ms", "--allow-offline=peter-scaleout1"];

/// A host, as its operator sees it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    link: Option<String>,
    jars: Vec<String>,
    config: String,
    /// How often its broker was started.
    starts: usize,
    is_locked: bool,
}

struct Stage {
    scene: Scene,
    roll: Roll,
    /// Runs that made the cluster what it was before.
    earlier: Vec<PathBuf>,
}

impl Roll {
    const ALL: [Self; 4] = [Self::Upgrade, Self::Downtime, Self::Downgrade, Self::Restart];

    fn arguments(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Upgrade => &["runbooks/upgrade.rhai", "--to", NEW, "--canary", "50"],
            Self::Downtime => &["runbooks/upgrade.rhai", "--to", NEW, "--downtime"],
            Self::Downgrade => &["runbooks/downgrade.rhai", "--to", OLD, "--canary", "0"],
            Self::Restart => &["runbooks/restart.rhai", "--canary", "0"],
        };
        [own, &QUICK, &["--cluster", "sandbox"]].concat()
    }

    fn ends_with(self) -> &'static str {
        match self {
            Self::Upgrade | Self::Downtime => NEW,
            Self::Downgrade | Self::Restart => OLD,
        }
    }
}

impl Stage {
    fn of(roll: Roll) -> Self {
        let scene = Scene::with_sandbox(&["--kafka", OLD, "--data", "tiny", "--copy-rate", "1000MB", "--idle", "2m"]);
        if roll == Roll::Downgrade {
            // Up to the question that nobody answers.
            let words = [&Roll::Upgrade.arguments()[..], &["--yes"]].concat();
            scene.krun(&words).run().expect_code(4);
            scene.krun(&["abort"]).run().expect_code(0);
        }
        let earlier = scene.runs();
        Self { scene, roll, earlier }
    }

    fn run(&self) -> Command {
        self.scene.krun(&[&self.roll.arguments()[..], &ANSWERS].concat())
    }

    fn resume(&self) -> Command {
        self.scene.krun(&[&["resume"][..], &ANSWERS].concat())
    }

    fn look(&self) -> Vec<Seen> {
        let folder = self.scene.state().join("sandbox");
        let on = |id: i32, path: &str| folder.join(format!("hosts/{id}{path}"));
        let look = |id: i32| {
            let host = SandboxHost::named(&folder, &host_name(id)).expect("the sandbox has this host");
            let unit = host.service("kafka-server").expect("it has the unit");
            let log = fs::read_to_string(on(id, "/var/log/kafka/server.log")).expect("it has a log");
            Seen {
                link: host.read_link("/usr/local/kafka").expect("it is a link"),
                jars: unit.main_pid.map(|pid| host.process(pid).expect("it runs").jars).unwrap_or_default(),
                config: without_ports(&fs::read_to_string(on(id, CONFIG)).expect("a file")),
                starts: log.matches("Kafka version").count(),
                is_locked: on(id, "/usr/local/.krun.lock").exists(),
            }
        };
        BROKERS.into_iter().map(look).collect()
    }

    /// Whether the run has begun, and whether it is over.
    fn stands(&self) -> (bool, bool) {
        let Some(journal) = self.scene.journal_besides(&self.earlier) else { return (false, false) };
        let last = journal.entries.last().map(|entry| serde_json::to_string(&entry.record).expect("a record is JSON"));
        (true, last.is_some_and(|last| last.contains("session_ended") && last.contains("\"as\":\"done\"")))
    }
}

/// Each sandbox has ports of its own.
fn without_ports(text: &str) -> String {
    let lines = text.lines().map(|line| if line.contains("listeners=") { "listeners" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

const ANSWERS: [&str; 3] = ["--yes", "--accept", "unpin the protocol"];

/// Where a run ends that nobody interrupts, and how many points it has.
fn reference(roll: Roll) -> &'static (Vec<Seen>, u64) {
    static ALL: [OnceLock<(Vec<Seen>, u64)>; Roll::ALL.len()] = [const { OnceLock::new() }; Roll::ALL.len()];
    let index = Roll::ALL.iter().position(|one| *one == roll).expect("it is one of all");
    ALL[index].get_or_init(|| {
        let stage = Stage::of(roll);
        let ended = stage.run().killed_at(u64::MAX).run().expect_code(0);
        let told = format!("{ended}");
        let points = told.split("kill points passed: ").nth(1).and_then(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        let seen = stage.look();
        let wanted = format!("-{}", roll.ends_with());
        let is_done = |one: &Seen| {
            let runs = one.jars.iter().any(|jar| jar.contains(&wanted));
            runs && !one.is_locked && one.link.as_ref().is_some_and(|link| link.ends_with(&wanted))
        };
        assert!(seen.iter().all(is_done), "{seen:#?}; {ended}");
        (seen, points.unwrap_or_else(|| panic!("the number of points is told: {ended}")))
    })
}

fn resumed(roll: Roll, every: usize) {
    let (wanted, points) = reference(roll);
    cases::run(
        &format!("resume {roll:?}"),
        cases::chosen(1..=*points, every),
        |n| format!("killed at {n}"),
        |n| {
            let stage = Stage::of(roll);
            assert!(stage.run().killed_at(*n).run().was_killed());
            let (begun, done) = stage.stands();
            if !begun {
                stage.run().run().expect_code(0);
            } else if !done {
                stage.resume().run().expect_code(0);
            }
            assert_eq!(&stage.look(), wanted, "killed at {n}");
        },
    );
}

fn aborted(roll: Roll, every: usize) {
    let (_, points) = reference(roll);
    cases::run(
        &format!("abort {roll:?}"),
        cases::chosen(1..=*points, every),
        |n| format!("killed at {n}"),
        |n| {
            let stage = Stage::of(roll);
            assert!(stage.run().killed_at(*n).run().was_killed());
            let (begun, done) = stage.stands();
            if begun && !done {
                let ended = stage.scene.krun(&["abort"]).run().expect_code(0);
                for (id, seen) in BROKERS.into_iter().zip(stage.look()) {
                    let link = seen.link.clone().unwrap_or_default();
                    assert!(!seen.is_locked, "broker {id} is locked; {ended}");
                    assert!(
                        seen.jars.iter().all(|jar| jar.contains(&link)),
                        "broker {id} runs another: {seen:?}; {ended}"
                    );
                    assert!(!seen.jars.is_empty(), "broker {id} is down: {seen:?}; {ended}");
                }
                stage.scene.dump_at_rest();
            }
            let ended = stage.run().run().expect_code(0);
            let wanted = roll.ends_with();
            for (id, seen) in BROKERS.into_iter().zip(stage.look()) {
                assert!(seen.jars.iter().all(|jar| jar.contains(wanted)), "broker {id}: {seen:?}; {ended}");
                assert!(
                    roll != Roll::Upgrade || !seen.config.contains("protocol.version"),
                    "broker {id}: {seen:?}; {ended}"
                );
            }
        },
    );
}

#[test]
fn an_upgrade_is_resumed() {
    resumed(Roll::Upgrade, 41);
}

#[test]
fn an_upgrade_is_aborted() {
    aborted(Roll::Upgrade, 43);
}

#[test]
fn an_upgrade_with_downtime_is_resumed() {
    resumed(Roll::Downtime, 23);
}

#[test]
fn an_upgrade_with_downtime_is_aborted() {
    aborted(Roll::Downtime, 29);
}

#[test]
fn a_downgrade_is_resumed() {
    resumed(Roll::Downgrade, 31);
}

#[test]
fn a_downgrade_is_aborted() {
    aborted(Roll::Downgrade, 37);
}

#[test]
fn a_restart_is_resumed() {
    resumed(Roll::Restart, 23);
}

#[test]
fn a_restart_is_aborted() {
    aborted(Roll::Restart, 29);
}
