//! Brokers that hang, that are behind, that are not the controller any more, whose disk is full: a run says so, and goes on
//! when they are well again.

use super::bystander::Bystander;
use super::place::{Place, SCALE_OUT};
use krun::sandbox::Control;
use serde_json::Value;
use std::time::Duration;

const NEVER: Duration = Duration::from_hours(1);

fn replicas(control: &Control) -> Value {
    let dump = control.dump().expect("the sandbox tells its state");
    let mut topics = dump["topics"].clone();
    for topic in topics.as_object_mut().into_iter().flat_map(|topics| topics.values_mut()) {
        for partition in topic.as_array_mut().into_iter().flatten() {
            *partition = serde_json::json!([partition["replicas"], partition["leader"], partition["adding"]]);
        }
    }
    topics
}

/// What a scale-out that nobody disturbs makes of the cluster.
fn undisturbed() -> Value {
    let place = Place::quick();
    place.krun(&[SCALE_OUT, "--yes", "--measure", "50ms"]).exits(0);
    replicas(&place.control())
}

#[track_caller]
fn ended_well(place: &Place) {
    let bystander = Bystander::at(place);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
    assert_eq!(replicas(&place.control()), undisturbed());
}

#[test]
fn a_destination_that_hangs_stops_a_run_before_it_begins() {
    let place = Place::quick();
    let control = place.control();
    control.set_session_timeout(NEVER).expect("the sandbox obeys");
    control.pause_broker(4).expect("the sandbox obeys");
    let words = [SCALE_OUT, "--yes", "--measure", "50ms"];
    let ended = place.krun_in_vain(&words);
    ended.exits(1).says(&["BROKER_SILENT", "registered, and do not answer: broker 4", "restart it or stop it"]);
    control.resume_broker(4).expect("the sandbox obeys");
    place.krun(&["resume", "--yes"]).exits(0).says(&["done:"]);
    ended_well(&place);
}

#[test]
fn a_broker_that_hangs_in_mid_move_is_told_and_the_run_goes_on_with_it() {
    let place = Place::stuck();
    let control = place.control();
    control.set_session_timeout(NEVER).expect("the sandbox obeys");
    let mut live = place.scale_out_in_flight(&[]);
    control.pause_broker(4).expect("the sandbox obeys");
    live.says("standing still: broker 4 does not answer");
    control.set_session_timeout(Duration::from_millis(1)).expect("the sandbox obeys");
    live.says("standing still: broker 4 is not registered");
    control.set_session_timeout(NEVER).expect("the sandbox obeys");
    control.resume_broker(4).expect("the sandbox obeys");
    // A leader, and the one that clients are told to be the controller.
    control.pause_broker(1).expect("the sandbox obeys");
    live.says("does not answer ListPartitionReassignments");
    place.let_it_copy();
    control.resume_broker(1).expect("the sandbox obeys");
    live.ends().exits(0).says(&["done:"]);
    ended_well(&place);
}

