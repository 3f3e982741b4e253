//! The cluster changes under a run: brokers die, topics go, somebody else is at work. Shown, and not overwritten.

use super::bystander::Bystander;
use super::place::{Place, SCALE_OUT, until};
use krun::kafka::configs::Resource;
use serde_json::json;

const RATE: &str = "leader.replication.throttled.rate";

#[test]
fn a_broker_that_dies_stalls_the_run_and_it_goes_on_when_the_broker_is_back() {
    let place = Place::stuck();
    let mut live = place.scale_out_in_flight(&["--stall", "2s"]);
    place.control().kill_broker(4).expect("the sandbox obeys");
    live.says("standing still: broker 4 is not registered");
    live.ends().exits(1).says(&["WAIT_STALLED", "left in place:", "broker 4: ", "krun resume", "krun abort"]);
    let bystander = Bystander::at(&place);
    assert!(!bystander.moves().is_empty(), "the moves go on in the cluster, and so the throttle stays");
    assert_eq!(bystander.reads(&Resource::Broker(1), RATE).as_deref(), Some("20000000"));

    place.krun(&["resume"]).exits(1).says(&["BROKER_DOWN", "not registered: 4", "start them, then `krun resume`"]);

    place.control().start_broker(4).expect("the sandbox obeys");
    place.let_it_copy();
    place.krun(&["resume"]).exits(0).says(&["done:"]);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn what_a_dead_broker_holds_cannot_be_put_back_until_it_is_there_again() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--stall", "1s"]);
    place.control().kill_broker(4).expect("the sandbox obeys");
    live.ends().exits(1);
    let aborted = place.krun(&["abort"]);
    aborted.exits(6).says(&["could not be put back", "broker 4: ", "by-hand.txt", "krun abort"]);
    let by_hand = std::fs::read_to_string(place.run_folder().join("by-hand.txt")).expect("there is help by hand");
    assert!(by_hand.contains("--entity-type brokers --entity-name 4 --delete-config"), "{by_hand}");
    assert!(!by_hand.contains("--entity-name 1 "), "what was put back needs no hand: {by_hand}");
    place.krun(&["runs"]).exits(0).shows(&["outstanding", "broker 4: "]);

    place.control().start_broker(4).expect("the sandbox obeys");
    place.krun(&["abort"]).exits(0).says(&["aborted: nothing temporary or half done is left"]);
    let bystander = Bystander::at(&place);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn a_topic_that_is_deleted_while_it_moves() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let bystander = Bystander::at(&place);
    bystander.deletes("clicks");
    live.ends().exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION", "clicks", "left in place:"]);
    place.krun(&["resume"]).exits(1).says(&["clicks"]);
    place.krun(&["abort"]).exits(0);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn a_topic_that_is_deleted_before_its_turn() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let bystander = Bystander::at(&place);
    bystander.deletes("orders");
    place.let_it_copy();
    live.ends().exits(1).says(&["✓ move topic clicks", "UNKNOWN_TOPIC_OR_PARTITION", "orders", "left in place:"]);
    place.krun(&["abort"]).exits(0).says(&["finished steps stay as they are", "move topic clicks"]);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn a_throttle_that_somebody_else_changes_is_shown_and_left() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let bystander = Bystander::at(&place);
    bystander.sets(&Resource::Broker(1), RATE, "5000000");
    place.let_it_copy();
    let ended = live.ends();
    ended.exits(0).says(&[
        "somebody changed what this run had set, and it is left so",
        "leader.replication.throttled.rate on broker/1 is `5000000`, krun wrote `20000000`",
        "left as it is, since somebody changed it",
    ]);
    assert_eq!(bystander.throttles(), [format!("broker 1 {RATE}")], "only that of somebody else is left");
    assert_eq!(bystander.reads(&Resource::Broker(1), RATE).as_deref(), Some("5000000"));
}

#[test]
fn a_move_that_somebody_else_cancels_is_lost_and_not_sent_again() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let bystander = Bystander::at(&place);
    bystander.cancels_all_moves();
    let cancelled = place.look();
    live.ends().exits(1).says(&["MOVE_LOST", "clicks-0 is on [", "krun does not overwrite that"]);
    assert_eq!(place.look(), cancelled, "nothing was sent again");
    place.krun(&["abort"]).exits(0);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn somebody_else_moving_partitions_is_not_joined() {
    let place = Place::stuck();
    let bystander = Bystander::at(&place);
    bystander.moves_one("orders", 0, &[4, 2, 3]);
    let before = place.control().counters().expect("the sandbox tells its changes");
    let ended = place.krun(&[SCALE_OUT, "--yes"]);
    ended.exits(1).says(&["REASSIGNMENT_IN_PROGRESS", "somebody else is moving partitions", "orders-0"]);
    assert_eq!(place.control().counters().expect("the sandbox tells its changes"), before);
}

#[test]
fn the_sandbox_that_a_run_was_on_is_gone() {
    let place = Place::quick();
    place.krun(&[SCALE_OUT]).exits(4);
    krun::sandbox::stop(&place.sandbox_folder()).expect("the sandbox stops");
    for verb in ["resume", "abort"] {
        place.krun(&[verb]).exits(2).says(&["SANDBOX_GONE", "its cluster with it"]);
    }
    place.krun(&["runs"]).exits(0).shows(&["waits at a question"]);
}

#[test]
fn a_cluster_that_cannot_be_reached_leaves_a_run_as_it_is() {
    let place = Place::stuck();
    let server = place.running().bootstrap.clone();
    let config = place.file("krun.toml", &format!("[clusters.prod]\nbootstrap_servers = {}\n", json!(server)));
    let mut live = place.start(&[SCALE_OUT, "--yes", "--cluster", "prod", "--config", &config]);
    live.says("moves of clicks: 0 of");
    krun::sandbox::stop(&place.sandbox_folder()).expect("the sandbox stops");
    live.says("cannot look");
    live.signal(rustix::process::Signal::INT);
    live.ends().exits(130).says(&["left in place:", "krun resume"]);
    place.krun(&["resume"]).exits(1).says(&["refuses connections"]);
    place.krun(&["abort"]).exits(1).says(&["refuses connections"]);
    until("the run is still listed with what it left", || {
        let ended = place.krun(&["runs"]);
        ended.stdout.contains("interrupted") && ended.stdout.contains("broker 4: ")
    });
}
