//! `krun repl` without a terminal: lines from a pipe, what they change, and what is left of them.

use super::bystander::Bystander;
use super::child::{Ended, Live};
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use rustix::process::Signal;
use std::io::Write;
use std::process::Stdio;

const SHORTEN: &str = "cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 1000 })";

fn start(place: &Place, words: &[&str]) -> Live {
    start_with(place, words, None)
}

fn start_with(place: &Place, words: &[&str], kill_at: Option<&str>) -> Live {
    let mut command = place.command(&[&["repl", "--cluster", "sandbox"], words].concat());
    command.stdin(Stdio::piped());
    if let Some(kill_at) = kill_at {
        command.env("KRUN_KILL_AT", kill_at);
    }
    Live::start(command, place.scratch())
}

/// Types all that, and ends the input.
fn typed(place: &Place, lines: &str, words: &[&str]) -> Ended {
    let mut live = start(place, words);
    let mut stdin = live.take_stdin().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("krun reads");
    drop(stdin);
    live.ends()
}

fn retention(place: &Place) -> Option<String> {
    Bystander::at(place).reads(&Resource::Topic("orders".to_owned()), "retention.ms")
}

#[test]
fn what_a_line_makes_is_there_for_the_next() {
    let place = Place::quick();
    let before = place.look();
    let lines = "let n = cluster.topics().len();\n\nn + 1\nimport \"std/reassign\" as r;\nr::assess(cluster)\n\
                 fn double(x) {\n  x * 2\n}\ndouble(n)\nlet x =\n  7\nx\ncluster.topic(\"payments\").partitions\n[1,\n2]\n";
    let said = typed(&place, lines, &[]);
    said.exits(0);
    assert_eq!(said.stderr, "", "no prompt, and nothing else");
    let (numbers, table) = said.stdout.split_once("id").expect("a table");
    assert_eq!(numbers, "6\n10\n7\n7\n".replacen("7\n", "", 1));
    assert!(table.contains("2, 3, 1") && table.ends_with("\n1\n2\n"), "{said}");
    assert_eq!(place.look(), before, "a cluster that was only asked");
    assert!(!place.state().join("runs").exists() && !place.state().join("locks").exists(), "no trace");
    assert!(
        std::fs::read_dir(place.state())
            .expect("a folder")
            .all(|entry| { !entry.expect("an entry").file_name().to_string_lossy().contains("history") })
    );
    let json = typed(&place, "cluster.broker_ids()\n#{ a: 1 }\n", &["--json"]);
    assert_eq!(json.exits(0).json(), [serde_json::json!([1, 2, 3, 4]), serde_json::json!({ "a": 1 })]);
}

#[test]
fn a_line_that_fails_is_told_and_the_next_goes_on() {
    let place = Place::quick();
    let before = place.look();
    let lines =
        format!("clustr\n{SHORTEN}\nlet x = 1 2\nstep(\"x\", || {SHORTEN})\nconfirm(\"go?\")\n:rx\n:help topic\n3\nf(");
    let said = typed(&place, &lines, &[]);
    said.exits(1).says(&[
        "[line 1:1:1]",
        "READ_ONLY",
        "[line 2:1:9]",
        "after `:rw`",
        "line 3",
        "nobody is asked here: go?",
        "did you mean \":r",
        "line 7",
    ]);
    said.shows(&["Cluster.topic(name: string) -> map", "3\n"]);
    assert_eq!(place.look(), before);
}

#[test]
fn after_rw_the_lines_are_the_steps_of_a_run() {
    let place = Place::quick();
    let kept = "let keep = kafka::connect();\n";
    let lines = format!("{kept}:rw\nkeep.{}\nlet password = \"geheim\";\n1 + 1\n:ro\n{SHORTEN}\n", &SHORTEN[8..]);
    let said = typed(&place, &lines, &[]);
    said.exits(1).says(&[
        "running krun repl on cluster sandbox",
        "✓ line 2: keep.alter_configs(",
        "line 3: (not kept)",
        "✓ done: 3 steps, 1 effect",
        "READ_ONLY",
        "[line 5:1:9]",
    ]);
    said.shows(&["2\n"]);
    assert_eq!(retention(&place).as_deref(), Some("1000"), "what was finished stays");
    let run = place.runs().remove(0);
    place.krun(&["runs"]).exits(0).shows(&["krun repl", "done"]);
    place.krun(&["show", &run]).exits(0).shows(&[
        "line 2: keep.alter_configs(",
        "retention.ms = 1000",
        "done: 3 steps",
    ]);
    place.krun_in_vain(&["resume", &run]).exits(2).says(&["RUN_IS_OVER"]);
    place.krun_in_vain(&["abort", &run]).exits(2).says(&["RUN_IS_OVER"]);
    let mut everything = String::new();
    for file in ["run.json", "journal.jsonl", "events.jsonl", "sources/0.rhai"] {
        everything.push_str(&std::fs::read_to_string(place.run_folder().join(file)).expect("a file of the run"));
    }
    assert!(everything.contains("keep.alter_configs") && !everything.contains("geheim"), "{everything}");
}

