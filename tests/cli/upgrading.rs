//! `runbooks/upgrade.rhai` and `restart.rhai` on the sandbox's hosts: both passes, killed anywhere, and what is refused.

use super::child::Live;
use super::place::Place;
use krun::host::Machine;
use krun::sandbox::{HostFault, SandboxHost, host_name};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs;

const UPGRADE: [&str; 10] = [
    "runbooks/upgrade.rhai",
    "--to",
    "2.6.3",
    "--stable",
    "10ms",
    "--steady",
    "10ms",
    "--allow-offline=peter-scaleout1",
    "--canary",
    "0",
];
const RESTART: [&str; 8] = [
    "runbooks/restart.rhai",
    "--stable",
    "10ms",
    "--steady",
    "10ms",
    "--allow-offline=peter-scaleout1",
    "--canary",
    "0",
];
const DOWNGRADE: [&str; 10] = [
    "runbooks/downgrade.rhai",
    "--to",
    "2.1.1",
    "--stable",
    "10ms",
    "--steady",
    "10ms",
    "--allow-offline=peter-scaleout1",
    "--canary",
    "0",
];
const YES: [&str; 3] = ["--yes", "--accept", "unpin the protocol"];
const BROKERS: [i32; 4] = [1, 2, 3, 4];
const LINK: &str = "/usr/local/kafka";

/// What an operator sees on a host: where the link points, the configuration behind it, the jar that runs, how often it began.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    link: Option<String>,
    config: Vec<u8>,
    jars: Vec<String>,
    pid: Option<u32>,
}

fn look(place: &Place, id: i32) -> Seen {
    let host = SandboxHost::named(&place.sandbox_folder(), &host_name(id)).expect("the sandbox has this host");
    let unit = host.service("kafka-server").expect("it has the unit");
    Seen {
        link: host.read_link(LINK).expect("it is a link"),
        config: fs::read(place.on_host(id, &format!("{LINK}/config/server.properties"))).expect("a file"),
        jars: unit.main_pid.map(|pid| host.process(pid).expect("it runs").jars).unwrap_or_default(),
        pid: unit.main_pid,
    }
}

fn all(place: &Place) -> BTreeMap<i32, Seen> {
    BROKERS.into_iter().map(|id| (id, look(place, id))).collect()
}

fn old() -> Place {
    Place::of_release("2.1.1")
}

/// Every broker runs the new version from the new folder, with the configuration that it had, byte for byte.
#[track_caller]
fn upgraded(place: &Place, before: &BTreeMap<i32, Seen>, at: u64) {
    for (id, was) in before {
        let now = look(place, *id);
        assert_eq!(now.link.as_deref(), Some("kafka_2.12-2.6.3"), "broker {id}, killed at {at}");
        assert!(
            now.jars.iter().any(|jar| jar.ends_with("kafka_2.12-2.6.3.jar")),
            "broker {id} runs {:?}, killed at {at}",
            now.jars
        );
        assert_eq!(
            String::from_utf8_lossy(&now.config),
            String::from_utf8_lossy(&was.config),
            "broker {id}, killed at {at}"
        );
    }
}

/// A run that kills itself at its nth point. False where it has fewer.
fn killed_at(place: &Place, words: &[&str], nth: u64) -> bool {
    let mut command = place.command(&[words, &YES].concat());
    command.env("KRUN_KILL_AT", nth.to_string());
    let ended = Live::start(command, place.scratch()).ends();
    if ended.stderr.contains("kill points passed") {
        return false;
    }
    ended.was_killed_by(Signal::KILL);
    true
}

