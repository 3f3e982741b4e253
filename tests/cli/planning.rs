//! `krun plan`: from a cluster or a file, as a screen, as JSON and as files; it changes nothing.

use super::child::{Ended, Live};
use super::place::{Place, SCALE_OUT};
use super::terminal::Pty;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::Stdio;

/// The handbook's cluster, a topic of many partitions beside it, and a fourth broker that was just added.
const STATE: &str = r#"{"version":1,"cluster_id":"4L6g3nShT-eMCtK--X86sw","taken_at":"2026-03-14T02:58:13Z","brokers":[
{"id":1,"rack":null,"state":"old"},{"id":2,"rack":null,"state":"old"},{"id":3,"rack":null,"state":"old"},
{"id":4,"rack":null,"state":"new"}],"topics":[
{"name":"orders","replicas":[[1,2],[2,3],[3,1],[1,2],[2,3],[3,1]],
 "bytes":[7000000000,8000000000,9000000000,7500000000,8500000000,9500000000]},
{"name":"peter-scaleout1","replicas":[[1],[2],[3],[1]],"bytes":[40000000,50000000,60000000,70000000]}]}
"#;

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended}"))
}

/// A place with a state file, and its path.
fn place() -> (Place, String) {
    let place = Place::without_sandbox();
    let file = place.file("state.json", STATE);
    (place, file)
}

/// At a terminal of so many columns, in the folder of the files, so that no path of this machine is shown.
fn at_a_terminal(place: &Place, words: &[&str], columns: usize) -> String {
    let screen = Pty::start_in(place, place.scratch(), words, columns).ends();
    let widest = screen.text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(columns), "{widest:?}:\n{}", screen.text);
    screen.text
}

#[test]
fn the_screen_of_a_plan() {
    let (place, _) = place();
    for columns in [80, 120] {
        let text = at_a_terminal(&place, &["plan", "--state", "state.json"], columns);
        insta::assert_snapshot!(format!("plan_at_{columns}_columns"), text);
    }
}

#[test]
fn the_screen_of_the_handbook_s_faults() {
    let (place, _) = place();
    place.file("topics.json", include_str!("../plan/handbook/reassign-partitions-topic.json"));
    let words = ["plan", "--state", "state.json", "--topics-to-move-json-file", "topics.json"];
    insta::assert_snapshot!(at_a_terminal(&place, &words, 100));
}

#[test]
fn a_cluster_and_its_state_file_give_the_same_plan_and_nothing_changes() {
    let place = Place::quick();
    let snapshot = place.krun_in_vain(&["snapshot", "--cluster", "sandbox"]);
    let file = place.file("state.json", &snapshot.stdout);
    let asked = place.krun_in_vain(&["plan", "--cluster", "sandbox", "--json"]);
    let read = place.krun_without_flag(&["plan", "--state", &file, "--json"]);
    asked.exits(0).says(&["this is the sandbox", "replicas move (the fewest there can be)", "one topic at a time"]);
    read.exits(0).says(&["state.json (cluster ", "taken 2"]);
    assert_eq!(asked.stdout, read.stdout);
    let plan = json(&asked);
    assert_eq!(plan["version"], 1);
    let keys: Vec<&String> = plan["partitions"][0].as_object().expect("an entry").keys().collect();
    assert_eq!(keys, ["topic", "partition", "replicas"]);

    place.krun(&[SCALE_OUT, "--yes"]).exits(0);
    let again = place.krun_in_vain(&["plan", "--cluster", "sandbox"]);
    again.exits(0).shows(&["nothing to move: every broker carries its share already"]);
    let again = place.krun_in_vain(&["plan", "--cluster", "sandbox", "--json"]);
    again.exits(0).says(&["nothing to move"]);
    assert_eq!(json(&again), json!({ "version": 1, "partitions": [] }));
}

