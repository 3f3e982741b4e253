//! One run at a time on a cluster: while another one runs, and after it was killed.

use super::place::{Place, SCALE_OUT};
use rustix::process::Signal;

#[test]
fn a_second_run_names_the_first_and_leaves_no_trace() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    let (first, changes) = (place.runs(), place.control().counters().expect("the sandbox tells its changes"));
    let pid = format!("(pid {})", live.pid());
    for words in [&[SCALE_OUT, "--yes"][..], &["resume"], &["abort"]] {
        let ended = place.krun(words);
        ended.exits(5).says(&[
            "LOCKED",
            "ops@",
            &pid,
            &first[0],
            SCALE_OUT,
            "`throttle the moves › move topic clicks`",
        ]);
        ended.says(&["since 2", &format!("krun show {} --follow", first[0])]);
    }
    assert_eq!(place.runs(), first, "what was locked out never was a run");
    assert_eq!(place.control().counters().expect("the sandbox tells its changes"), changes);
    place.let_it_copy();
    live.ends().exits(0);
}

#[test]
fn a_run_after_one_that_was_killed_is_sent_to_it() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&[]);
    live.signal(Signal::KILL);
    live.ends().was_killed_by(Signal::KILL);
    let (first, changes) = (place.runs(), place.control().counters().expect("the sandbox tells its changes"));
    place.krun(&["runs"]).exits(0).shows(&["killed: throttle the moves › move topic clicks", "left in place by"]);
    let ended = place.krun(&[SCALE_OUT, "--yes"]);
    ended.exits(5).says(&["HELD_BY_A_RUN", &first[0], &format!("krun resume {}", first[0])]);
    ended.does_not_say(&["to go on:"]);
    assert_eq!(place.control().counters().expect("the sandbox tells its changes"), changes);
    place.let_it_copy();
    place.krun(&["resume"]).exits(0).says(&["was killed", "done:"]);
}

#[test]
fn several_open_runs_want_a_name_and_a_done_one_is_over() {
    let place = Place::quick();
    for _ in 0..2 {
        place.own("confirm(\"go on?\");", &[]).exits(4);
    }
    let runs = place.runs();
    for verb in ["resume", "abort"] {
        place.krun_in_vain(&[verb]).exits(2).says(&["SEVERAL_RUNS", &runs[0], &runs[1], "name the one"]);
    }
    place.krun(&["resume", &runs[0], "--yes"]).exits(0);
    place.krun(&["abort"]).exits(0).says(&[&runs[1]]);
    for verb in ["resume", "abort"] {
        place.krun_in_vain(&[verb, &runs[0]]).exits(2).says(&["RUN_IS_OVER", "is done"]);
        place.krun_in_vain(&[verb, &runs[1]]).exits(2).says(&["RUN_IS_OVER", "was aborted"]);
        place.krun_in_vain(&[verb]).exits(2).says(&["NO_OPEN_RUN"]);
    }
}
