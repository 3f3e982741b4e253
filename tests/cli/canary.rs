//! `canary`: what it proves, what it fails for, and how it outlives the process.

use super::bystander::Bystander;
use super::child::Live;
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use krun::sandbox::{Fault, Mode};
use rustix::process::Signal;
use serde_json::Value;

/// Goes on once somebody sets the retention of `orders`.
fn watching(options: &str) -> String {
    format!(
        r#"
    let cluster = kafka::connect();
    let seen = canary("all flows", #{{ rate: 100{options} }}, || {{
        step("be told", || wait_until("somebody says so", #{{ every: "50ms" }}, || "retention.ms" in cluster.configs("topic", "orders") && cluster.configs("topic", "orders")["retention.ms"].value == "1234567"));
        7
    }});
    log(`${{seen.lost}} lost, body ${{seen.value}}, expired ${{seen.expired > 0}}, unwatched ${{seen.not_watched.len()}}`);
"#
    )
}

fn go_on(place: &Place) {
    Bystander::at(place).sets(&Resource::Topic("orders".to_owned()), "retention.ms", "1234567");
}

/// The canary's folder in that of the only run.
fn folder(place: &Place) -> std::path::PathBuf {
    let mut found = std::fs::read_dir(place.run_folder().join("canary")).expect("there is one");
    found.next().expect("there is one").expect("it can be read").path()
}

fn topic(place: &Place) -> String {
    let text = std::fs::read(folder(place).join("topic.json")).expect("it is noted");
    let args: Value = serde_json::from_slice(&text).expect("it is JSON");
    args["topic"].as_str().expect("a name").to_owned()
}