#[test]
fn every_broker_is_brought_across_and_the_protocol_unpinned() {
    let place = old();
    let before = all(&place);
    // All but the last two words: under the canary that is the default.
    let stopped = place.krun(&[&UPGRADE[..8], &["--yes"]].concat());
    stopped.exits(4).says(&["point of no return: unpin the protocol", "read, 0 lost"]);
    stopped.says(&["nothing is lost: 5 topics", "inter.broker.protocol.version=2.1 (was not there)"]);
    let pinned = String::from_utf8(look(&place, 3).config).expect("text");
    assert!(
        pinned.contains(
            "# krun: until the protocol is unpinned after the upgrade to 2.6.3\ninter.broker.protocol.version=2.1"
        ),
        "{pinned}"
    );
    let done = place.krun(&[&["resume"][..], &YES].concat());
    done.exits(0).says(&["all brokers run Kafka 2.6.3"]);
    upgraded(&place, &before, 0);
    let late = place.krun(&[&DOWNGRADE[..], &["--yes"]].concat());
    late.exits(1).says(&["NOT_FIT_FOR_A_ROLL", "it is too late", "speaks protocol 2.6"]);
}

#[test]
fn as_long_as_the_protocol_is_pinned_there_is_a_way_back() {
    let place = old();
    let before = all(&place);
    place.krun(&[&UPGRADE[..], &["--yes"]].concat()).exits(4);
    place.krun(&["abort"]).exits(0);
    assert!(all(&place).values().all(|now| now.link.as_deref() == Some("kafka_2.12-2.6.3")));
    place.krun(&[&DOWNGRADE[..], &["--yes"]].concat()).exits(0).says(&["all brokers run Kafka 2.1.1 again"]);
    for (id, now) in all(&place) {
        assert_eq!(
            (&now.link, &now.jars, &now.config),
            (&before[&id].link, &before[&id].jars, &before[&id].config),
            "broker {id}"
        );
    }
}

#[test]
fn killed_anywhere_it_ends_like_any_other() {
    let mut killed = 0;
    for nth in (20..).step_by(61) {
        let place = old();
        let before = all(&place);
        if !killed_at(&place, &UPGRADE, nth) {
            break;
        }
        killed += 1;
        place.krun(&[&["resume"][..], &YES].concat()).exits(0);
        upgraded(&place, &before, nth);
    }
    assert!(killed >= 4, "{killed} kills are no sample");
}

/// Aborted, every broker runs what its link points to: nothing is down, and nothing half done.
#[test]
fn killed_anywhere_and_aborted_every_broker_runs_what_is_behind_its_link() {
    let mut killed = 0;
    for nth in (50..).step_by(61) {
        let place = old();
        if !killed_at(&place, &UPGRADE, nth) {
            break;
        }
        killed += 1;
        place.krun(&["abort"]).exits(0);
        for (id, now) in all(&place) {
            let link = now.link.expect("it is linked");
            assert!(
                now.jars.iter().any(|jar| jar.contains(&link)),
                "broker {id} is linked to {link} and runs {:?}, killed at {nth}",
                now.jars
            );
        }
    }
    assert!(killed >= 4, "{killed} kills are no sample");
}

#[test]
fn a_new_version_that_does_not_come_up_leaves_the_old_one_running() {
    let place = old();
    let says = "java.lang.IllegalStateException: no such thing".to_owned();
    place.control().host_fault(2, HostFault::DiesAtStart { says }).expect("the sandbox obeys");
    let before = all(&place);
    let failed = place.krun(&[&UPGRADE[..], &["--yes"]].concat());
    failed.exits(1).says(&["SERVICE_DIED", "did not stay up", "no such thing"]);
    let now = all(&place);
    for id in BROKERS {
        assert_eq!(
            (&now[&id].link, &now[&id].jars, &now[&id].config),
            (&before[&id].link, &before[&id].jars, &before[&id].config),
            "broker {id}"
        );
        assert!(now[&id].pid.is_some(), "broker {id} is down");
    }
    place.krun(&[&["resume"][..], &YES].concat()).exits(0);
    upgraded(&place, &before, 0);
}

