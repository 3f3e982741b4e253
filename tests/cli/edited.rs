//! `krun resume --edited`: what an edited runbook makes of a run that has begun.

use super::place::Place;
use std::fs;

/// The second step fails, by a mistake in the text.
const MISTAKEN: &str = r#"
let cluster = kafka::connect();
fn segment() { 7000000 }
step("set the first", || cluster.alter_configs("topic", "orders", #{ "segment.ms": segment() }));
for topic in ["clicks"] {
    step(`look at ${topic}`, || cluster.topic(topic).partitions.len());
}
step("set the second", || {
    cluster.alter_configs("topic", "orders", #{ "flush.ms": 7000000 });
    cluster.alter_configs("topic", "oders", #{ "segment.ms": segment() });
});
"#;

/// A place where that has failed.
fn failed() -> Place {
    let place = Place::quick();
    place.own(MISTAKEN, &[]).exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION"]);
    place
}

fn edit(place: &Place, changes: &[(&str, &str)]) {
    let mut text = MISTAKEN.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    place.file("own.rhai", &text);
}

const MENDED: (&str, &str) = ("\"oders\"", "\"clicks\"");

fn journal(place: &Place) -> String {
    fs::read_to_string(place.run_folder().join("journal.jsonl")).expect("a journal")
}

/// Nothing is written, in the run or in the cluster.
#[track_caller]
fn refused(place: &Place, words: &[&str], code: i32, said: &[&str]) {
    let (before, look) = (journal(place), place.look());
    place.krun(words).exits(code).says(said);
    assert!(journal(place) == before && place.look() == look, "something was changed by {words:?}");
}

#[test]
fn the_mended_text_is_taken_and_what_is_finished_stays() {
    let place = failed();
    edit(
        &place,
        &[MENDED, ("let cluster", "// A comment above moves every line.\nlet cluster"), ("|| {\n", "|| { // mended\n")],
    );
    place.krun(&["resume"]).exits(1).says(&["edited since", "krun resume --edited"]);
    let ended = place.krun(&["resume", "--edited"]);
    ended.exits(0).says(&["2 as before: set the first, look at clicks", "changed:  set the second  (not finished"]);
    ended.says(&["from here on by the edited text (sources/edit-1)", "2 steps were finished before", "done: 3 steps"]);
    ended.does_not_say(&["new: ", "vanished"]);
    let stored = |name: &str| fs::read_to_string(place.run_folder().join("sources").join(name)).expect("a text");
    assert!(stored("0.rhai") == MISTAKEN && stored("edit-1/0.rhai").contains("mended"));
    let history = place.krun(&["show"]);
    history.exits(0).shows(&["from here on by the edited text (sources/edit-1)"]);
}

#[test]
fn a_later_resume_goes_on_by_the_last_edit() {
    let place = failed();
    edit(
        &place,
        &[
            MENDED,
            ("let cluster", "const PARAMS = #{ again: #{ kind: \"bool\", help: \"ask\", value: true } };\nlet cluster"),
        ],
    );
    let text = fs::read_to_string(place.scratch().join("own.rhai")).expect("a text");
    place.file("own.rhai", &format!("{text}\nif param(\"again\") {{ step(\"ask\", || confirm(\"go on?\")); }}"));
    place.krun(&["resume", "--edited"]).exits(4).says(&["new:      ask", "go on?"]);
    place.krun(&["resume", "--edited"]).exits(4).says(&["as this run has them"]);
    fs::remove_file(place.scratch().join("own.rhai")).expect("it was there");
    place.krun(&["resume", "--yes"]).exits(0).says(&["✓ ask"]);
    assert_eq!(journal(&place).matches("\"kind\":\"edited\"").count(), 1);
}

#[test]
fn a_finished_step_that_changed_is_accepted_by_name() {
    let place = failed();
    // Not its closure, but a function that it reaches.
    edit(&place, &[MENDED, ("{ 7000000 }", "{ 8000000 }")]);
    let said = ["changed:  set the first  (finished", "STEPS_CHANGED", "--accept 'set the first'"];
    refused(&place, &["resume", "--edited"], 2, &said);
    refused(&place, &["resume", "--edited", "--accept", "set the frist"], 2, &["did you mean \"set the first\"?"]);
    let ended = place.krun(&["resume", "--edited", "--accept", "set the first"]);
    ended.exits(0).says(&["stay as they are: set the first"]);
    let change = |topic: &str, value: &str| journal(&place).contains(&format!("topic {topic}: segment.ms = {value} "));
    assert!(change("orders", "7000000") && change("clicks", "8000000") && !change("orders", "8000000"), "{ended}");
}

#[test]
fn an_unfinished_step_must_not_vanish() {
    let place = failed();
    edit(&place, &[MENDED, ("\"set the second\"", "\"set the other\"")]);
    let said = ["vanished: set the second  (not finished)", "new:      set the other", "STEP_VANISHED", "krun abort"];
    refused(&place, &["resume", "--edited"], 2, &said);
    // What is new comes after what was begun.
    edit(&place, &[MENDED, ("`look at ${topic}`", "`see ${topic}`")]);
    let ended = place.krun(&["resume", "--edited"]);
    ended.exits(1).says(&["vanished: look at clicks  (finished, what it did stays)", "new:      see …"]);
    ended.says(&["STEP_PASSED_BY", "in an edited runbook, new steps come after those that were begun"]);
    // What is finished may vanish.
    edit(&place, &[MENDED, ("step(`look at ${topic}`, || cluster.topic(topic).partitions.len());", "")]);
    place.krun(&["resume", "--edited"]).exits(0).says(&["vanished: look at clicks", "sources/edit-2"]);
}

#[test]
fn an_open_temporary_must_not_vanish() {
    let place = Place::quick();
    let text = |name: &str, code: &str| {
        format!(
            r#"
            let cluster = kafka::connect();
            temporarily("{name}", #{{ keep: true }}, || cluster.alter_configs("topic", "orders", #{{ "segment.ms": 7000000 }}), || {{
                step("work", || {{ {code} }});
            }});
            "#
        )
    };
    place.own(&text("hold", "fail(\"not yet\")"), &[]).exits(1);
    place.file("own.rhai", &text("keep", "1"));
    refused(&place, &["resume", "--edited"], 2, &["the temporarily `hold` was begun and is not finished"]);
    place.file("own.rhai", &text("hold", "1"));
    place.krun(&["resume", "--edited"]).exits(0).says(&["put back"]);
}

#[test]
fn what_does_not_check_is_refused_and_so_are_parameters_that_do_not_fit() {
    let place = failed();
    edit(&place, &[MENDED, ("cluster.topic(topic)", "cluster.topc(topic)")]);
    refused(&place, &["resume", "--edited"], 3, &["SCRIPT_UNKNOWN_FUNCTION"]);
    place.file("own.rhai", "step(");
    refused(&place, &["resume", "--edited"], 3, &["SCRIPT"]);
    let params = "const PARAMS = #{ to: #{ kind: \"string\", help: \"\" } };\nlog(param(\"to\"));\nlet cluster";
    edit(&place, &[MENDED, ("let cluster", params)]);
    refused(&place, &["resume", "--edited"], 2, &["PARAMETER_MISSING", "`to`"]);
    fs::remove_file(place.scratch().join("own.rhai")).expect("it was there");
    refused(&place, &["resume", "--edited"], 2, &["RUNBOOK_NOT_FOUND", "where the run was begun"]);
}

#[test]
fn killed_while_it_is_taken_it_is_taken_again() {
    for n in 1..=8 {
        let place = failed();
        edit(&place, &[MENDED]);
        let mut command = place.command(&["resume", "--edited"]);
        command.env("KRUN_KILL_AT", n.to_string());
        let killed = command.output().expect("it starts");
        assert_eq!(killed.status.code(), None, "killed at {n}: {killed:?}");
        place.krun(&["resume", "--edited"]).exits(0).says(&["done: 3 steps"]);
    }
}

#[test]
fn items_of_a_parallel_are_told_by_its_closure() {
    let place = Place::quick();
    let text =
        |code: &str| format!("all_ok(parallel(\"items\", [1, 2, 3], #{{ at_once: 2 }}, |id, cluster| {{ {code} }}));");
    place.own(&text("if id == 3 { fail(\"not yet\"); } id"), &[]).exits(1);
    place.file("own.rhai", &text("id"));
    refused(
        &place,
        &["resume", "--edited"],
        2,
        &["changed:  items › 1", "--accept 'items › 1'", "--accept 'items › 2'"],
    );
    place.krun(&["resume", "--edited", "--accept", "items › 1", "--accept", "items › 2"]).exits(0);
}