/// How many records the ledger knows to be acknowledged.
fn acked(place: &Place) -> i64 {
    let text = std::fs::read_to_string(folder(place).join("ledger.jsonl")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let runs = lines.filter_map(|line| line["went"]["acked"].as_array().cloned()).flatten();
    runs.map(|run| run[3].as_i64().expect("a count")).sum()
}

fn flows(place: &Place) {
    let before = acked(place);
    until("more is acknowledged", || acked(place) >= before + 30);
}

fn begin(place: &Place, options: &str) -> Live {
    let mut live = place.start_own(&watching(options), &[]);
    live.says("▸ be told");
    flows(place);
    live
}

#[test]
fn what_is_acknowledged_is_read_again_and_the_topic_goes() {
    let place = Place::quick();
    let live = begin(&place, "");
    let topic = topic(&place);
    assert!(Bystander::at(&place).topics().contains(&topic));
    go_on(&place);
    let ended = live.ends();
    ended.exits(0).says(&[
        "✓ canary all flows: ",
        " 0 lost",
        "99 % acknowledged within",
        "0 lost, body 7, expired false, unwatched 0",
    ]);
    ended
        .says(&["create topic krun-canary-", "min.insync.replicas = 2", "put back"])
        .does_not_say(&["not watched", "unread"]);
    assert!(!Bystander::at(&place).topics().contains(&topic));
    place.krun(&["show"]).exits(0).shows(&["canary all flows: "]);
}

#[test]
fn a_broker_that_dies_costs_a_gap_and_no_record() {
    let place = Place::quick();
    let live = begin(&place, ", max_gap: \"1ms\"");
    place.control().kill_broker(2).expect("the sandbox obeys");
    flows(&place);
    place.control().start_broker(2).expect("the sandbox obeys");
    flows(&place);
    go_on(&place);
    let topic = topic(&place);
    live.ends().exits(1).says(&["✓ canary all flows: ", " 0 lost", "CANARY_GAP", "max_gap is 1ms", "put back"]);
    assert!(!Bystander::at(&place).topics().contains(&topic), "nothing was lost, so nothing is kept as evidence");
    place.krun(&["resume"]).exits(1).says(&["CANARY_GAP"]).does_not_say(&["create topic"]);
}

/// The replica that lacks the newest records becomes the leader, as an unclean election allows it.
#[test]
fn what_an_unclean_election_cuts_off_is_lost_and_named() {
    let place = Place::quick();
    let live = begin(&place, ", patience: \"5s\"");
    let (topic, control) = (topic(&place), place.control());
    Bystander::at(&place).sets(&Resource::Topic(topic.clone()), "unclean.leader.election.enable", "true");
    control.kill_broker(3).expect("the sandbox obeys");
    flows(&place);
    for id in [1, 2] {
        control.kill_broker(id).expect("the sandbox obeys");
    }
    for id in [3, 1, 2] {
        control.start_broker(id).expect("the sandbox obeys");
    }
    flows(&place);
    go_on(&place);
    let ended = live.ends();
    ended.exits(1).says(&["✗ canary all flows: ", "CANARY_LOST", "✗ lost in partition 0 at ", &topic, "as evidence"]);
    assert!(Bystander::at(&place).topics().contains(&topic), "it is evidence");
    place.krun(&["resume"]).exits(1).says(&["CANARY_LOST"]);
    place.krun(&["abort"]).exits(0).says(&["put back"]);
    assert!(!Bystander::at(&place).topics().contains(&topic));
}

#[test]
fn what_somebody_deletes_has_expired_and_is_not_lost() {
    let place = Place::quick();
    let live = begin(&place, "");
    Bystander::at(&place).deletes_records(&topic(&place), 0, 5);
    go_on(&place);
    live.ends().exits(0).says(&[" 0 lost, 5 expired", "expired true"]);
}

#[test]
fn a_killed_run_goes_on_and_judges_all_sessions() {
    let place = Place::quick();
    let live = begin(&place, "");
    let topic = topic(&place);
    live.signal(Signal::KILL);
    live.ends().was_killed_by(Signal::KILL);
    let before = acked(&place);
    place.krun(&["runs"]).exits(0).shows(&[&topic]);
    let mut live = place.start(&["resume"]);
    live.says("… somebody says so");
    flows(&place);
    go_on(&place);
    let ended = live.ends();
    ended.exits(0).says(&[" 0 lost", "! not watched from ", "unwatched 1"]).does_not_say(&["• create topic"]);
    assert!(acked(&place) >= before + 30);
    ended.says(&[&format!("{} acknowledged, {} read", acked(&place), acked(&place))]);
}

#[test]
fn a_stopped_run_keeps_its_canary_and_an_aborted_one_does_not() {
    let place = Place::quick();
    let mut live = begin(&place, "");
    let topic = topic(&place);
    live.signal(Signal::INT);
    live.says("acknowledged so far");
    live.ends().exits(130).says(&["left in place:", &topic, "not judged before the body is over"]);
    let live = {
        let mut live = place.start(&["resume"]);
        live.says("… somebody says so");
        flows(&place);
        live
    };
    live.signal(Signal::TERM);
    live.ends().exits(130);
    place.krun(&["abort"]).exits(0).says(&["put back"]);
    assert!(!Bystander::at(&place).topics().contains(&topic));
}

#[test]
fn a_cluster_that_is_gone_at_the_end_leaves_it_unread_until_it_is_back() {
    let place = Place::quick();
    let text = watching(", patience: \"3s\"")
        .replace("wait_until(", "try { wait_until(")
        .replace("== \"1234567\"))", "== \"1234567\") } catch {})");
    let text = text.replace("every: \"50ms\"", "every: \"50ms\", timeout: \"8s\"");
    let mut live = place.start_own(&text, &[]);
    live.says("▸ be told");
    flows(&place);
    for id in 1..=4 {
        place.control().kill_broker(id).expect("the sandbox obeys");
    }
    live.ends().exits(1).says(&["CANARY_UNREAD", "krun resume", "records wait for"]);
    for id in 1..=4 {
        place.control().start_broker(id).expect("the sandbox obeys");
    }
    place.krun(&["resume"]).exits(0).says(&[" 0 lost"]);
}

#[test]
fn one_that_does_not_begin_leaves_nothing_behind() {
    let place = Place::quick();
    let hang = Fault { api: "Produce".to_owned(), broker: Some(2), mode: Mode::Hang, count: 1000, milliseconds: None };
    place.control().fault(hang).expect("the sandbox obeys");
    // The first consumer group of a cluster makes it.
    let topics = || Bystander::at(&place).topics().into_iter().filter(|topic| topic != "__consumer_offsets");
    let before: Vec<String> = topics().collect();
    let ended = place.own(&watching(", patience: \"2s\""), &[]);
    ended
        .exits(1)
        .says(&["CANARY_SILENT", "partition 1 acknowledges nothing", "put back"])
        .does_not_say(&["▸ be told"]);
    assert_eq!(topics().collect::<Vec<_>>(), before);
}

#[test]
fn what_it_is_asked_is_checked() {
    let place = Place::quick();
    for (options, why) in [
        ("rate: \"many\"", "a whole number from 0 to 100000"),
        ("rate: -1", "a whole number from 0 to 100000"),
        ("max_gap: 3", "a duration"),
        ("max_gpa: \"3s\"", "max_gap"),
    ] {
        let text = format!("canary(\"x\", #{{ {options} }}, || 1);");
        place.own(&text, &[]).exits(1).says(&[why]);
    }
    let text = "log(canary(\"x\", #{ rate: 0 }, || step(\"y\", || 5)).value);";
    place.own(text, &[]).exits(0).says(&["5"]).does_not_say(&["create topic"]);
    assert!(Bystander::at(&place).topics().iter().all(|topic| !topic.starts_with("krun-canary")));
}
