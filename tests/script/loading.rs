//! Where texts come from: a folder, its own `std/`, the embedded library, what a run has stored.

use super::host::{self, RULES};
use krun::script::engine::{self, Engine};
use krun::script::failure;
use krun::script::runbook::{Runbook, Unloadable, check_text};
use krun::script::stdlib;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    folder
}

fn load(path: &Path) -> Result<Runbook, Unloadable> {
    Runbook::load(path, &host::engine())
}

/// With krun's own functions, which the embedded modules call.
fn own_engine() -> Engine {
    engine::build(krun::bind::register)
}

/// The code and message of the first problem of a runbook that does not load.
fn refusal(path: &Path) -> String {
    match load(path) {
        Ok(_) => panic!("it loads"),
        Err(Unloadable::Unreadable(error)) => error.to_string(),
        Err(Unloadable::Broken(report)) => {
            let problem = report.errors().next().expect("an error");
            format!("{}: {}", problem.code, problem.message)
        }
    }
}

fn evaluated(runbook: &Runbook, mut engine: Engine) -> String {
    engine.set_module_resolver(runbook.modules());
    engine.eval_ast::<rhai::Dynamic>(runbook.ast()).expect("it runs").to_string()
}

#[test]
fn a_stored_runbook_is_the_one_that_was_loaded() {
    let files = folder(&[
        (
            "a.rhai",
            "//! Says hello.\n//!\n//! Twice.\nimport \"lib/b\" as b;\nimport \"std/reassign\" as reassign;\nb::hello()",
        ),
        ("lib/b.rhai", "import \"lib/c\" as c;\nfn hello() { c::word() }"),
        ("lib/c.rhai", "fn word() { \"hello\" }"),
    ]);
    let path = files.path().join("a.rhai");
    let loaded = Runbook::load(&path, &own_engine()).expect("it loads");
    let keys: Vec<&str> = loaded.sources().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "a.rhai",
            "lib/b.rhai",
            "lib/c.rhai",
            "std/reassign.rhai",
            "std/guards.rhai",
            "std/moving.rhai",
            "std/throttle.rhai"
        ]
    );
    assert_eq!(loaded.doc(), "Says hello.\n\nTwice.");
    assert_eq!(evaluated(&loaded, own_engine()), "hello");

    fs::remove_dir_all(files.path()).expect("removable");
    let name = path.display().to_string();
    let stored = Runbook::from_sources(&name, loaded.sources(), &own_engine()).expect("it loads without its folder");
    assert_eq!(stored.sources(), loaded.sources());
    assert_eq!(evaluated(&stored, own_engine()), "hello");
    let names = |runbook: &Runbook| runbook.source_map().files().map(|file| file.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&stored), names(&loaded), "also on the screen");
}

#[test]
fn an_ejected_module_wins() {
    let files = folder(&[
        ("a.rhai", "import \"std/health\" as health;\nhealth::mine()"),
        ("std/health.rhai", "fn mine() { \"ejected\" }"),
    ]);
    let runbook = load(&files.path().join("a.rhai")).expect("it loads");
    assert_eq!(evaluated(&runbook, host::engine()), "ejected");
}

#[test]
fn an_embedded_module_has_its_name_in_a_report() {
    let files = folder(&[("a.rhai", "import \"std/reassign\" as reassign;\nreassign::show(1, \"1MB/s\", 2);")]);
    let mut engine = own_engine();
    let runbook = Runbook::load(&files.path().join("a.rhai"), &engine).expect("it loads");
    engine.set_module_resolver(runbook.modules());
    let error = engine.run_ast(runbook.ast()).expect_err("1 is no plan");
    let place = failure::place_of(&error, runbook.name(), runbook.source_map()).expect("a place");
    let text = stdlib::text("reassign").expect("it is embedded");
    let line = text.lines().nth(place.line - 1).expect("the line is there");
    assert_eq!((place.file.as_str(), line.contains("moves.certificate()")), ("std/reassign", true), "{line}");
}

#[test]
fn every_embedded_module_checks() {
    for name in stdlib::names() {
        let files = folder(&[("a.rhai", &format!("import \"std/{name}\" as it;"))]);
        let report = Runbook::check_file(&files.path().join("a.rhai"), &host::engine(), &RULES).expect("readable");
        // The functions of the host differ here; the module must be found, and be readable.
        let wrong = report
            .problems
            .iter()
            .find(|problem| problem.code == "IMPORT_NOT_FOUND" || problem.code == "SCRIPT_SYNTAX");
        assert_eq!(wrong, None, "std/{name}");
    }
}

#[test]
fn what_is_no_runbook() {
    let files = folder(&[("text.rhai", "let x = 1;\n"), ("sub/x", "")]);
    fs::write(files.path().join("binary.rhai"), b"let x = 1;\nlet y = \"\xff\";").expect("writable");
    fs::write(files.path().join("large.rhai"), vec![b' '; 1024 * 1024 + 1]).expect("writable");
    let said = |name: &str| {
        let text = refusal(&files.path().join(name));
        text.replace(&format!("{}/", files.path().display()), "")
    };
    assert_eq!(said("none.rhai"), "RUNBOOK_NOT_FOUND: there is no runbook none.rhai");
    assert_eq!(said("text.rhai/x"), "RUNBOOK_NOT_FOUND: there is no runbook text.rhai/x");
    assert_eq!(said("sub"), "RUNBOOK_UNREADABLE: sub is a folder");
    assert_eq!(said("binary.rhai"), "RUNBOOK_UNREADABLE: binary.rhai is not UTF-8: line 2 has other bytes");
    assert_eq!(said("large.rhai"), "RUNBOOK_UNREADABLE: large.rhai is larger than 1 MiB");
    assert_eq!(refusal(Path::new("/dev/zero")), "RUNBOOK_UNREADABLE: /dev/zero is no regular file");
    assert!(load(&files.path().join("text.rhai")).is_ok());
}

