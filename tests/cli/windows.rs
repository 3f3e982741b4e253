//! `within` and `--wait`: a window that is closed, that closes while work goes on, and that opens again.

use super::bystander::Bystander;
use super::clock::Clock;
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use rustix::process::Signal;

/// A cut that is put back wherever the run is left, and a step inside.
const CUT: &str = r#"
    const PARAMS = #{ window: #{ kind: "window", help: "only work inside", optional: true } };
    let cluster = kafka::connect();
    step("before the window", || 1);
    within(param("window"), || {
        temporarily("shorten the retention", || cluster.alter_configs("topic", "orders", #{ "retention.ms": 1000 }), || {
            step("note it", || 2);
            log("inside");
            wait_until("it is time", #{ every: "1h" }, || begun("end"));
        });
    });
"#;

/// Two steps, with a wait between them that is over when the window has been shut.
const TWO_STEPS: &str = r#"
    const PARAMS = #{ window: #{ kind: "window", help: "only work inside", optional: true } };
    within(param("window"), || {
        step("the first", || { log("inside"); 1 });
        sleep("6s");
        step("the second", || 2);
    });
"#;

fn retention(place: &Place) -> Option<String> {
    Bystander::at(place).reads(&Resource::Topic("orders".to_owned()), "retention.ms")
}

#[test]
fn a_closed_window_lets_nothing_begin_and_says_when_it_opens() {
    let place = Place::quick();
    let clock = Clock::shut(&place, -600, 900);
    let ended = clock.start_own(CUT, &[]).ends();
    ended.exits(130).says(&["before the window", "has been closed since", "OPEN = ", "it opens", "in 14 min"]);
    ended.says(&["when it opens:   krun resume", "--wait"]).does_not_say(&["inside", "shorten"]);
    assert_eq!(retention(&place), None);
    let row = place.krun(&["runs", "--json"]).json().remove(0);
    assert_eq!((&row["state"], &row["at"]), (&"waits_for_window".into(), &clock.window.clone().into()));
    place.krun(&["runs"]).shows(&["waits for its window"]);

    let ended = clock.start(&["resume"]).ends();
    ended.exits(130).says(&["1 step was finished before", "has been closed since"]);
    place.krun(&["abort"]).exits(0);
}

#[test]
fn a_window_that_closes_leaves_the_run_as_an_interruption_does() {
    let place = Place::quick();
    let clock = Clock::shut(&place, 12, 7200);
    let mut live = clock.start_own(CUT, &[]);
    live.says("inside");
    assert_eq!(retention(&place).as_deref(), Some("1000"));
    let ended = live.ends();
    ended.exits(130).says(&["put back, its work is not finished", "has been closed since"]);
    ended.does_not_say(&["left in place"]);
    assert_eq!(retention(&place), None, "what is temporary is put back");
}

#[test]
fn what_runs_on_the_cluster_goes_on_under_its_throttle() {
    let place = Place::stuck();
    let text = std::fs::read_to_string("runbooks/scaleout.rhai").expect("the runbook");
    let text =
        text.replace("const PARAMS = #{", "const PARAMS = #{\n    hours: #{ kind: \"window\", help: \"only then\" },");
    let text = text.replace("    reassign::carry_out(", "    within(param(\"hours\"), || reassign::carry_out(");
    let text = text.replacen("param(\"stall\"));", "param(\"stall\")));", 1);
    assert!(text.contains("within") && text.contains("param(\"stall\")))"), "the runbook has changed: {text}");
    let clock = Clock::shut(&place, 20, 7200);
    let path = place.file("own.rhai", &text);
    let words = [path.as_str(), "--cluster", "sandbox", "--hours", &clock.window, "--yes"];
    let ended = clock.start(&words).ends();
    ended.exits(130).says(&[
        "moves of clicks: 0 of",
        "has been closed since",
        "left in place:",
        "broker 4: ",
        "krun abort",
    ]);
    assert!(!Bystander::at(&place).throttles().is_empty(), "the throttle stays");
    place.let_it_copy();
    place.krun(&["abort"]).exits(0);
    assert_eq!(Bystander::at(&place).throttles(), [""; 0]);
}

#[test]
fn wait_goes_on_by_itself_and_holds_the_lock() {
    let place = Place::quick();
    let clock = Clock::shut(&place, -3600, 12);
    let mut live = clock.start_own(TWO_STEPS, &["--wait"]);
    live.says("opens ");
    place.krun(&["resume"]).exits(5).says(&["LOCKED", "waiting for the window"]);
    let ended = live.ends();
    ended.exits(0).says(&["has been closed since", "resuming", "the second", "done: 2 steps"]);
}

#[test]
fn wait_goes_on_where_the_window_had_closed_in_the_middle() {
    let place = Place::quick();
    let clock = Clock::shut(&place, 10, 16);
    let text = TWO_STEPS.replace("6s", "11s");
    let ended = clock.start_own(&text, &["--wait"]).ends();
    ended.exits(0).says(&[
        "inside",
        "has been closed since",
        "resuming",
        "1 step was finished before",
        "the second",
        "done:",
    ]);
    assert_eq!(ended.stderr.matches("inside").count(), 1, "a finished step stays finished: {ended}");
}

#[test]
fn resume_waits_too_and_ctrl_c_ends_the_waiting() {
    let place = Place::quick();
    let clock = Clock::shut(&place, -3600, 7200);
    clock.start_own(TWO_STEPS, &[]).ends().exits(130);
    let mut live = clock.start(&["resume", "--wait"]);
    live.says("opens ");
    live.signal(Signal::INT);
    live.ends().exits(130).says(&["krun resume"]);
    let row = || place.krun(&["runs", "--json"]).json().remove(0);
    until("nobody holds it", || row()["state"] == "waits_for_window");
}

#[test]
fn no_window_is_no_limit_and_an_unreadable_one_stops_everything_before_it_begins() {
    let place = Place::quick();
    let text = TWO_STEPS.replace("sleep(\"6s\");", "");
    place.own(&text, &[]).exits(0).says(&["the second"]);
    let runs = place.runs().len();
    for (window, said) in [
        ("01:00-05:00 Mars/Olympus", "unknown time zone \"Mars/Olympus\""),
        ("01:00-05:00 Seoul", "did you mean \"Asia/Seoul\"?"),
        ("05:00-05:00 UTC", "it starts and ends at the same time"),
        ("night", "it is not \"[DAYS] HH:MM-HH:MM ZONE\""),
    ] {
        let path = place.file("own.rhai", &text);
        let ended = place.krun_in_vain(&[&path, "--cluster", "sandbox", "--window", window]);
        ended.exits(2).says(&["--window", said]).does_not_say(&["the first"]);
    }
    assert_eq!(place.runs().len(), runs, "nothing was begun");
    place.own("within(3, || 1);", &[]).exits(1).says(&["INVALID_WINDOW", "`3` is no window"]);
    place.own("within(\"01:00-05:00 KST\", || 1);", &[]).exits(1).says(&["INVALID_WINDOW", "unknown time zone"]);
}
