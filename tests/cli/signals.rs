//! Ctrl-C once, twice, three times; SIGTERM; SIGHUP.

use super::bystander::Bystander;
use super::place::{Place, SCALE_OUT, until};
use super::terminal::Pty;
use krun::kafka::configs::Resource;
use rustix::process::Signal;
use std::io::Read;
use std::process::Stdio;

/// A retention that is shorter for a while, and stays where the run is killed.
const SHORTER: &str = r#"
    let cluster = kafka::connect();
    temporarily("shorten the retention", || cluster.alter_configs("topic", "orders", #{ "retention.ms": 1000 }), || {
        log("inside");
        sleep("10m");
    });
"#;

fn retention(place: &Place) -> Option<String> {
    Bystander::at(place).reads(&Resource::Topic("orders".to_owned()), "retention.ms")
}

#[test]
fn once_stops_at_the_next_safe_point_and_lists_what_stays() {
    for signal in [Signal::INT, Signal::TERM] {
        let place = Place::stuck();
        let live = place.scale_out_in_flight(&[]);
        live.signal(signal);
        let ended = live.ends();
        ended.exits(130).says(&["stopping at the next safe point", "left in place:", "broker 4: ", "interrupted"]);
        ended.says(&["since ", "krun resume", "krun abort"]);
        place.let_it_copy();
        place.krun(&["resume"]).exits(0);
    }
}

#[test]
fn once_puts_back_what_is_plainly_temporary() {
    let place = Place::quick();
    let mut live = place.start_own(SHORTER, &[]);
    live.says("inside");
    assert_eq!(retention(&place).as_deref(), Some("1000"));
    live.signal(Signal::INT);
    live.ends().exits(130).says(&["put back"]).does_not_say(&["left in place"]);
    assert_eq!(retention(&place), None);
}

#[test]
fn twice_stops_at_once_and_names_what_stays() {
    let place = Place::quick();
    let forever = SHORTER.replace("sleep(\"10m\");", "loop { }");
    let mut live = place.start_own(&forever, &[]);
    live.says("inside");
    live.signal(Signal::INT);
    live.says("stopping at the next safe point");
    live.signal(Signal::INT);
    let ended = live.ends();
    ended.exits(130).says(&["stopping at once", "left in place:", "topic orders: ", "retention.ms"]);
    assert_eq!(retention(&place).as_deref(), Some("1000"));
    place.krun(&["abort"]).exits(0).says(&["put back"]);
    assert_eq!(retention(&place), None);
}

/// As with a terminal that was stopped by Ctrl-S: nobody reads what krun says.
#[test]
fn three_times_leaves_even_where_the_screen_is_stuck() {
    let place = Place::quick();
    let path =
        place.file("own.rhai", "loop { log(\"a line that fills the pipe, and then nobody reads it any more\"); }");
    let mut command = place.command(&[&path, "--cluster", "sandbox"]);
    let mut process = command.stderr(Stdio::piped()).spawn().expect("krun starts");
    // A little is read, so that it is certain to be at work; then nothing more.
    let mut start = [0; 4096];
    process.stderr.as_mut().expect("a pipe").read_exact(&mut start).expect("krun says something");
    let pid = rustix::process::Pid::from_child(&process);
    let mut ended = None;
    until("it leaves after three signals", || {
        rustix::process::kill_process(pid, Signal::INT).expect("the child can be signalled");
        ended = process.try_wait().expect("a child can be looked at");
        ended.is_some()
    });
    assert_eq!(ended.and_then(|status| status.code()), Some(130));
}

#[test]
fn a_hang_up_is_no_reason_to_stop() {
    let place = Place::stuck();
    let mut live = place.scale_out_in_flight(&[]);
    live.signal(Signal::HUP);
    live.says("the terminal is gone: the run goes on");
    place.let_it_copy();
    live.ends().exits(0).says(&["done:"]);
}

#[test]
fn after_a_hang_up_the_next_question_stops_the_run() {
    let place = Place::stuck();
    let text = format!("{}\nconfirm(\"and now?\");", std::fs::read_to_string(SCALE_OUT).expect("the runbook"));
    let path = place.file("own.rhai", &text);
    let mut pty = Pty::start(&place, &[&path, "--cluster", "sandbox", "--stall", "3m"], 80);
    pty.shows("[y/N]");
    pty.types("y\n");
    pty.shows("moves of clicks");
    pty.hang_up();
    place.let_it_copy();
    until("the run waits at its last question", || {
        let ended = place.krun(&["runs", "--json"]);
        let run = ended.json().remove(0);
        run["state"] == "waits_at_question" && run["at"] == "and now?"
    });
    place.krun(&["resume", "--yes"]).exits(0);
    assert_eq!(Bystander::at(&place).throttles(), [""; 0]);
}
