//! `krun status`: what is well, what is not, and what krun has to do with it.

use super::place::{Place, until};
use serde_json::json;

const STATUS: [&str; 3] = ["status", "--cluster", "sandbox"];

#[test]
fn a_cluster_that_is_well() {
    let place = Place::quick();
    let told = place.krun_in_vain(&STATUS);
    told.exits(0).shows(&["all is well", "metadata.version", "127.0.0.1:", "3.9", "under-replicated   0"]);
    let status = &place.krun_in_vain(&[&STATUS[..], &["--json", "--check"]].concat()).exits(0).json()[0];
    assert_eq!((&status["healthy"], &status["partitions"]["total"]), (&json!(true), &json!(28)));
    assert_eq!(status["brokers"].as_array().map(Vec::len), Some(4));
    assert_eq!((&status["throttles"], &status["krun"]["open_runs"]), (&json!([]), &json!([])));
    assert_eq!(status["gaps"], json!([]));
}

#[test]
fn a_broker_that_is_down_is_not_well() {
    let place = Place::quick();
    place.control().kill_broker(2).expect("the sandbox obeys");
    let mut told = place.krun(&STATUS);
    until("broker 2 to be missed", || {
        told = place.krun(&STATUS);
        told.stdout.contains("brokers down")
    });
    told.exits(0).shows(&["not well", "2, which have replicas", "peter-scaleout1-1"]);
    place.krun(&[&STATUS[..], &["--check"]].concat()).exits(1);
}

#[test]
fn moves_throttles_and_runs_are_told() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--topics", "peter-scaleout1,clicks", "--at-once", "1"]);
    let run = place.runs().remove(0);
    let during = place.krun(&STATUS);
    during.exits(0).shows(&[
        "locked by",
        &run,
        "clicks-",
        "leader.replication.throttled.rate = 20MB/s",
        "throttled.replicas",
    ]);
    live.signal(rustix::process::Signal::INT);
    live.ends().exits(130);
    let status = &place.krun(&[&STATUS[..], &["--json"]].concat()).exits(0).json()[0];
    assert_eq!(status["krun"]["lock"], json!(null));
    assert_eq!(status["krun"]["open_runs"][0]["run"], json!(run));
    assert_ne!(status["krun"]["open_runs"][0]["left_in_place"], json!([]));
    assert_ne!(status["moving"], json!([]));
    place.let_it_copy();
    place.krun(&["abort"]).exits(0);
}

#[test]
fn what_cannot_be_asked_is_an_error() {
    let place = Place::without_sandbox();
    place.krun(&["status"]).exits(2).says(&["CLUSTER_NOT_NAMED"]);
    place.krun(&["status", "--cluster", "prod"]).exits(2).says(&["UNKNOWN_CLUSTER"]);
}