#[test]
fn what_is_not_safe_is_refused_before_anything_is_changed() {
    let place = old();
    let before = all(&place);
    let refused = |words: &[&str], says: &str| {
        let ended = place.krun_in_vain(&[&["runbooks/upgrade.rhai"], words, &["--yes"]].concat());
        ended.exits(1).says(&["NOT_FIT_FOR_A_ROLL", says]);
        place.krun(&["abort"]).exits(0);
        assert_eq!(all(&place), before);
    };
    refused(&["--to", "2.6.3"], "--allow-offline peter-scaleout1");
    let allowed = "--allow-offline=peter-scaleout1";
    refused(&["--to", "2.0.1", allowed], "is older than 2.1.1");
    refused(&["--to", "2.9.0", allowed], "there is no Kafka 2.9.0");
    refused(&["--to", "2.6.2", allowed], "Kafka 2.6.2 is not installed");
    refused(&["--to", "3.9.2", allowed], "go to 2.8 or 3.5 first");
    place.control().kill_broker(3).expect("the sandbox obeys");
    let ended = place.krun(&[&UPGRADE[..], &["--yes"]].concat());
    ended.exits(1).does_not_say(&["stop kafka-server"]);
}

#[test]
fn every_broker_is_restarted_once() {
    let place = old();
    let before = all(&place);
    place.krun(&[&RESTART[..], &["--yes"]].concat()).exits(0);
    for (id, now) in all(&place) {
        let was = &before[&id];
        assert!(now.pid.is_some() && now.pid != was.pid, "broker {id} was not restarted");
        assert_eq!((&now.link, &now.jars, &now.config), (&was.link, &was.jars, &was.config));
    }
}

#[test]
fn what_somebody_else_pinned_stays_and_is_told_before_anything_is_changed() {
    let place = old();
    for id in BROKERS {
        let file = place.on_host(id, "/usr/local/kafka_2.12-2.1.1/config/server.properties");
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, format!("{text}inter.broker.protocol.version=2.1\n")).expect("a file");
    }
    let ended = place.krun(&[&UPGRADE[..], &["--yes"]].concat());
    ended.exits(0).says(&[
        "broker 3 has inter.broker.protocol.version=2.1 from somebody else",
        "the protocol stays pinned everywhere",
    ]);
    ended.does_not_say(&["point of no return", "unpin broker"]);
    for (id, now) in all(&place) {
        let text = String::from_utf8(now.config).expect("text");
        assert!(text.contains("\ninter.broker.protocol.version=2.1\n"), "broker {id}: {text}");
    }
}

#[test]
fn a_broker_that_is_not_there_is_no_choice() {
    let place = old();
    for words in [&UPGRADE[..], &RESTART[..], &DOWNGRADE[..]] {
        let ended = place.krun_in_vain(&[words, &["--only", "1,9", "--yes"]].concat());
        ended.exits(1).says(&["UNKNOWN_BROKER", "there is no broker 9", "1, 2, 3, 4"]);
        place.krun(&["abort"]).exits(0);
    }
}

