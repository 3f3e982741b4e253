//! A run's folder that this krun did not write, or that somebody has edited since.

use super::place::Place;
use std::fs;

/// A run that waits at its question.
fn waiting() -> Place {
    let place = Place::quick();
    place.own("step(\"begin\", || 1);\nconfirm(\"go on?\");\nlog(\"the text of before\");", &[]).exits(4);
    place
}

#[track_caller]
fn refused(place: &Place, words: &[&str]) {
    let name = place.runs()[0].clone();
    let folder = place.run_folder();
    let files = || -> Vec<Vec<u8>> {
        ["journal.jsonl", "run.json"].iter().map(|name| fs::read(folder.join(name)).expect("a file")).collect()
    };
    let before = files();
    for verb in [&["resume", &name, "--yes"][..], &["abort", &name], &["abort", &name, "--plan"], &["show", &name]] {
        place.krun_in_vain(verb).exits(2).says(words);
    }
    place.krun_in_vain(&["runs"]).exits(0).says(&[&name, "cannot be read"]);
    assert_eq!(files(), before, "what cannot be read is not repaired");
}

#[test]
fn a_journal_of_a_newer_krun() {
    let place = waiting();
    let path = place.run_folder().join("journal.jsonl");
    let text = fs::read_to_string(&path).expect("a journal");
    fs::write(&path, text.replacen("{\"krun_journal\":1}", "{\"krun_journal\":2}", 1)).expect("written");
    refused(&place, &["JOURNAL_NEWER", "format 2", "use the krun that wrote it"]);
}

#[test]
fn a_journal_that_is_none() {
    let place = waiting();
    let path = place.run_folder().join("journal.jsonl");
    fs::write(&path, "GIF89a\nsomething else\n").expect("written");
    refused(&place, &["NOT_A_JOURNAL", "journal.jsonl"]);
}

#[test]
fn a_journal_with_a_damaged_line_in_its_middle() {
    let place = waiting();
    let path = place.run_folder().join("journal.jsonl");
    let text = fs::read_to_string(&path).expect("a journal");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "{\"seq\":2,";
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    refused(&place, &["NOT_A_JOURNAL", "line 3 is damaged"]);
}

#[test]
fn a_run_of_a_newer_krun_and_one_that_cannot_be_read() {
    let place = waiting();
    let path = place.run_folder().join("run.json");
    let text = fs::read_to_string(&path).expect("a run");
    fs::write(&path, text.replacen("\"format\": 1", "\"format\": 2", 1)).expect("written");
    refused(&place, &["RUN_NEWER", "format 2", "use the krun that wrote it"]);
    fs::write(&path, "{").expect("written");
    refused(&place, &["RUN_UNREADABLE", "run.json"]);
}

#[test]
fn a_runbook_that_was_edited_since_goes_on_as_it_was() {
    let place = waiting();
    place.file("own.rhai", "confirm(\"go on?\");\nlog(\"the text of now\");");
    let ended = place.krun(&["resume", "--yes"]);
    ended.exits(0).says(&["own.rhai was edited since", "the text of before"]).does_not_say(&["the text of now"]);
}

#[test]
fn a_runbook_that_is_gone_goes_on_as_it_was() {
    let place = waiting();
    fs::remove_file(place.scratch().join("own.rhai")).expect("removed");
    place.krun(&["resume", "--yes"]).exits(0).says(&["the text of before"]);
}
