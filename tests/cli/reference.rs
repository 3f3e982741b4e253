//! `krun docs`: every function has its sentence and an example that runs, and a name is found however it is written.

use super::place::Place;
use krun::bind::reference::PAGES;
use krun::script::reference::{Entry, entries, named};
use krun::{bind, script::engine};
use std::fs;

fn all() -> Vec<Entry> {
    entries(&engine::build(bind::register))
}

#[test]
fn every_function_has_a_sentence_and_an_example() {
    for entry in all() {
        assert!(
            !entry.text.is_empty(),
            "{} has no sentence: put one above it, or into src/bind/reference.rs",
            entry.name
        );
        // What the library's functions are for is shown by the runbooks that import them.
        let is_library = entry.name.starts_with("std/");
        assert!(
            is_library || entry.example.as_ref().is_some_and(|example| !example.is_empty()),
            "{} has no page in src/bind/reference.rs",
            entry.name
        );
    }
}

#[test]
fn every_page_is_of_something() {
    let all = all();
    for page in PAGES {
        assert!(all.iter().any(|entry| entry.name == page.name), "{} is a page of nothing", page.name);
        assert_eq!(PAGES.iter().filter(|other| other.name == page.name).count(), 1, "{} twice", page.name);
    }
    for effect in bind::change::EFFECTS {
        let names = ["Cluster", "Host", "Properties"].map(|of| format!("{of}.{effect}"));
        let kind = all.iter().find(|entry| names.contains(&entry.name)).and_then(|entry| entry.kind);
        let settled_by = if *effect == "run" || *effect == "try_run" { "probed" } else { "convergent" };
        assert_eq!(kind, Some(settled_by), "{effect}");
    }
}

/// Each is a runbook of its own, on a sandbox that the ones before it may have changed.
#[test]
fn every_example_runs_on_the_sandbox() {
    let place = Place::quick();
    let mut wrong = Vec::new();
    for page in PAGES {
        let text = format!("let cluster = kafka::connect();\n{}\n", page.example);
        let mut ended = place.own(&text, &["--yes", "--accept", "unpin the protocol"]);
        if page.name == "pause" {
            ended.exits(4);
            ended = place.krun(&["resume"]);
        }
        if !ended.to_string().contains("(exit 0)") {
            wrong.push(format!("{}: {ended}", page.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_is_found_however_it_is_written() {
    let all = all();
    let names = |name: &str| named(&all, name).iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("step"), ["step"]);
    assert_eq!(names("topic"), ["Cluster.topic"]);
    assert_eq!(names("CLUSTER.topic()"), ["Cluster.topic"]);
    assert_eq!(names("kafka::connect"), ["kafka::connect"]);
    assert_eq!(names("reassign::assess"), ["std/reassign::assess"]);
    assert!(names("std/reassign").contains(&"std/reassign::carry_out".to_owned()));
    assert!(names("Schedule").len() > 5 && names("Schedule").iter().all(|name| name.starts_with("Schedule.")));
    assert_eq!(names("tpic"), [""; 0]);
}

#[test]
fn the_pages_as_they_are_shown() {
    let place = Place::without_sandbox();
    let shown = |words: &[&str]| {
        let ended = place.krun(&[&["docs"], words].concat());
        ended.exits(0);
        ended.stdout
    };
    let pages = [shown(&["alter_configs"]), shown(&["topic"]), shown(&["carry_out"])].join("── next ──\n");
    insta::assert_snapshot!(pages);
    let listed = shown(&[]);
    assert!(listed.lines().all(|line| line.chars().count() <= 100), "{listed}");
    assert!(listed.contains("Cluster.topic ") && listed.contains("std/reassign::assess"), "{listed}");
    let told = place.krun(&["docs", "elect_leaders", "--json"]);
    let entry = &told.exits(0).json()[0];
    assert_eq!((&entry["kind"], &entry["since"]), (&"convergent".into(), &"2.2".into()));
}

#[test]
fn what_is_not_there_is_suggested() {
    let place = Place::without_sandbox();
    place.krun(&["docs", "alter_confgs"]).exits(2).says(&["UNKNOWN_NAME", "did you mean `alter_configs`?"]);
    place.krun(&["docs", "zzzzzz"]).exits(2).says(&["`krun docs` lists all names"]);
    place.krun(&["docs", "--eject", "std/reasign"]).exits(2).says(&["did you mean \"std/reassign\"?"]);
    place.krun(&["docs", "topic", "--eject", "std/reassign"]).exits(2);
}

#[test]
fn a_module_is_written_once_and_wins_where_it_lies() {
    let place = Place::without_sandbox();
    let eject = || {
        let mut command = place.command(&["docs", "--eject", "std/reassign"]);
        command.current_dir(place.scratch());
        super::child::Live::start(command, place.scratch()).ends()
    };
    eject().exits(0).says(&["std/reassign.rhai"]);
    let path = place.scratch().join("std/reassign.rhai");
    assert_eq!(fs::read_to_string(&path).expect("written"), include_str!("../../stdlib/reassign.rhai"));
    fs::write(&path, "fn own() { 1 }\n").expect("ours");
    eject().exits(2).says(&["FILE_EXISTS", "stays as it is"]);
    assert_eq!(fs::read_to_string(&path).expect("still there"), "fn own() { 1 }\n");
    let runbook = place.file("own.rhai", "import \"std/reassign\" as reassign;\nreassign::own();\n");
    place.krun(&["check", &runbook]).exits(0);
}
