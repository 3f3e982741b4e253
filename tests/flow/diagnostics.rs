//! What a failing runbook shows: the report on stderr, with the innermost place first and one label for each frame.

use super::cases::each_case;

#[test]
fn a_failing_runbook_is_told_at_its_exact_place() {
    each_case("diagnostics", "err", |bench, name, _| {
        let said = bench.krun(&[name, "--cluster", "sandbox", "--yes"], &[]);
        assert_ne!(said.code, Some(0), "{name} fails: {}", said.err);
        assert_ne!(said.code, None, "{name} is not killed");
        // The screen around the report has times and names of runs in it, and tests of its own.
        let lines = said.err.lines().map(without_the_clock);
        let report: Vec<&str> = lines.skip_while(|line| !is_head(line)).take_while(|line| !is_end(line)).collect();
        assert!(!report.is_empty(), "{name} shows no report: {}", said.err);
        bench.redacted(report.join("\n").trim_end()) + "\n"
    });
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
