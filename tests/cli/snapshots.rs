//! `krun snapshot`: the cluster as it is, and what could not be read is said.

use super::place::{Place, until};
use krun::sandbox::{Fault, Mode};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const SNAPSHOT: [&str; 3] = ["snapshot", "--cluster", "sandbox"];

fn state(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn brokers(state: &Value) -> &Vec<Value> {
    state["brokers"].as_array().expect("brokers")
}

#[test]
fn a_whole_cluster_is_written_down() {
    let place = Place::quick();
    let ended = place.krun_in_vain(&SNAPSHOT);
    ended.exits(0);
    assert_eq!(ended.stderr, "", "nothing is missing");
    let state = state(&ended.stdout);
    assert_eq!((&state["version"], &state["cluster_id"]), (&1.into(), &place.running().cluster_id.as_str().into()));
    let taken: jiff::Timestamp = state["taken_at"].as_str().expect("a time").parse().expect("RFC 3339");
    assert!(jiff::Timestamp::now().duration_since(taken).as_secs() < 600);
    let states: Vec<&str> = brokers(&state).iter().map(|broker| broker["state"].as_str().expect("a state")).collect();
    assert_eq!(states, ["old", "old", "old", "new"], "a broker that holds nothing is new");
    let first = &brokers(&state)[0];
    assert!(place.running().bootstrap.iter().any(|address| first["host"] == address.as_str()), "{first}");
    assert_eq!(first["log_dirs"][0]["replicas"], 21);
    assert!(first["log_dirs"][0]["total_bytes"].as_u64() > first["log_dirs"][0]["usable_bytes"].as_u64());
    assert_eq!(first.get("registered"), None, "it is by default");
    let topics = state["topics"].as_array().expect("topics");
    let payments = topics.iter().find(|topic| topic["name"] == "payments").expect("payments");
    assert_eq!(payments["configs"]["retention.ms"], "1209600000");
    assert_eq!(payments["configs"].as_object().map(serde_json::Map::len), Some(2), "only what is set on it");
    assert_eq!(payments["replicas"].as_array().map(Vec::len), payments["bytes"].as_array().map(Vec::len));
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let place = Place::quick();
    let path = place.scratch().join("state.json");
    let name = path.to_str().expect("a plain path");
    let written = place.krun(&["snapshot", "--cluster", "sandbox", "-o", name]);
    written.exits(0).says(&["state.json: 4 brokers and 5 topics"]);
    assert_eq!(written.stdout, "");
    let whole = fs::read_to_string(&path).expect("written");
    let link = place.scratch().join("link.json");
    std::os::unix::fs::symlink(&path, &link).expect("linked");
    place.krun(&["snapshot", "--cluster", "sandbox", "-o", link.to_str().expect("plain")]).exits(0);
    assert!(link.is_symlink(), "a link stays one");
    let without_time = |text: &str| text.lines().filter(|line| !line.contains("taken_at")).collect::<String>();
    assert_eq!(without_time(&fs::read_to_string(&path).expect("written")), without_time(&whole));

    let folder = place.scratch().to_str().expect("plain").to_owned();
    place
        .krun(&["snapshot", "--cluster", "sandbox", "-o", &folder])
        .exits(2)
        .says(&["FILE_NOT_WRITTEN", "is a folder"]);
    let nowhere = format!("{folder}/none/state.json");
    place
        .krun(&["snapshot", "--cluster", "sandbox", "-o", &nowhere])
        .exits(2)
        .says(&["FILE_NOT_WRITTEN", "none/state.json"]);
    place.krun(&["snapshot", "--cluster", "sandbox", "-o", "/dev/null"]).exits(0);
    assert!(!fs::metadata("/dev/null").expect("there").is_file(), "a device stays one");
    let full = place.krun(&["snapshot", "--cluster", "sandbox", "-o", "/dev/full"]);
    full.exits(2).says(&["FILE_NOT_WRITTEN", "/dev/full"]);
    let left: Vec<String> = fs::read_dir(place.scratch())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.') && name.contains("state"))
        .collect();
    assert_eq!(left, [""; 0], "no half of a file is left");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o400, 0o400);
}

