//! `guard`: what trips it, what that stops, and how it goes on after a kill.

use super::bystander::Bystander;
use super::child::Live;
use super::diet::commits;
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use krun::sandbox::{Fault, Mode};
use rustix::process::Signal;

/// Waits in a step, which catches whatever it can, until somebody sets the retention of `orders`.
fn guarded(options: &str) -> String {
    format!(
        r#"
    let cluster = kafka::connect();
    let value = guard("replicas stay in sync", #{{ every: "100ms"{options} }}, |cluster| {{
        cluster.under_replicated_partitions().map(|one| `${{one.topic}}-${{one.partition}} lacks replicas`)
    }}, || {{
        step("begin", || 1);
        step("be told", || {{
            try {{
                wait_until("somebody says so", #{{ every: "50ms" }}, || cluster.config("topic", "orders", "retention.ms").value == "1234567");
            }} catch {{}}
            2
        }});
        step("go on", || 3)
    }});
    log(`value ${{value}}`);
"#
    )
}

fn go_on(place: &Place) {
    Bystander::at(place).sets(&Resource::Topic("orders".to_owned()), "retention.ms", "1234567");
}

fn begin(place: &Place, options: &str) -> Live {
    let mut live = place.start_own(&guarded(options), &[]);
    live.says("… somebody says so");
    live
}

#[test]
fn what_lasts_too_long_stops_the_body_at_a_safe_point_whatever_it_catches() {
    let place = Place::quick();
    let live = begin(&place, ", grace: \"300ms\"");
    place.control().kill_broker(2).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&[
        "▸ guard: replicas stay in sync",
        "lacks replicas",
        "this stops the run if it lasts 300ms",
        "✗ guard: replicas stay in sync",
        "GUARD_FAILED",
        "✗ be told",
    ]);
    ended.does_not_say(&["▸ go on", "value 3"]);
    assert_eq!(ended.stderr.matches("hint: nothing more was begun").count(), 1, "it is told once: {ended}");
    place.krun(&["show"]).exits(0).shows(&["✗ guard: replicas stay in sync", "GUARD_FAILED"]);

    // On resume it looks before the body goes on.
    go_on(&place);
    place.krun(&["resume"]).exits(1).says(&["GUARD_FAILED"]).does_not_say(&["▸ be told", "▸ go on"]);
    place.control().start_broker(2).expect("the sandbox obeys");
    let ended = place.krun(&["resume"]);
    ended.exits(0).says(&["be told", "attempt 2", "go on", "✓ guard: replicas stay in sync", "value 3"]);
}

#[test]
fn what_passes_is_told_and_borne() {
    let place = Place::quick();
    let mut live = begin(&place, ", grace: \"1h\"");
    place.control().kill_broker(2).expect("the sandbox obeys");
    live.says("this stops the run if it lasts 1h");
    place.control().start_broker(2).expect("the sandbox obeys");
    live.says("all is well again");
    go_on(&place);
    live.ends().exits(0).says(&["value 3"]);
}

#[test]
fn a_killed_run_is_guarded_again_and_an_aborted_one_no_more() {
    let place = Place::quick();
    let live = begin(&place, "");
    live.signal(Signal::KILL);
    live.ends().was_killed_by(Signal::KILL);
    let mut live = place.start(&["resume"]);
    live.says("▸ guard: replicas stay in sync");
    live.says("… somebody says so");
    live.signal(Signal::INT);
    live.ends().exits(130).does_not_say(&["GUARD"]);
    place.krun(&["abort"]).exits(0).does_not_say(&["guard: "]);
}

/// What went through is not tested again, though all has become bad meanwhile.
#[test]
fn a_guard_that_has_passed_stays_passed() {
    let place = Place::quick();
    let text = guarded(", grace: \"0s\"").replace("log(", "pause(\"look\"); log(");
    let mut live = place.start_own(&text, &[]);
    live.says("… somebody says so");
    go_on(&place);
    live.ends().exits(4).says(&["✓ guard: "]);
    place.control().kill_broker(2).expect("the sandbox obeys");
    until("somebody lacks it", || {
        place
            .krun(&["-e", "kafka::connect().under_replicated_partitions().len() > 0", "--cluster", "sandbox"])
            .stdout
            .contains("true")
    });
    place.krun(&["resume"]).exits(0).says(&["value 3"]).does_not_say(&["guard: "]);
}