#[test]
fn a_link_may_not_lead_out() {
    let outside = folder(&[("secret.rhai", "fn f() { 1 }")]);
    let files = folder(&[("a.rhai", "import \"lib/b\" as b;"), ("lib/c.rhai", "fn f() { 2 }")]);
    std::os::unix::fs::symlink(outside.path().join("secret.rhai"), files.path().join("lib/b.rhai")).expect("a link");
    assert!(refusal(&files.path().join("a.rhai")).starts_with("IMPORT_OUTSIDE: "));
    fs::remove_file(files.path().join("lib/b.rhai")).expect("removable");
    std::os::unix::fs::symlink("c.rhai", files.path().join("lib/b.rhai")).expect("a link");
    assert!(load(&files.path().join("a.rhai")).is_ok(), "a link inside is fine");
}

#[test]
fn marks_at_the_start_are_passed_over() {
    let files = folder(&[("a.rhai", "\u{feff}#!/usr/bin/env krun\n//! Runs by itself.\n1 + nope")]);
    let Err(Unloadable::Broken(report)) = load(&files.path().join("a.rhai")) else { panic!("`nope` is unknown") };
    let place = report.problems[0].place().expect("a place");
    assert_eq!((place.line, place.column), (3, 5));
}

#[test]
fn nesting_to_the_limit_is_an_error_and_not_a_crash() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("#{a:", "}"), ("{", "}"), ("if true {", "}"), ("(|| {", "})"), ("!", "")]
    {
        let text = format!("let x = {}1{};", open.repeat(5000), close.repeat(5000));
        let files = folder(&[("a.rhai", &text)]);
        assert!(refusal(&files.path().join("a.rhai")).starts_with("SCRIPT_"), "{open}");
    }
}

#[test]
fn deep_calls_end_in_an_error() {
    let files = folder(&[("a.rhai", "fn f(n) { step(`a ${n}`, || f(n + 1)) }\nf(0)")]);
    let path = files.path().join("a.rhai");
    let found = std::thread::Builder::new()
        .stack_size(32 * 1024 * 1024)
        .spawn(move || {
            let mut engine = host::engine();
            let runbook = Runbook::load(&path, &engine).expect("it loads");
            engine.set_module_resolver(runbook.modules());
            let error = engine.run_ast(runbook.ast()).expect_err("it never ends");
            failure::to_error(&error, &krun::script::api::HostApi::of(&engine)).code
        })
        .expect("a thread")
        .join()
        .expect("no crash");
    assert_eq!(found, "SCRIPT_TOO_DEEP");
}

#[test]
fn a_step_learns_the_true_place_of_what_failed_in_it() {
    let sources = [
        ("a.rhai".to_owned(), "import \"lib/each\" as each;\neach::run([7], |n|\n    [1][n]);".to_owned()),
        ("lib/each.rhai".to_owned(), "fn run(items, body) {\n    for item in items { body.call(item); }\n}".to_owned()),
    ];
    let mut engine = host::engine();
    let runbook = Runbook::from_sources("a.rhai", &sources, &engine).expect("it loads");
    engine.set_module_resolver(runbook.modules());
    let error = engine.run_ast(runbook.ast()).expect_err("there is no element 7");
    // What a host function sees that called the closure: the error from the closure on, and a source that is the module's.
    let rhai::EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = *error else { panic!("{error:?}") };
    let place = failure::place_of(&inner, "lib/each.rhai", runbook.source_map()).expect("a place");
    assert_eq!((place.file.as_str(), place.line), ("a.rhai", 3));
}

#[test]
fn problems_are_data_too() {
    let files = folder(&[("a.rhai", "let x = \"é\"; stpe(x);")]);
    let report = Runbook::check_file(&files.path().join("a.rhai"), &host::engine(), &RULES).expect("readable");
    let mut found = serde_json::to_value(&report.problems).expect("plain data");
    let file = files.path().join("a.rhai").display().to_string();
    assert_eq!(found[0]["labels"][0]["file"].take(), serde_json::json!(file));
    let expected = serde_json::json!([{
        "severity": "error",
        "code": "SCRIPT_UNKNOWN_FUNCTION",
        "message": "there is no function `stpe`",
        "hint": "did you mean `step`?",
        "labels": [{ "file": null, "line": 1, "column": 14, "text": "called here" }],
    }]);
    assert_eq!(found, expected);
}

#[test]
fn an_expression_is_checked_like_a_runbook() {
    let engine = host::engine();
    let ast = check_text("-e", "1 + 2", &engine, &RULES).expect("it is right");
    assert_eq!(engine.eval_ast::<i64>(&ast).expect("it runs"), 3);
    let report = check_text("-e", "kafka::connect().delete_topic(\"orders\")", &engine, &RULES).expect_err("an effect");
    assert_eq!(report.problems[0].code, "EFFECT_OUTSIDE_STEP");
    let report = check_text("-e", "1 +", &engine, &RULES).expect_err("incomplete");
    assert!(report.problems[0].code == "SCRIPT_SYNTAX" && report.sources.main().is_some());
}

/// With a limit of its sizes, Rhai counts all of a value each time something is added: this took a quarter of an hour.
#[test]
fn a_row_for_each_of_many_partitions_is_no_matter() {
    let rows: i64 = host::engine()
        .eval("let rows = []; for i in 0..100000 { rows.push(#{ topic: `orders`, partition: i }); } rows.len()")
        .expect("a long list");
    assert_eq!(rows, 100_000);
}
