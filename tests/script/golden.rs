//! Golden cases: `ok` checks clean and runs, `failed` checks clean and fails when run, `parse_error` does not check.
//!
//! A case is `NAME.rhai`, or a folder `NAME` with `main.rhai` and what that imports; what is expected stands in `NAME.out`
//! (printed) or `NAME.err` (the report at width 100, without colour). `BLESS=1` writes what there is.

use super::host::{self, RULES};
use krun::script::api::HostApi;
use krun::script::catching;
use krun::script::diagnostic::{self, Look};
use krun::script::failure;
use krun::script::problem::Report;
use krun::script::runbook::Runbook;
use rhai::Dynamic;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const LOOK: Look = Look { width: 100, colour: false };

#[test]
fn ok() {
    each_case("ok", "out", |path| {
        let (report, run) = check_and_run(path);
        assert!(report.problems.is_empty(), "{}", rendered(&report));
        run.unwrap_or_else(|failure| panic!("{failure}"))
    });
}

#[test]
fn failed() {
    each_case("failed", "err", |path| {
        let (report, run) = check_and_run(path);
        assert!(report.problems.is_empty(), "{}", rendered(&report));
        match run {
            Ok(printed) => panic!("it did not fail, and printed {printed:?}"),
            Err(failure) => failure,
        }
    });
}

#[test]
fn parse_error() {
    each_case("parse_error", "err", |path| {
        let report = Runbook::check_file(path, &host::engine(), &RULES).expect("readable");
        assert!(!report.problems.is_empty(), "nothing was found");
        for problem in &report.problems {
            assert!(!problem.labels.is_empty(), "no place: {problem:?}");
        }
        rendered(&report)
    });
}

fn rendered(report: &Report) -> String {
    diagnostic::render_all(&report.problems, &report.sources, LOOK)
}

/// The report of the check, and what the run printed or how it failed.
fn check_and_run(path: &Path) -> (Report, Result<String, String>) {
    let mut engine = host::engine();
    let report = Runbook::check_file(path, &engine, &RULES).expect("readable");
    let Ok(runbook) = Runbook::load(path, &engine) else { return (report, Err("not loaded".to_owned())) };
    engine.set_module_resolver(runbook.modules());
    catching::unify(&mut engine, runbook.catch_variables());
    engine.set_default_tag(Dynamic::from(runbook.source_map().clone()));
    let printed = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&printed);
    engine.on_print(move |text| {
        let mut printed = sink.lock().expect("one thread");
        printed.push_str(text);
        printed.push('\n');
    });
    let result = engine.run_ast(runbook.ast());
    let printed = printed.lock().expect("one thread").clone();
    let run = result.map(|()| printed).map_err(|error| {
        let start = runbook.source_map().main().expect("a main file").name().to_owned();
        let api = HostApi::of(&engine);
        let problem = failure::problem(&error, &start, runbook.source_map(), &api);
        assert_eq!(problem.place(), failure::place_of(&error, &start, runbook.source_map()), "one place");
        assert_eq!(problem.to_error(), failure::to_error(&error, &api), "one error");
        diagnostic::render(&problem, runbook.source_map(), LOOK)
    });
    (report, run)
}

fn each_case(folder: &str, expected: &str, outcome: impl Fn(&Path) -> String) {
    let folder = Path::new("tests/script").join(folder);
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases(&folder) {
        count += 1;
        let path = if case.is_dir() { case.join("main.rhai") } else { case.clone() };
        let found = outcome(&path);
        let golden = case.with_extension(expected);
        refuse_rust(&found, &case);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &found).expect("writable");
        } else if fs::read_to_string(&golden).ok().as_deref() != Some(found.as_str()) {
            wrong.push(format!("{} differs; found:\n{found}", golden.display()));
        }
    }
    assert!(count > 0, "no cases in {}", folder.display());
    assert!(wrong.is_empty(), "BLESS=1 writes what is found\n{}", wrong.join("\n"));
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rhai"))
        .collect();
    cases.sort();
    cases
}

/// Nobody who writes runbooks knows these.
fn refuse_rust(text: &str, case: &Path) {
    for word in ["alloc::", "&str", "i64", "f64", "ImmutableString", "EvalAltResult", "Dynamic", "rhai::", "FnPtr"] {
        assert!(!text.contains(word), "{} shows {word}:\n{text}", case.display());
    }
}
