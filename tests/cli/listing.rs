//! `krun runs` and `krun show`: what they say, and what happens when nobody listens.

use super::place::{Place, SCALE_OUT};
use std::process::Stdio;

#[test]
fn the_list_of_runs_keeps_names_whole() {
    let place = Place::quick();
    place.krun(&["runs"]).exits(0).shows(&["no runs yet"]);
    place.krun(&[SCALE_OUT, "--yes"]).exits(0);
    place.krun(&[SCALE_OUT, "--yes"]).exits(0).says(&["nothing to move"]);
    let ended = place.krun(&["runs"]);
    for run in place.runs() {
        ended.exits(0).shows(&[&run, "done", SCALE_OUT]);
    }
}

#[test]
fn show_tells_the_newest_or_the_one_that_is_named() {
    let place = Place::quick();
    place.own("log(\"the first\");", &[]).exits(0);
    let first = place.runs()[0].clone();
    place.krun(&[SCALE_OUT, "--yes"]).exits(0);
    place.krun(&["show"]).exits(0).shows(&["✓ move topic orders", "replicas move (the fewest", "done: "]);
    place.krun(&["show", &first]).exits(0).shows(&["the first", "done: "]);
}

#[test]
fn show_follows_until_the_run_ends() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let follower = place.start(&["show", "--follow"]);
    place.krun(&["show"]).exits(0).shows(&["move topic clicks", "the run is going on"]);
    place.krun(&["runs"]).exits(0).shows(&["running: throttle the moves › move topic clicks"]);
    place.let_it_copy();
    live.ends().exits(0);
    follower.ends().exits(0).shows(&["✓ move topic clicks", "✓ prove the result", "done: "]);
}

#[test]
fn a_reader_who_has_gone_is_no_error() {
    let place = Place::quick();
    place.krun(&[SCALE_OUT, "--yes"]).exits(0);
    for words in [&["runs"][..], &["show"], &["show", "--json"], &["runs", "--json"], &["--help"]] {
        let mut command = place.command(words);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("krun starts");
        drop(process.stdout.take());
        let ended = process.wait_with_output().expect("krun ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panic"), "{words:?}: {said}");
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {said}");
    }
}

#[test]
fn a_run_goes_on_when_nobody_reads_its_results() {
    let place = Place::quick();
    let mut command = place.command(&[SCALE_OUT, "--yes"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("krun starts");
    drop(process.stdout.take());
    drop(process.stderr.take());
    assert_eq!(process.wait().expect("krun ends").code(), Some(0));
    place.krun(&["runs"]).shows(&["done"]);
}

#[test]
fn a_plan_of_an_abort_says_what_stays_and_does_nothing() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--topics", "peter-scaleout1,clicks", "--at-once", "1"]);
    live.signal(rustix::process::Signal::KILL);
    live.ends();
    let plan = place.krun_in_vain(&["abort", "--plan"]);
    plan.exits(0).shows(&["cancel the move of clicks-0", "broker 1: remove", "topic clicks: remove"]);
    place.krun(&["abort"]).exits(0);
    let own = Place::quick();
    own.own("step(\"look\", || 1);\nconfirm(\"go on?\");", &[]).exits(4);
    own.krun_in_vain(&["abort", "--plan"]).exits(0).shows(&["there is nothing to put back"]);
}
