//! Runbooks that change the hosts of the sandbox: stop, edit, link, start; killed anywhere and resumed or aborted.

use super::child::{Ended, Live};
use super::place::Place;
use krun::host::Machine;
use krun::sandbox::{HostFault, SandboxHost, host_name};
use rustix::process::Signal;
use std::fs;

const CONFIG: &str = "/usr/local/kafka_2.12-2.1.1/config/server.properties";
const LINK: &str = "/usr/local/kafka";
const LOG: &str = "/var/log/kafka/server.log";

/// Pins in the file that is used, takes it along, stops, links, starts.
const SWAP: &str = r#"
let cluster = kafka::connect();
let host = cluster.host(1);
step("swap broker 1", || all_or_nothing("stop, link, start", || {
    let file = host.properties(host.home.config);
    file.set("inter.broker.protocol.version", "2.1");
    file.remove("log.dirs");
    file.set("log.dir", "/var/lib/kafka");
    file.save();
    host.copy(host.home.config, "/usr/local/kafka_2.12-2.6.3/config/server.properties");
    host.stop_service(host.home.service);
    host.link(host.home.link, "kafka_2.12-2.6.3");
    host.start_service(host.home.service, #{ steady: "10ms" });
}));
"#;

fn host(place: &Place) -> SandboxHost {
    SandboxHost::named(&place.sandbox_folder(), &host_name(1)).expect("the sandbox has this host")
}

/// What an operator sees there: link, file, the jar that runs.
#[derive(Debug, PartialEq)]
struct Seen {
    link: Option<String>,
    config: String,
    jars: Vec<String>,
}

fn look(place: &Place) -> Seen {
    let host = host(place);
    let unit = host.service("kafka-server").expect("it has the unit");
    let jars = unit.main_pid.map(|pid| host.process(pid).expect("it runs").jars).unwrap_or_default();
    let config = fs::read_to_string(place.on_host(1, CONFIG)).expect("it has the file");
    Seen { link: host.read_link(LINK).expect("it is a link"), config, jars }
}

fn killed_at(place: &Place, text: &str, point: u64) -> Ended {
    let path = place.file("own.rhai", text);
    let mut command = place.command(&[&path, "--cluster", "sandbox", "--yes"]);
    command.env("KRUN_KILL_AT", point.to_string());
    Live::start(command, place.scratch()).ends()
}

fn swapped_well(place: &Place, at: u64) {
    let seen = look(place);
    assert_eq!(seen.link.as_deref(), Some("kafka_2.12-2.6.3"), "killed at {at}");
    assert_eq!(seen.jars, ["/usr/local/kafka_2.12-2.6.3/libs/kafka_2.12-2.6.3.jar"], "killed at {at}");
    assert!(seen.config.contains("inter.broker.protocol.version=2.1\n"), "killed at {at}: {}", seen.config);
    let log = fs::read_to_string(place.on_host(1, LOG)).expect("it has a log");
    let times = |words: &str| log.matches(words).count();
    assert_eq!([times("shut down completed"), times("Kafka version: 2.6.3")], [1, 1], "killed at {at}: {log}");
}

#[test]
fn a_swap_killed_anywhere_ends_the_same_and_given_up_leaves_nothing() {
    let mut seen = 0;
    for point in 1.. {
        let place = Place::of_release("2.1.1");
        let before = look(&place);
        let ended = killed_at(&place, SWAP, point);
        if ended.stderr.contains("kill points passed") {
            ended.exits(0);
            swapped_well(&place, point);
            break;
        }
        ended.was_killed_by(Signal::KILL);
        seen += 1;
        let journal = fs::read_to_string(place.run_folder().join("journal.jsonl")).unwrap_or_default();
        if !journal.contains("\"session_started\"") {
            continue;
        }
        // Each way at every other point, until the run is over.
        if journal.contains("\"session_ended\"") {
            swapped_well(&place, point);
        } else if point % 2 == 0 {
            place.krun(&["resume"]).exits(0);
            swapped_well(&place, point);
        } else {
            place.krun(&["abort"]).exits(0);
            // Behind the end of the step, what it did stays.
            if journal.contains("\"step_finished\"") {
                swapped_well(&place, point);
            } else {
                assert_eq!(look(&place), before, "given up at {point}");
            }
        }
    }
    assert!(seen >= 12, "too few points to mean anything: {seen}");
}

#[test]
fn a_start_that_dies_is_undone_and_the_old_version_runs_again() {
    let place = Place::of_release("2.1.1");
    let before = look(&place);
    let says = "java.lang.IllegalStateException: not today".to_owned();
    place.control().host_fault(1, HostFault::DiesAtStart { says }).expect("the sandbox takes it");
    let ended = place.own(SWAP, &["--yes"]);
    ended.exits(1).says(&["SERVICE_DIED", "exit status 1", "not today"]);
    assert_eq!(look(&place), before);
    let dump = place.control().dump().expect("the sandbox tells its state");
    assert_eq!(dump["brokers"]["1"]["alive"], true);
}

#[test]
fn what_somebody_else_writes_into_the_file_is_left_alone() {
    let place = Place::of_release("2.1.1");
    let text = r#"
        let cluster = kafka::connect();
        let host = cluster.host(1);
        step("edit", || {
            let file = host.properties(host.home.config);
            file.set("num.io.threads", "16");
            file.save();
            fail("left");
        });
    "#;
    place.own(text, &["--yes"]).exits(1);
    let path = place.on_host(1, CONFIG);
    let edited = fs::read_to_string(&path).expect("it has the file");
    assert!(edited.contains("num.io.threads=16"), "{edited}");
    fs::write(&path, format!("{edited}num.partitions=7\n")).expect("somebody edits it");
    place.krun(&["abort"]).exits(0);
    let left = fs::read_to_string(&path).expect("it has the file");
    assert!(left.contains("num.partitions=7") && !left.contains("num.io.threads"), "{left}");
}

#[test]
fn nothing_real_is_reached_from_a_run_on_the_sandbox() {
    let place = Place::of_release("2.6.3");
    for other in ["local::host()", "ssh::host(\"peter-kafka01\")"] {
        let text = format!("step(\"write\", || {other}.write_file(\"{}/x\", \"y\"));", place.scratch().display());
        place.own(&text, &["--yes"]).exits(1).says(&["UNSUPPORTED", "is a real host"]);
    }
    assert!(!place.scratch().join("x").exists());
    let ended = place.own("log(kafka::connect().host(1).read(\"id\"));", &[]);
    ended.exits(1).says(&["UNSUPPORTED", "sandbox-1: a host of the sandbox runs no commands"]);
}

/// The sandbox's own inventory may be as wrong as a `krun.toml`.
#[test]
fn two_hosts_may_be_swapped_in_the_inventory() {
    let place = Place::of_release("2.6.3");
    let inventory = place.sandbox_folder().join("hosts/inventory.json");
    fs::write(&inventory, r#"{ "1": "sandbox-2", "2": "sandbox-1" }"#).expect("it is written");
    let text = "log(kafka::connect().host(1).read_file(\"/var/lib/kafka/meta.properties\"));";
    place.own(text, &[]).exits(0).says(&["broker.id=2"]);
    fs::write(&inventory, "{").expect("it is written");
    place.own(text, &[]).exits(1).says(&["SANDBOX_FILE_UNUSABLE", "inventory.json"]);
}

#[test]
fn a_full_disk_refuses_the_edit_and_the_file_is_as_before() {
    let place = Place::of_release("2.1.1");
    let before = look(&place);
    place.control().host_fault(1, HostFault::DiskFull { is: true }).expect("the sandbox takes it");
    place.own(SWAP, &["--yes"]).exits(1).says(&["DISK_FULL", "sandbox-1"]);
    assert_eq!(look(&place), before);
}

#[test]
fn the_hosts_of_the_sandbox_are_a_table_and_swapped_ones_are_not_fit() {
    let place = Place::of_release("2.1.1");
    let shows = |code: i32, words: &[&str]| {
        let ended = place.krun(&["hosts", "--cluster", "sandbox"]);
        ended.exits(code);
        for word in words {
            assert!(ended.stdout.contains(word), "{word}: {ended}");
        }
    };
    shows(0, &["sandbox-1", "→ kafka_2.12-2.1.1", "all 4 are fit"]);
    host(&place).stop_service("kafka-server", std::time::Duration::from_mins(1)).expect("it stops");
    shows(1, &["1 of 4 not fit", "kafka-server does not run"]);
    let swapped = r#"{"1": "sandbox-2", "2": "sandbox-1"}"#;
    fs::write(place.sandbox_folder().join("hosts/inventory.json"), swapped).expect("a written file");
    shows(1, &["2 of 4 not fit", "says that broker 2 lives there"]);
}

/// A wrong line of an inventory must not stop another broker than the one that was made ready for it.
#[test]
fn nothing_is_changed_on_the_host_of_another_broker() {
    let place = Place::of_release("2.1.1");
    let swapped = r#"{"1": "sandbox-2", "2": "sandbox-1"}"#;
    fs::write(place.sandbox_folder().join("hosts/inventory.json"), swapped).expect("a written file");
    let before = look(&place);
    let ended = place.own(SWAP, &["--yes"]);
    ended.exits(1).says(&["OTHER_BROKER", "sandbox-2 is not the host of broker 1", "broker 2 lives there"]);
    assert_eq!(look(&place), before);
    assert!(!place.on_host(2, "/usr/local/.krun.lock").exists());
}

#[test]
fn a_file_of_this_machine_is_brought_there() {
    let place = Place::of_release("2.1.1");
    let own = place.file("policy.json", "{}\n");
    let text = format!(
        "step(\"bring it\", || kafka::connect().host(1).upload(`{own}`, \"/etc/policy.json\"));\n\
         step(\"bring another\", || kafka::connect().host(1).upload(`{own}.gone`, \"/etc/policy.json\"));\n"
    );
    place.own(&text, &["--yes"]).exits(1).says(&["NO_SUCH_FILE", "policy.json.gone on this machine"]);
    assert_eq!(fs::read_to_string(place.on_host(1, "/etc/policy.json")).expect("it was brought"), "{}\n");
}
