//! `pause`: the run stops, whoever runs it, and goes on when it is resumed.

use super::child::Live;
use super::place::Place;
use super::terminal::Pty;
use rustix::process::Signal;
use serde_json::Value;

const PAUSED: &str = "step(\"first\", || 1);\npause(\"look at the dashboards\");\nstep(\"second\", || 2);";

#[test]
fn yes_does_not_answer_it_and_resume_does() {
    let place = Place::quick();
    let ended = place.own(PAUSED, &["--yes"]);
    ended.exits(4).says(&["paused: look at the dashboards", "to go on:", "krun resume"]).does_not_say(&["second"]);
    let row = place.krun(&["runs", "--json"]).json().remove(0);
    assert_eq!((&row["state"], &row["at"]), (&"paused".into(), &"look at the dashboards".into()));
    place.krun(&["runs"]).shows(&["paused: look at the dashboards"]);
    let ended = place.krun(&["resume"]);
    ended.exits(0).says(&["paused: look at the dashboards go on", "by ops by krun resume", "second"]);
    place.krun(&["show"]).shows(&["paused: look at the dashboards", "by ops by krun resume"]);
}

#[test]
fn it_stops_at_a_terminal_too_and_asks_nothing() {
    let place = Place::quick();
    let path = place.file("own.rhai", PAUSED);
    let pty = Pty::start(&place, &[&path, "--cluster", "sandbox"], 80);
    pty.ends().exits(4).shows(&["paused: look at the dashboards", "krun resume"]).does_not_show(&["second", "[y/N]"]);
    Pty::start(&place, &["resume"], 80).ends().exits(0).shows(&["second"]);
}

/// What the journal of the only run says of one kind.
fn records(place: &Place, kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(place.run_folder().join("journal.jsonl")).expect("a journal");
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    entries.map(|entry| entry["record"].clone()).filter(|record| record["kind"] == kind).collect()
}

#[test]
fn killed_anywhere_it_has_paused_once_and_is_answered_once() {
    let mut seen = 0;
    for point in 1.. {
        let place = Place::quick();
        let path = place.file("own.rhai", PAUSED);
        let mut command = place.command(&[&path, "--cluster", "sandbox"]);
        let ended = Live::start(
            {
                command.env("KRUN_KILL_AT", point.to_string());
                command
            },
            place.scratch(),
        )
        .ends();
        let is_over = ended.stderr.contains("kill points passed");
        if is_over {
            ended.exits(4);
        } else {
            ended.was_killed_by(Signal::KILL);
            seen += 1;
        }
        if records(&place, "session_started").is_empty() {
            continue;
        }
        // Killed before it came to the pause, it stops there first.
        if records(&place, "paused").is_empty() {
            place.krun(&["resume"]).exits(4).does_not_say(&["second"]);
        }
        place.krun(&["resume"]).exits(0).says(&["second"]);
        assert_eq!((records(&place, "paused").len(), records(&place, "answered").len()), (1, 1), "killed at {point}");
        if is_over {
            break;
        }
    }
    assert!(seen >= 8, "too few points to mean anything: {seen}");
}
