//! `runbooks/upgrade.rhai` on three real brokers, 2.1.1 to 2.6.3 in both passes, while somebody writes: a new version that does not
//! start, a krun that is killed while a broker is down, and in the end nothing lost.

use super::super::jars::Kafka;
use super::super::krun::{Ended, Krun, Running};
use super::super::records::create_topic;
use super::super::tools::Tools;
use super::figures::Roll;
use super::files::{CONFIG, UNIT};
use super::host::Host;
use super::lab::Lab;
use super::writer::{self, Writer};
use super::{NEW, OLD};
use krun::run::journal;
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

const UPGRADE: [&str; 9] =
    ["runbooks/upgrade.rhai", "--cluster", "real", "--to", NEW, "--stable", "3s", "--yes", "--json"];
pub(super) const ACCEPT: [&str; 2] = ["--accept", "unpin the protocol"];
/// On an idle machine it takes two minutes.
const PATIENCE: Duration = Duration::from_mins(15);

#[test]
fn brokers_go_to_another_version_and_nothing_is_lost() {
    let Some(kafka) = super::kafka() else { return };
    let mut lab = Lab::start(&kafka, &[1, 2, 3]);
    lab.start_brokers();
    let bootstrap = lab.bootstrap();
    create_topic(&bootstrap, "orders", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]], &[("retention.ms", "86400000")]);
    let before = Writer::start(&bootstrap, "orders");
    std::thread::sleep(Duration::from_secs(2));
    let before = before.stop();
    assert_eq!(writer::read(&bootstrap, "orders", 3, "billing"), before.acknowledged);
    create_topic(&bootstrap, "live", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]], &[]);
    lab.wait_whole();
    let own_config: Vec<String> = lab.hosts.iter().map(|host| host.ssh(&format!("cat {CONFIG}"))).collect();
    lab.say("records written and read");

    let live = Writer::start(&bootstrap, "live");
    let krun = lab.krun();
    a_new_version_that_does_not_start(&lab, &krun);
    lab.say("a new version that does not start");
    killed_while_a_broker_is_down(&lab, &krun);
    lab.say("killed while a broker is down");
    let resumed = to_its_end(krun.start(&["resume", "--yes", "--json"])).expect_code(4);
    assert!(resumed.mentions("unpin the protocol"), "{resumed}");
    lab.say(&nothing_lost(&resumed));
    for host in &lab.hosts {
        assert_eq!(runs(&lab, host), NEW, "{}", host.name);
        let config = host.ssh(&format!("cat {CONFIG}"));
        assert!(config.contains("inter.broker.protocol.version=2.1\n"), "{config}");
    }
    lab.say("all brokers swapped");

    let done = to_its_end(krun.start(&[&["resume", "--yes", "--json"], &ACCEPT[..]].concat())).expect_code(0);
    lab.say(&nothing_lost(&done));
    lab.say("protocol unpinned");
    lab.say(&figures(&krun).to_string());
    let live = live.stop();
    for (host, own) in lab.hosts.iter().zip(&own_config) {
        assert_eq!(runs(&lab, host), NEW, "{}", host.name);
        assert_eq!(host.ssh(&format!("cat {CONFIG}")), *own, "{}: as its owner wrote it", host.name);
    }
    lab.wait_whole();
    let partitions = lab.partitions();
    assert_eq!(partitions.iter().find(|partition| !partition.led_by_preferred()), None);
    let tools = Tools::new(Kafka::resolve().expect("the tools are there"), bootstrap.clone(), lab.folder.path());
    assert_eq!(tools.topics(), partitions, "Kafka's own tool and librdkafka see the same");
    assert_eq!(tools.configs().value("topic orders", "retention.ms"), Some("86400000"));
    let committed: usize = tools
        .groups(&["--describe", "--group", "billing"])
        .iter()
        .filter_map(|line| line.get(3)?.parse::<usize>().ok())
        .sum();
    assert_eq!(committed, before.acknowledged.len(), "committed offsets of billing");
    assert_eq!(live.refused, [], "no record was refused");
    assert!(live.acknowledged.len() > 200 * usize::try_from(live.lasted.as_secs()).expect("it fits"), "{live:?}");
    let read = writer::read(&bootstrap, "live", 3, "watching");
    assert_eq!(live.acknowledged.difference(&read).count(), 0, "acknowledged, and not there");
    assert_eq!(writer::read(&bootstrap, "orders", 3, "billing"), before.acknowledged);
    lab.say(&format!(
        "{} records acknowledged in {} s, none lost, the slowest after {} ms",
        live.acknowledged.len(),
        live.lasted.as_secs(),
        live.slowest.as_millis()
    ));
}