/// Nothing that was read is lower than something that was not: what cannot be read must not pass for what is not lost.
#[test]
fn what_cannot_be_read_is_not_called_unharmed() {
    let place = Place::quick();
    let text = "import \"std/verify\" as verify;
        let cluster = kafka::connect();
        let before = step(\"note\", || verify::snapshot(cluster));
        step(\"see it go\", || wait_until(\"a broker to be down\", #{ every: \"50ms\" }, || cluster.broker_ids().len() < 4));
        step(\"compare\", || verify::compare(cluster, before));";
    let mut live = place.start_own(text, &["--yes"]);
    live.says("a broker to be down");
    place.control().kill_broker(3).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&["NOT_COMPARED", "peter-scaleout1-2 cannot be read"]).does_not_say(&["nothing is lost"]);
    place.control().start_broker(3).expect("the sandbox obeys");
    place.krun(&["resume", "--yes"]).exits(0).says(&["nothing is lost"]);
}

#[test]
fn what_would_not_run_the_new_version_is_refused() {
    let place = old();
    let refused = |says: &str| {
        let ended = place.krun_in_vain(&[&UPGRADE[..], &["--yes"]].concat());
        ended.exits(1).says(&["NOT_FIT_FOR_A_ROLL", says]);
        place.krun(&["abort"]).exits(0);
    };
    let java = place.on_host(2, "/usr/lib/jvm/java-11/release");
    let was = fs::read_to_string(&java).expect("a file");
    fs::write(&java, "JAVA_VERSION=\"1.7.0_80\"\n").expect("a file");
    refused("Kafka 2.6.3 needs Java 8, and there is Java 7");
    fs::write(&java, was).expect("a file");
    // Somebody linked the new version and did not restart: the jar that is open counts.
    let host = SandboxHost::named(&place.sandbox_folder(), &host_name(4)).expect("the sandbox has this host");
    host.link(LINK, "kafka_2.12-2.6.3").expect("it links");
    refused("broker 4 runs 2.1.1, and /usr/local/kafka points to kafka_2.12-2.6.3");
    host.link(LINK, "kafka_2.12-2.1.1").expect("it links");
    let unit = place.on_host(3, "/etc/systemd/system/kafka-server.service");
    let text = fs::read_to_string(&unit).expect("a file");
    fs::write(&unit, format!("{text}# edited\n")).expect("a file");
    // Nothing forbids it: somebody has to decide.
    let ended = place.krun_in_vain(&UPGRADE);
    ended.exits(4).says(&["broker 3: /etc/systemd/system/kafka-server.service was edited"]);
}

#[test]
fn with_downtime_all_brokers_go_at_once_or_none_does() {
    let place = old();
    let before = all(&place);
    let downtime = [&UPGRADE[..3], &["--downtime", "--stable", "10ms", "--steady", "10ms"], &YES].concat();
    place.control().host_fault(3, HostFault::DiesAtStart { says: "out of luck".to_owned() }).expect("it obeys");
    place.krun(&downtime).exits(1).says(&["out of luck"]);
    for (id, now) in all(&place) {
        assert_eq!((&now.link, &now.jars), (&before[&id].link, &before[&id].jars), "broker {id} is not as before");
    }
    place.krun(&["resume", YES[0], YES[1], YES[2]]).exits(0);
    upgraded(&place, &before, 0);
    place.krun(&[&downtime[..], &["--only", "1"]].concat()).exits(1).says(&["--downtime is for all brokers"]);
}

#[test]
fn an_isr_that_does_not_come_back_is_told_by_partition() {
    let place = old();
    place.control().host_fault(2, HostFault::SlowToReturn { milliseconds: 8_000 }).expect("the sandbox obeys");
    let words = [&RESTART[..], &["--only", "2", "--in-sync", "1s", "--yes"]].concat();
    place.krun(&words).exits(1).says(&["broker 2 to be in sync", "partitions lack it, such as"]);
    std::thread::sleep(std::time::Duration::from_secs(8));
    let log = || fs::read_to_string(place.on_host(2, "/var/log/kafka/server.log")).expect("it has a log");
    let starts = log().matches("Kafka version").count();
    place.krun(&["resume", "--yes"]).exits(0);
    assert_eq!(log().matches("Kafka version").count(), starts, "it was up, and is not started again");
}

#[test]
fn a_broker_that_dies_in_the_roll_stops_it_before_the_next_one() {
    let place = old();
    let before = all(&place);
    let words = [&RESTART[..], &["--pause-after", "1", "--no-guards", "--yes"]].concat();
    place.krun(&words).exits(4);
    // The controller is the last one; this one holds replicas.
    let restarted = || BROKERS.into_iter().filter(|id| look(&place, *id).pid != before[id].pid).collect::<Vec<_>>();
    let first = restarted();
    let dies = [1, 2, 3].into_iter().find(|id| !first.contains(id)).expect("one is left");
    place.control().kill_broker(dies).expect("the sandbox obeys");
    let ended = place.krun(&["resume", "--yes"]);
    ended.exits(1).says(&["MUST_NOT_STOP", &format!("broker {dies} is")]);
    place.control().start_broker(dies).expect("the sandbox obeys");
    let now: Vec<i32> = restarted().into_iter().filter(|id| *id != dies).collect();
    assert_eq!(now, first, "nobody was stopped while another one was down");
    // It goes on with the next one, and stops after it again.
    place.krun(&["resume", "--yes"]).exits(4);
}
