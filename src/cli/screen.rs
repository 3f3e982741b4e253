//! What the commands themselves print; a run is told by `report/`.

use crate::cli::arguments::Shared;
use crate::error::Error;
use crate::report::{COLUMNS_WITHOUT_TERMINAL, Stream};
use crate::script::diagnostic::{self, Look};
use crate::script::problem::Report;
use serde_json::{Value, json};
use std::io::Write;

/// One error on stderr, or as a JSON line.
pub(crate) fn error(shared: &Shared, error: &Error) {
    if shared.json {
        let line = json!({ "kind": "error", "code": error.code, "message": error.message, "hint": error.hint });
        return json_line(&line);
    }
    let mut text = format!("krun: {}: {}\n", error.code, error.message);
    if let Some(hint) = &error.hint {
        text.push_str(&format!("  {hint}\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The findings about a runbook.
pub(crate) fn problems(shared: &Shared, report: &Report) {
    if shared.json {
        for problem in &report.problems {
            json_line(&serde_json::to_value(problem).unwrap_or_default());
        }
        return;
    }
    let text = diagnostic::render_all(&report.problems, &report.sources, look(shared));
    let _ = std::io::stderr().write_all(text.as_bytes());
}

pub(crate) fn look(shared: &Shared) -> Look {
    let stream = Stream::stderr(shared.colour());
    let width = stream.terminal.as_ref().map_or(COLUMNS_WITHOUT_TERMINAL, |columns| columns());
    Look { width: width.into(), colour: stream.colour }
}

/// The columns of stdout.
pub(crate) fn columns(shared: &Shared) -> u16 {
    Stream::stdout(shared.colour()).terminal.as_ref().map_or(COLUMNS_WITHOUT_TERMINAL, |columns| columns())
}

/// A result on stdout. A closed pipe is no error of ours.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

pub(crate) fn json_line(value: &Value) {
    line(&value.to_string());
}

/// Something worth knowing on stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "krun: {text}");
}