#[test]
fn nothing_to_move_and_nothing_that_can_be_moved_are_two_things() {
    let place = Place::without_sandbox();
    let state = |usable: u64| {
        let dir = format!("[{{\"path\":\"/d\",\"total_bytes\":1000000000,\"usable_bytes\":{usable}}}]");
        let topic = r#"{"name":"big","replicas":[[1],[2],[1],[2]],"bytes":[17000000,17000000,17000000,17000000]}"#;
        let brokers = format!(r#"{{"id":1}},{{"id":2}},{{"id":3,"state":"new","log_dirs":{dir}}}"#);
        place.file("disks.json", &format!("{{\"brokers\":[{brokers}],\"topics\":[{topic}]}}"))
    };
    let file = state(900_000_000);
    place.krun_without_flag(&["plan", "--state", &file]).exits(0).shows(&["1 replica move"]);
    let kept = place.krun_without_flag(&["plan", "--state", &file, "--max-bytes", "1MB"]);
    kept.exits(0).shows(&["nothing can be moved, although", "left for later: 1 replica, 17MB"]);
    let forced = place.krun_without_flag(&["plan", "--state", &file, "--forced-only"]);
    forced.exits(0).shows(&["nothing to move: no replica has to leave its broker"]);
    let full = place.krun_without_flag(&["plan", "--state", &state(100_000_000)]);
    full.exits(0).shows(&["nothing can be moved, although brokers are not level:", "the disks of broker 3 take 0B"]);
    full.does_not_say(&["carries its share"]);
}

#[test]
fn standard_input_is_a_state_file_too() {
    let (place, file) = place();
    let mut command = place.without_flag(&["plan", "--state", "-", "--json"]);
    command.stdin(Stdio::piped());
    let mut live = Live::start(command, place.scratch());
    live.stdin().write_all(STATE.as_bytes()).expect("krun reads");
    drop(live.take_stdin());
    let from_stdin = live.ends();
    from_stdin.exits(0).says(&["plan for stdin (cluster 4L6g3nShT-eMCtK--X86sw)"]);
    assert_eq!(from_stdin.stdout, place.krun_without_flag(&["plan", "--state", &file, "--json"]).stdout);
    place.krun_without_flag(&["plan", "--state", "-"]).exits(2).says(&["stdin", "the file is empty"]);
}

#[test]
fn every_option_reaches_the_planner() {
    let (place, file) = place();
    let plan = |words: &[&str]| {
        let ended = place.krun_without_flag(&[&["plan", "--state", &file, "--json"], words].concat());
        ended.exits(0);
        json(&ended)["partitions"].as_array().expect("a list").clone()
    };
    let topics = |moves: &[Value]| {
        let mut names: Vec<String> =
            moves.iter().map(|one| one["topic"].as_str().expect("a name").to_owned()).collect();
        names.dedup();
        names
    };
    let holds = |moves: &[Value], id: i32| {
        moves.iter().any(|one| one["replicas"].as_array().expect("ids").contains(&id.into()))
    };
    assert_eq!(topics(&plan(&[])), ["orders", "peter-scaleout1"]);
    assert_eq!(topics(&plan(&["--topics", "orders"])), ["orders"]);
    assert_eq!(topics(&plan(&["--exclude", "peter-.*"])), ["orders"]);
    assert!(plan(&["--brokers", "1,2,3"]).is_empty() && plan(&["--broker-list", "1,2,3"]).is_empty());
    assert!(!holds(&plan(&["--drain", "2"]), 2) && !plan(&["--drain", "2", "--forced-only"]).is_empty());
    let replaced = plan(&["--replace", "2=4"]);
    assert!(holds(&replaced, 4) && !holds(&replaced, 2));
    let two = plan(&["--topics", "peter-scaleout1", "--replication-factor", "2"]);
    assert!(two.iter().all(|one| one["replicas"].as_array().map(Vec::len) == Some(2)), "{two:?}");
    assert!(plan(&["--max-bytes", "10GB"]).len() < plan(&[]).len());
    assert!(!plan(&["--by", "bytes", "--tolerance", "20%"]).is_empty());
    let slow = place.krun_without_flag(&["plan", "--state", &file, "--throttle", "1MB/s", "--order", "across-topics"]);
    slow.exits(0).shows(&["at 1MB/s", "across topics (this is meant)"]);
    let file_of_topics = place.file("topics.json", r#"{"topics":[{"topic":"orders"}],"version":1}"#);
    assert_eq!(topics(&plan(&["--topics-to-move-json-file", &file_of_topics])), ["orders"]);
}

#[test]
fn the_plan_and_the_way_back_are_written_and_never_over_another_one() {
    let (place, file) = place();
    let folder = place.scratch().join("out");
    let out = folder.to_str().expect("plain").to_owned();
    let plan = |words: &[&str]| place.krun_without_flag(&[&["plan", "--state", &file], words].concat());
    plan(&["--write", &out]).exits(0).says(&["wrote ", "move.json", "rollback.json"]);
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).expect("written")).expect("JSON")
    };
    assert_eq!(read("move.json"), json(&plan(&["--json"])));
    let (there, back) = (read("move.json"), read("rollback.json"));
    for (one, other) in
        there["partitions"].as_array().into_iter().flatten().zip(back["partitions"].as_array().into_iter().flatten())
    {
        assert_eq!((&one["topic"], &one["partition"]), (&other["topic"], &other["partition"]));
        assert_ne!(one["replicas"], other["replicas"]);
    }
    plan(&["--write", &out]).exits(0);
    let refused = plan(&["--write", &out, "--topics", "orders"]);
    refused.exits(2).says(&["FILE_EXISTS", "move.json is there already, with another content", "--force"]);
    assert_eq!(read("move.json"), there);
    plan(&["--write", &out, "--topics", "orders", "--force"]).exits(0);
    assert_ne!(read("move.json"), there);

    let (one, other) = (format!("{out}/there.json"), format!("{out}/back.json"));
    fs::write(&other, "something else").expect("written");
    plan(&["--move", &one, "--rollback", &other]).exits(2).says(&["back.json is there already"]);
    assert!(!folder.join("there.json").exists(), "all of the files or none");
    plan(&["--move", &one]).exits(0);
    let idle = plan(&["--brokers", "1,2,3", "--move", &one]);
    idle.exits(0).shows(&["nothing to move"]).says(&["nothing is written", "there.json is of another plan"]);
    let names = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with('.')), "no half of a file is left");
}

#[test]
fn a_given_plan_is_judged_and_gets_its_way_back() {
    let (place, file) = place();
    let given = r#"{"version":1,"partitions":[
        {"topic":"peter-scaleout1","partition":3,"replicas":[4],"log_dirs":["any"]},
        {"topic":"peter-scaleout1","partition":0,"replicas":[2]},
        {"topic":"orders","partition":0,"replicas":[1,2]}]}"#;
    let given = place.file("given.json", given);
    let out = place.scratch().join("judged");
    let words = ["plan", "--state", &file, "--reassignment-json-file", &given, "--write", out.to_str().expect("plain")];
    let judged = place.krun_without_flag(&words);
    judged.exits(0).shows(&[
        "given.json names 3 partitions; 1 of them is as it wants it already",
        "2 replicas move",
        "110MB",
    ]);
    let back: Value =
        serde_json::from_str(&fs::read_to_string(out.join("rollback.json")).expect("written")).expect("JSON");
    assert_eq!(
        back["partitions"],
        json!([
            { "topic": "peter-scaleout1", "partition": 0, "replicas": [1] },
            { "topic": "peter-scaleout1", "partition": 3, "replicas": [1] },
        ])
    );
}