#[test]
fn a_controller_that_moves_in_mid_move_is_followed() {
    let place = Place::of_release("2.6.3");
    let control = place.control();
    control.set_copy_rate(1).expect("the sandbox obeys");
    let live = place.scale_out_in_flight(&["--at-once", "1"]);
    // One that does not hear of it sends krun to the old one.
    control.freeze_metadata(3).expect("the sandbox obeys");
    let first = control.move_controller().expect("the sandbox obeys");
    place.let_it_copy();
    let second = control.move_controller().expect("the sandbox obeys");
    assert_eq!([first, second], [2, 3]);
    live.ends().exits(0).says(&["done:"]);
    let bystander = Bystander::at(&place);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn a_broker_that_is_behind_does_not_mislead_a_run() {
    for behind in [&[1][..], &[2, 3]] {
        let place = Place::stuck();
        let control = place.control();
        let mut live = place.scale_out_in_flight(&[]);
        for id in behind {
            control.freeze_metadata(*id).expect("the sandbox obeys");
        }
        place.let_it_copy();
        live.says("prove the result");
        for id in behind {
            control.thaw_metadata(*id).expect("the sandbox obeys");
        }
        live.ends().exits(0).says(&["done:"]).does_not_say(&["MOVE_LOST", "NOT_AS_PLANNED"]);
        ended_well(&place);
    }
}

#[test]
fn a_broker_that_is_behind_from_the_beginning_to_the_end() {
    // The first is the one that krun asks first.
    for behind in [1, 2] {
        let place = Place::quick();
        let control = place.control();
        let before = replicas(&control);
        control.freeze_metadata(behind).expect("the sandbox obeys");
        let ended = place.krun(&[SCALE_OUT, "--yes", "--measure", "50ms"]);
        ended.exits(0).says(&["done:"]);
        ended_well(&place);
        let moved = place.runs().last().expect("a run").clone();
        // As another run, and what a resume would find: krun asks the first broker first again.
        let back = place.krun(&["runbooks/rollback.rhai", "--run", &moved, "--yes", "--measure", "50ms"]);
        back.exits(0).does_not_say(&["nothing to take back"]);
        assert_eq!(replicas(&control), before, "{behind} was behind, and {back}");
    }
}

#[test]
fn what_a_broker_that_is_behind_takes_for_done_is_asked_of_another() {
    let place = Place::quick();
    let control = place.control();
    control.freeze_metadata(1).expect("the sandbox obeys");
    let bystander = Bystander::at(&place);
    bystander.moves_one("orders", 0, &[4, 2, 3]);
    super::place::until("it is there", || bystander.moves().is_empty());
    let back = "[#{ topic: \"orders\", partition: 0, to: [1, 2, 3] }]";
    let script = format!(
        "let cluster = kafka::connect();
        step(\"move it back\", || cluster.alter_partition_reassignments(\"orders\", {back}));"
    );
    place.own(&script, &["--yes"]).exits(0).does_not_say(&["already so"]);
    super::place::until("it is back", || {
        let dump = control.dump().expect("the sandbox tells its state");
        dump["topics"]["orders"][0]["replicas"] == serde_json::json!([1, 2, 3])
    });
}

#[test]
fn a_disk_that_is_known_to_be_small_is_respected() {
    let place = Place::quick();
    let control = place.control();
    control.set_disk_size(4, 100).expect("the sandbox obeys");
    let ended = place.krun(&[SCALE_OUT, "--yes", "--measure", "50ms"]);
    ended.exits(1).says(&["NOT_LEVEL", "the disks of broker 4 take"]);
}

#[test]
fn a_disk_that_gets_full_on_the_way_is_not_taken_for_done() {
    let place = Place::stuck();
    let control = place.control();
    let mut live = place.scale_out_in_flight(&["--stall", "2s"]);
    control.set_disk_size(4, 1000).expect("the sandbox obeys");
    place.let_it_copy();
    live.says("standing still: broker 4 is not registered");
    live.ends().exits(1).says(&["MOVE_STALLED", "broker 4 is not registered", "disk"]);
    place.krun(&["resume", "--yes"]).exits(1).says(&["BROKER_DOWN"]);
    control.set_disk_size(4, 1_000_000_000).expect("the sandbox obeys");
    super::place::until("nobody listens any more", || {
        std::net::TcpStream::connect(&place.running().bootstrap[3]).is_err()
    });
    control.start_broker(4).expect("the sandbox obeys");
    place.krun(&["resume", "--yes"]).exits(0).says(&["done:"]);
    ended_well(&place);
}

#[test]
fn a_change_that_waits_for_an_answer_says_so() {
    let place = Place::of_release("2.6.3");
    let control = place.control();
    control.set_session_timeout(NEVER).expect("the sandbox obeys");
    let controller = control.move_controller().expect("the sandbox obeys");
    let text = "let cluster = kafka::connect();
        step(\"make it\", || cluster.create_topic(\"audit\", #{ partitions: 1, replication: 1 }));";
    control.pause_broker(controller).expect("the sandbox obeys");
    let mut live = place.start_own(text, &["--yes"]);
    live.says("no answer from the cluster for 10 s: still waiting");
    control.resume_broker(controller).expect("the sandbox obeys");
    live.ends().exits(0);
}