#[test]
fn a_broker_that_is_down_is_there_and_so_are_its_sizes() {
    let place = Place::quick();
    let before = state(&place.krun(&SNAPSHOT).stdout);
    place.control().kill_broker(2).expect("the sandbox obeys");
    let mut ended = place.krun(&SNAPSHOT);
    until("broker 2 to be missed", || {
        ended = place.krun(&SNAPSHOT);
        ended.stderr.contains("known from replica lists only: broker 2")
    });
    // peter-scaleout1-1 lies on broker 2 alone.
    ended.exits(0).says(&["no replica tells the size of peter-scaleout1-1: unknown"]);
    let after = state(&ended.stdout);
    assert_eq!(brokers(&after)[1]["registered"], false);
    assert_eq!((&brokers(&after)[1]["id"], &brokers(&after)[1]["state"]), (&2.into(), &"old".into()));
    for (was, is) in
        before["topics"].as_array().into_iter().flatten().zip(after["topics"].as_array().into_iter().flatten())
    {
        assert_eq!(is["replicas"], was["replicas"], "no list is shorter");
        if is["name"] == "peter-scaleout1" {
            assert_eq!(is["bytes"][1], Value::Null);
        } else {
            assert_eq!(is["bytes"], was["bytes"], "the other replicas tell");
        }
    }
    let file = place.file("dead.json", &ended.stdout);
    place.krun_without_flag(&["plan", "--state", &file]).exits(2).says(&["BROKER_DOWN", "broker 2", "drain it"]);
    place
        .krun_without_flag(&["plan", "--state", &file, "--drain", "2"])
        .exits(0)
        .shows(&["not known: the size of 1 partition"]);
}

#[test]
fn a_broker_that_does_not_answer_for_its_disks_is_named() {
    let place = Place::quick();
    let lost = Fault {
        api: "DescribeLogDirs".to_owned(),
        broker: Some(3),
        mode: Mode::LoseRequest,
        count: 100_000,
        milliseconds: None,
    };
    place.control().fault(lost).expect("the sandbox obeys");
    let ended = place.krun(&SNAPSHOT);
    ended.exits(0).says(&[
        "the sizes on broker 3 are not known",
        "they come from the other replicas",
        "peter-scaleout1-2: unknown",
    ]);
    let state = state(&ended.stdout);
    assert_eq!(brokers(&state)[2].get("log_dirs"), None, "unknown is not none: {}", brokers(&state)[2]);
}

#[test]
fn what_is_on_the_move_is_written_down_where_it_will_be() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--topics", "peter-scaleout1,clicks", "--at-once", "1"]);
    let ended = place.krun(&SNAPSHOT);
    ended.exits(0).says(&["on the move, and written down where they will be: clicks-"]);
    let state = state(&ended.stdout);
    let clicks =
        state["topics"].as_array().into_iter().flatten().find(|topic| topic["name"] == "clicks").expect("clicks");
    let moving = clicks["moving"].as_object().expect("what moves");
    assert!(!moving.is_empty());
    for (partition, change) in moving {
        assert_eq!(change["adding"], serde_json::json!([4]));
        let replicas = &clicks["replicas"][partition.parse::<usize>().expect("a number")];
        assert_eq!(replicas.as_array().map(Vec::len), Some(2), "old and new together are three: {clicks}");
        assert!(replicas.as_array().into_iter().flatten().any(|id| *id == 4), "{clicks}");
    }
    live.signal(rustix::process::Signal::INT);
    live.ends().exits(130);
    place.let_it_copy();
    place.krun(&["abort"]).exits(0);
}

#[test]
fn what_cannot_be_asked_is_an_error_and_no_file() {
    let place = Place::without_sandbox();
    let config = place.file("krun.toml", "[clusters.prod]\nbootstrap_servers = [\"127.0.0.1:1\"]\n");
    let path = place.scratch().join("state.json");
    let words = ["snapshot", "--config", &config, "--cluster", "prod", "-o", path.to_str().expect("plain")];
    place.krun(&words).exits(1).says(&["CONNECTION_REFUSED", "127.0.0.1:1"]);
    assert!(!path.exists());
    place.krun(&["snapshot", "--config", &config, "--cluster", "prdo"]).exits(2).says(&["did you mean \"prod\"?"]);
    let none = place.krun(&["snapshot", "--json"]);
    none.exits(2).says(&["CLUSTER_NOT_NAMED"]);
    assert_eq!(none.stdout, "", "stdout is a state file or nothing");
}
