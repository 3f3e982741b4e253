//! Runbooks that do not check, that never end, or that want out.

use super::place::Place;
use rustix::process::Signal;

#[test]
fn what_does_not_check_does_not_begin() {
    let place = Place::quick();
    let wrong = [
        ("log(\"a\"", "own.rhai:1:"),
        ("exit();", "`exit` is not available"),
        ("eval(\"1 + 1\");", "`eval` is not available"),
        ("nope();", "nope"),
        ("import \"std/nope\" as nope;", "std/nope"),
        ("kafka::connect().alter_configs(\"broker\", 1, #{ a: 1 });", "step"),
        ("log(param(\"nope\"));", "nope"),
    ];
    let before = place.look();
    for (text, words) in wrong {
        place.own(text, &[]).exits(3).says(&[words, "own.rhai:"]);
    }
    assert_eq!((place.look(), place.runs()), (before, vec![]));
}

#[test]
fn one_that_calls_itself_without_end_fails() {
    let place = Place::quick();
    place.own("fn deeper(n) { deeper(n + 1) }\ndeeper(0);", &[]).exits(1).says(&["SCRIPT_TOO_DEEP", "own.rhai:"]);
    let closures = "fn again(f, n) { f.call(f, n) }\nagain(|f, n| again(f, n + 1), 0);";
    place.own(closures, &[]).exits(1).says(&["own.rhai:"]);
}

#[test]
fn one_that_grows_without_end_fails() {
    let place = Place::quick();
    for text in ["let s = \"x\";\nloop { s += s; }", "let a = [0];\nloop { a += a; }"] {
        let ended = place.own(text, &[]);
        ended.exits(1).says(&["SCRIPT_LIMIT", "more than 1 GiB of memory", "a loop that never stops adding"]);
    }
}

#[test]
fn one_that_loops_for_ever_ends_with_the_second_ctrl_c() {
    let place = Place::quick();
    let mut live = place.start_own("log(\"begins\");\nlet n = 0;\nloop { n += 1; }", &[]);
    live.says("begins");
    live.signal(Signal::INT);
    live.says("stopping at the next safe point");
    assert!(!live.is_over(), "there is no safe point in it");
    live.signal(Signal::INT);
    live.ends().exits(130).says(&["stopping at once", "interrupted"]);
}

#[test]
fn a_caught_interrupt_is_none() {
    let place = Place::quick();
    let mut live = place.start_own("log(\"begins\");\nloop { try { sleep(\"1m\"); } catch { log(\"caught\"); } }", &[]);
    live.says("begins");
    live.signal(Signal::INT);
    live.ends().exits(130).does_not_say(&["caught"]);
}