#[test]
fn only_what_a_line_left_unfinished_is_put_back() {
    let place = Place::quick();
    let of_clicks = SHORTEN.replace("orders", "clicks");
    let lines = format!(":rw\n{of_clicks}\n{{ {SHORTEN}; fail(\"no\") }}\n2 + 2\n");
    let said = typed(&place, &lines, &[]);
    said.exits(1).shows(&["4\n"]).says(&[
        "✗ line 2",
        "line 2 was not finished and leaves this in place: topic orders",
        "left in place:",
        "LINE_UNFINISHED",
        "krun abort",
    ]);
    said.does_not_say(&["resume"]);
    let run = place.runs().remove(0);
    place.krun(&["runs"]).exits(0).shows(&["left in place by", "(krun abort)"]);
    place.krun(&["status", "--cluster", "sandbox"]).exits(0).shows(&["retention.ms = 1000 (was unset)"]);
    place.krun_in_vain(&["resume"]).exits(2).says(&["RUN_WAS_TYPED", "never resumed", "krun abort"]);
    // Nobody else changes it meanwhile.
    let change = format!(":rw\n{SHORTEN}\n");
    let held = typed(&place, &change, &[]);
    held.exits(1).says(&["HELD_BY_A_RUN", "krun abort"]).does_not_say(&["krun resume"]);
    place.krun(&["abort", &run]).exits(0).says(&["put back", "finished steps stay", "line 1: cluster.alter_configs"]);
    assert_eq!(retention(&place), None);
    let of = Resource::Topic("clicks".to_owned());
    assert_eq!(Bystander::at(&place).reads(&of, "retention.ms").as_deref(), Some("1000"));
}

#[test]
fn killed_in_the_middle_of_a_line_it_is_aborted_and_not_resumed() {
    // Each point from before the intent of the change to after its outcome, and the end of the line.
    let mut seen = [false, false];
    for kill_at in ["4", "6", "8", "9", "10", "12", "14"] {
        let place = Place::quick();
        let mut live = start_with(&place, &[], Some(kill_at));
        let mut stdin = live.take_stdin().expect("a pipe");
        let written = stdin.write_all(format!(":rw\n{SHORTEN}\n{{ {SHORTEN}; 1 }}\n").as_bytes());
        drop((written, stdin));
        live.ends().was_killed_by(Signal::KILL);
        place.krun(&["runs"]).exits(0).shows(&["killed"]);
        place.krun(&["resume"]).exits(2).says(&["RUN_WAS_TYPED", "krun abort"]);
        let finished = std::fs::read_to_string(place.run_folder().join("journal.jsonl")).expect("a journal");
        let stays = finished.contains("\"step_finished\"");
        place.krun(&["abort"]).exits(0).says(&["aborted"]);
        assert_eq!(retention(&place).is_some(), stays, "killed at {kill_at}");
        seen[usize::from(stays)] = true;
        place.krun(&["abort"]).exits(2).says(&["NO_OPEN_RUN"]);
    }
    assert_eq!(seen, [true, true], "killed before the line was finished, and after");
}

#[test]
fn one_run_at_a_time_on_a_cluster() {
    let place = Place::quick();
    let mut first = start(&place, &[]);
    first.stdin().write_all(b":rw\n").expect("krun reads");
    first.says("running krun repl");
    let second = typed(&place, &format!(":rw\n{SHORTEN}\ncluster.topics().len()\n"), &[]);
    second.exits(5).says(&["LOCKED", "of krun repl", "READ_ONLY"]).shows(&["5\n"]);
    assert_eq!(place.runs().len(), 1, "what was locked out never was a run");
    first.stdin().write_all(b":ro\n").expect("krun reads");
    first.says("done: 0 steps");
    typed(&place, &format!(":rw\n{SHORTEN}\n"), &[]).exits(0);
    drop(first.take_stdin());
    first.ends().exits(0);
}

#[test]
fn told_to_end_it_ends() {
    let place = Place::quick();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut live = start(&place, &[]);
        live.stdin().write_all(format!(":rw\n{SHORTEN}\n").as_bytes()).expect("krun reads");
        live.says("✓ line 1");
        live.signal(signal);
        live.ends().exits(0).says(&["done: 1 step"]);
    }
    // In the middle of a line, at its next safe point.
    let mut live = start(&place, &[]);
    live.stdin().write_all(b":rw\nlog(\"here\"); sleep(\"10m\")\n1\n").expect("krun reads");
    live.says("here");
    live.signal(Signal::TERM);
    live.ends().says(&["INTERRUPTED", "done: 0 steps"]).does_not_say(&["line 2"]);
    // A call that only asks, at once; Ctrl-C ends that and not the rest.
    let mut live = start(&place, &[]);
    live.stdin().write_all(b"log(\"here\"); loop {}\n").expect("krun reads");
    live.says("here");
    live.signal(Signal::INT);
    live.says("INTERRUPTED");
    live.stdin().write_all(b"log(`still ${1 + 1}`)\n").expect("krun reads");
    live.says("still 2");
    drop(live.take_stdin());
    live.ends().exits(1);
}

#[test]
fn a_cluster_that_nobody_named_is_changed_when_somebody_says_so() {
    let place = Place::quick();
    let bootstrap = place.running().bootstrap.iter().map(|server| format!("\"{server}\"")).collect::<Vec<_>>();
    let config = place.file(
        "krun.toml",
        &format!("default = \"prod\"\n[clusters.prod]\nbootstrap_servers = [{}]\n", bootstrap.join(", ")),
    );
    let lines = format!(":rw\n{SHORTEN}\n");
    for (words, code, changed) in [(&[][..], 1, None), (&["--yes"], 0, Some("1000"))] {
        let mut live = {
            let mut command = place.command(&[&["repl", "--config", &config], words].concat());
            command.stdin(Stdio::piped());
            Live::start(command, place.scratch())
        };
        live.stdin().write_all(lines.as_bytes()).expect("krun reads");
        drop(live.take_stdin());
        live.ends().exits(code).says(&["`prod` is only the default cluster: change it?"]);
        assert_eq!(retention(&place).as_deref(), changed);
    }
    until("the runs are both there", || place.runs().len() == 2);
}
