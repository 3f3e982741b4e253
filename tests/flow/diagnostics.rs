//! What a failing runbook shows: the report on stderr, with the innermost place first and one label for each frame.

use super::bench::Bench;
use super::cases::each_case;
use std::path::Path;

#[test]
fn a_failing_runbook_is_told_at_its_exact_place() {
    each_case("diagnostics", "err", report);
}

/// The lines of the standard library move: only what does not depend on them is compared.
#[test]
fn an_error_in_the_standard_library_is_told_there_and_at_each_call() {
    let cases = [
        ("kafka_error.rhai", "UNKNOWN_TOPIC_OR_PARTITION", "std/moving:", "in `prove`, called here", "`step`"),
        ("preflight.rhai", "BROKER_DOWN", "std/reassign:", "in `assess_moves`, called here", "`preflight`"),
    ];
    let bench = Bench::with(Path::new("tests/flow/in_std"));
    for (name, code, first, call, around) in cases {
        let report = report(&bench, name, "");
        let files: Vec<&str> = report.lines().filter_map(|line| line.split_once("╭─[")).map(|(_, at)| at).collect();
        assert!(report.starts_with(&format!("{code}\n")), "{report}");
        assert!(files.first().is_some_and(|at| at.starts_with(first)), "{report}");
        assert!(files.last().is_some_and(|at| at.starts_with(name)), "{report}");
        let raised = report.find("raised here").expect("where it was raised");
        for label in [call, &format!("in the closure of this {around}")] {
            assert!(report.find(label).is_some_and(|at| at > raised), "{label}: {report}");
        }
    }
}

/// What a runbook that fails shows of its failure.
fn report(bench: &Bench, name: &str, _text: &str) -> String {
    let said = bench.krun(&[name, "--cluster", "sandbox", "--yes"], &[]);
    assert_eq!(said.code, Some(1), "{name} fails: {}", said.err);
    // The screen around the report has times and names of runs in it, and tests of its own.
    let lines = said.err.lines().map(without_the_clock);
    let report: Vec<&str> = lines.skip_while(|line| !is_head(line)).take_while(|line| !is_end(line)).collect();
    assert!(!report.is_empty(), "{name} shows no report: {}", said.err);
    bench.redacted(report.join("\n").trim_end()) + "\n"
}

/// `23:10:14 sandbox │ ` stands before each line.
fn without_the_clock(line: &str) -> &str {
    line.split_once(" │").map_or(line, |(_, rest)| rest.strip_prefix(' ').unwrap_or(rest))
}

/// `STEP_NAME_TWICE`, alone on its line: the head of a report.
fn is_head(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// What the run says after the report.
fn is_end(line: &str) -> bool {
    line.starts_with(['■', '✗']) || line.starts_with("in place") || line.starts_with("begun and not finished")
}