/// The verdict of krun's own canary, for the log.
#[track_caller]
fn nothing_lost(ended: &Ended) -> String {
    let mut judged = ended.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let judged = judged.rfind(|event| event["kind"] == "canary_judged");
    let verdict = judged.unwrap_or_else(|| panic!("no canary was judged: {ended}"))["verdict"].take();
    assert!(verdict["acked"].as_u64() > Some(1000) && verdict["read"] == verdict["acked"], "{verdict}");
    for none in ["lost", "unread", "expired", "duplicates"] {
        assert_eq!(verdict[none], 0, "{none}: {verdict}");
    }
    // librdkafka gives up what it has queued where a broker that has just started knows no topic yet; it says so to whoever sends.
    let why = verdict["failed_because"].as_str().unwrap_or_default();
    assert!(verdict["failed"] == 0 || why.contains("Local: Unknown topic"), "{verdict}");
    format!("krun's canary: {verdict}")
}

/// The jars of the new version are missing on one host: the old version is running there again, and no other broker was touched.
fn a_new_version_that_does_not_start(lab: &Lab, krun: &Krun) {
    for host in &lab.hosts {
        host.ssh(&format!("mv /usr/local/kafka_2.12-{NEW}/libs /usr/local/kafka_2.12-{NEW}/gone"));
    }
    let started: Vec<String> = lab.hosts.iter().map(started).collect();
    let failed = to_its_end(krun.start(&UPGRADE)).expect_code(1);
    assert!(failed.mentions("did not stay up") && failed.mentions("ClassNotFoundException: kafka.Kafka"), "{failed}");
    assert!(!failed.mentions("shut down completed"), "lines of the start before: {failed}");
    let again = lab.hosts.iter().zip(&started).filter(|(host, before)| self::started(host) != **before);
    assert_eq!(again.count(), 1, "one broker was stopped and started again");
    for host in &lab.hosts {
        assert_eq!(host.ssh("readlink /usr/local/kafka"), format!("kafka_2.12-{OLD}"));
        assert_eq!(runs(lab, host), OLD, "{}", host.name);
        host.ssh(&format!("mv /usr/local/kafka_2.12-{NEW}/gone /usr/local/kafka_2.12-{NEW}/libs"));
    }
}

fn killed_while_a_broker_is_down(lab: &Lab, krun: &Krun) {
    let mut running = krun.start(&["resume", "--yes", "--json"]);
    let begun = Instant::now();
    // What comes between stop and start.
    while !running.has_said("\"effect\":\"link\"") {
        if let Some(ended) = running.ended() {
            panic!("it ended before a broker was stopped: {ended}");
        }
        assert!(begun.elapsed() < PATIENCE, "no broker is stopped");
        std::thread::sleep(Duration::from_millis(10));
    }
    running.sigkill();
    let is_down = |host: &&Host| host.ssh(&format!("systemctl show --value -p MainPID {UNIT}")) == "0";
    lab.say(&format!("brokers down: {}", lab.hosts.iter().filter(is_down).count()));
}

/// Of the second pass: nobody interrupted it.
fn figures(krun: &Krun) -> Roll {
    let runs = fs::read_dir(krun.path("state/runs")).expect("a folder").filter_map(Result::ok);
    let journals = runs.filter_map(|run| journal::read(&run.path()).ok()).map(|read| read.entries);
    let rolls = journals.map(|entries| Roll::of(&entries, "unpin", 5.0, 3.0));
    rolls.max_by_key(|roll| roll.brokers).expect("a run")
}

pub(super) fn to_its_end(running: Running) -> Ended {
    running.wait_for(PATIENCE)
}

/// When its unit was started last.
fn started(host: &Host) -> String {
    host.ssh(&format!("systemctl show --value -p InvocationID {UNIT}"))
}

/// The version of the broker's jar that its process has open.
pub(super) fn runs(lab: &Lab, host: &Host) -> String {
    lab.wait_until("a broker to run", |_| host.ssh(&format!("systemctl show --value -p MainPID {UNIT}")) != "0");
    let script = format!(
        "readlink /proc/$(systemctl show --value -p MainPID {UNIT})/fd/* | sed -n 's#.*/kafka_2.1[23]-\\([0-9.]*\\)\\.jar#\\1#p' | sort -u"
    );
    host.ssh(&script)
}