/// A script may catch it, and then a resume gives it again.
#[test]
fn a_trip_that_was_caught_is_given_again() {
    let place = Place::quick();
    let text = guarded(", grace: \"0s\"").replace("let value = guard(", "let value = 0; try { guard(");
    let text = text.replace(
        "step(\"go on\", || 3)\n    });",
        "step(\"go on\", || 3)\n    }); } catch (e) { value = e.code; }\n step(\"mend\", || 4); pause(\"look\");",
    );
    let mut live = place.start_own(&text, &[]);
    live.says("… somebody says so");
    place.control().kill_broker(2).expect("the sandbox obeys");
    live.ends().exits(4).says(&["GUARD_FAILED", "▸ mend"]);
    place.control().start_broker(2).expect("the sandbox obeys");
    let ended = place.krun(&["resume"]);
    ended.exits(0).says(&["value GUARD_FAILED"]).does_not_say(&["▸ guard", "▸ be told"]);
}

#[test]
fn one_that_cannot_look_for_long_stops_the_run_and_a_passing_fault_does_not() {
    let place = Place::quick();
    let fault = |mode, count| Fault { api: "Metadata".to_owned(), broker: None, mode, count, milliseconds: None };
    let mut live = begin(&place, ", grace: \"0s\", blind: \"1h\"");
    for id in 1..=4 {
        place.control().pause_broker(id).expect("the sandbox obeys");
    }
    live.says("in sync cannot look: ");
    for id in 1..=4 {
        place.control().resume_broker(id).expect("the sandbox obeys");
    }
    live.says("all is well again");
    go_on(&place);
    live.ends().exits(0);

    let mut live = place.start_own(
        &guarded(", blind: \"1s\"").replace("in sync\"", "in sync again\"").replace("1234567", "never"),
        &[],
    );
    live.says("… somebody says so");
    place.control().fault(fault(Mode::Hang, 100_000)).expect("the sandbox obeys");
    live.ends().exits(1).says(&["GUARD_FAILED", "cannot look for 1s: "]);
}

#[test]
fn moves_are_cancelled_where_that_is_asked_and_the_throttle_goes() {
    let place = Place::stuck();
    let text = r#"
    let cluster = kafka::connect();
    guard("nobody dies", #{ every: "100ms", grace: "200ms", on_break: "cancel_moves" }, |cluster| {
        if cluster.broker_ids().len() < 4 { "a broker is gone" }
    }, || {
        temporarily("throttle", #{ keep: true }, || cluster.alter_configs("broker", 4, #{ "follower.replication.throttled.rate": 1000 }), || {
            step("move", || {
                cluster.alter_partition_reassignments("orders", [#{ partition: 0, to: [4, 2, 3] }]);
                wait_until("it is there", #{ every: "50ms" }, || cluster.partition_reassignments().is_empty());
            });
        });
    });
"#;
    let mut live = place.start_own(text, &[]);
    live.says("… it is there");
    place.control().kill_broker(3).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&["GUARD_FAILED", "cancel the move of orders-0", "put back"]).does_not_say(&["left in place"]);
    assert_eq!(Bystander::at(&place).throttles(), [""; 0]);
    let moves = ["-e", "kafka::connect().partition_reassignments().len()", "--cluster", "sandbox"];
    assert_eq!(place.krun(&moves).stdout.trim(), "0");

    place.control().start_broker(3).expect("the sandbox obeys");
    place.let_it_copy();
    place.krun(&["resume"]).exits(0).says(&["✓ move", "✓ guard: nobody dies"]);
}

#[test]
fn what_it_is_asked_is_checked() {
    let place = Place::quick();
    for (text, why) in [
        ("guard(\"x\", #{ evry: \"3s\" }, |cluster| (), || 1);", "did you mean"),
        ("guard(\"x\", #{ on_break: \"panic\" }, |cluster| (), || 1);", "\"stop\" or \"cancel_moves\""),
        ("for n in 0..2 { guard(`x`, |cluster| (), || 1); }", "GUARD_NAME_TWICE"),
        ("guard(\"x\", |cluster| true, || 1);", "GUARD_TEST"),
        ("guard(\"x\", |cluster| [1], || 1);", "GUARD_TEST"),
        ("let n = 0; guard(\"x\", |cluster| { n += 1; () }, || 1);", "GUARD_CHANGED_A_CAPTURE"),
        ("step(\"s\", || all_or_nothing(\"a\", || guard(\"x\", |cluster| (), || 1)));", "GUARD_MISPLACED"),
        ("guard(\"x\", |cluster| (), || 1); guard(\"x\", |cluster| (), || 1);", "two parts named `x`"),
        (
            "guard(\"x\", |cluster| { cluster.topic(\"nope\"); () }, || step(\"in vain\", || 1));",
            "UNKNOWN_TOPIC_OR_PARTITION",
        ),
        (
            "let f = |cluster| { cluster.elect_leaders(\"preferred\", \"orders\"); () }; guard(\"x\", f, || step(\"in vain\", || 1));",
            "the test of a guard, which only reads",
        ),
        ("guard(\"x\", |cluster| { preflight(\"p\", || 1); () }, || 1);", "STEP_MISPLACED"),
    ] {
        let ended = place.own(text, &[]);
        ended.says(&[why]).does_not_say(&["▸ in vain"]);
    }
}

/// The default guards of a runbook: the moves go on in the cluster, and the run stops.
#[test]
fn a_broker_that_dies_stops_a_scale_out_and_leaves_its_moves_throttled() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--guard-grace", "500ms"]);
    place.control().kill_broker(2).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&[
        "guard the cluster stays as well as it was: ",
        "broker 2 is out of the ISR of ",
        "GUARD_FAILED",
        "left in place:",
    ]);
    assert!(!Bystander::at(&place).throttles().is_empty(), "the throttle stays while moves are in flight");
    place.control().start_broker(2).expect("the sandbox obeys");
    place.let_it_copy();
    let ended = place.krun_without_flag(&["resume", "--yes"]);
    ended.exits(0).says(&["✓ guard: the disks keep room", "✓ guard: the cluster stays as well as it was"]);
    assert_eq!(Bystander::at(&place).throttles(), [""; 0]);
}

#[test]
fn a_disk_that_runs_full_takes_the_moves_back() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--guard-grace", "300ms"]);
    // What lies there already fills it.
    let used = {
        let asked = place.krun(&[
            "-e",
            "kafka::connect().log_dirs(1)[0].replicas.map(|one| one.bytes).reduce(|sum, one| sum + one, 0)",
            "--cluster",
            "sandbox",
        ]);
        asked.stdout.trim().parse::<u64>().expect("a number of bytes")
    };
    place.control().set_disk_size(1, used + used / 50).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&["guard the disks keep room: ", "of broker 1 has", "GUARD_FAILED", "cancel the move of"]);
    ended.does_not_say(&["left in place"]);
    assert_eq!(Bystander::at(&place).throttles(), [""; 0]);
}

#[test]
fn guards_can_be_left_out_and_lag_is_asked_for_by_name() {
    let place = Place::quick();
    for (flag, why) in [
        ("billing=10000", "GROUP_ID_NOT_FOUND"),
        ("billing", "does not say which group"),
        ("billing=many", "does not say which group"),
    ] {
        let ended = place.krun(&[super::place::SCALE_OUT, "--yes", "--measure", "200ms", "--guard-lag", flag]);
        ended.exits(1).says(&[why]);
        place.krun(&["abort"]).exits(0);
    }
    let ended = place.krun(&[super::place::SCALE_OUT, "--yes", "--measure", "200ms", "--no-guards"]);
    ended.exits(0).does_not_say(&["guard: "]);
}

#[test]
fn a_group_that_falls_behind_stops_a_scale_out() {
    let place = Place::stuck();
    commits(&place, "billing", "orders", 6, 10);
    let live = place.scale_out_in_flight(&["--guard-lag", "billing=5", "--guard-grace", "300ms"]);
    place.control().set_inbound("orders", 50_000).expect("the sandbox writes");
    live.ends().exits(1).says(&["GUARD_FAILED", "group billing is", "records behind, and 5 are allowed"]);
    place.control().set_inbound("orders", 0).expect("the sandbox obeys");
    place.krun(&["abort"]).exits(0);
}

/// Not the one that is restarted: that one is away by krun's own doing.
#[test]
fn a_broker_that_dies_meanwhile_stops_a_roll() {
    let place = Place::of_release("2.6.3");
    let words = [
        "runbooks/restart.rhai",
        "--stable",
        "1h",
        "--steady",
        "10ms",
        "--allow-offline=peter-scaleout1",
        "--canary",
        "0",
        "--guard-grace",
        "500ms",
        "--yes",
    ];
    let mut live = place.start(&words);
    live.says("to be in sync for 1h");
    place.control().kill_broker(3).expect("the sandbox obeys");
    let ended = live.ends();
    ended
        .exits(1)
        .says(&["GUARD_FAILED", "broker 3 is out of the ISR of "])
        .does_not_say(&["broker 2 is out of the ISR"]);
    place.control().start_broker(3).expect("the sandbox obeys");
    place.krun(&["abort"]).exits(0);
}
