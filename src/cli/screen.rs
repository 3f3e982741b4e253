//! What the commands themselves print; a run is told by `report/`.

use crate::cli::arguments::Shared;
use crate::error::Error;
use crate::report::{COLUMNS_WITHOUT_TERMINAL, Stream};
use crate::script::diagnostic::{self, Look};
use crate::script::problem::Report;
use serde_json::{Value, json};
use std::io::{self, BufWriter, ErrorKind, Write};

/// One error on stderr, or as a JSON line.
pub(crate) fn error(shared: &Shared, error: &Error) {
    if shared.json {
        let line = json!({ "kind": "error", "code": error.code, "message": error.message, "hint": error.hint });
        return json_line(&line);
    }
    let mut text = format!("krun: {}: {}\n", error.code, error.message);
    if let Some(hint) = &error.hint {
        text.push_str(&format!("  hint: {hint}\n"));
    }
    self::text(&text);
}

/// The findings about a runbook.
pub(crate) fn problems(shared: &Shared, report: &Report) {
    if shared.json {
        for problem in &report.problems {
            json_line(&serde_json::to_value(problem).unwrap_or_default());
        }
        return;
    }
    text(&diagnostic::render_all(&report.problems, &report.sources, look(shared, 0)));
}

/// How a diagnostic is drawn on stderr, where so many columns of each row are taken already.
pub(crate) fn look(shared: &Shared, taken: usize) -> Look {
    let stream = Stream::stderr(shared.colour());
    let width = stream.terminal.as_ref().map_or(COLUMNS_WITHOUT_TERMINAL, |columns| columns());
    Look { width: usize::from(width).saturating_sub(taken), colour: stream.colour }
}

/// The columns of stdout; a file has no edge.
pub(crate) fn columns(shared: &Shared) -> u16 {
    Stream::stdout(shared.colour()).terminal.as_ref().map_or(u16::MAX, |columns| columns())
}

/// A result on stdout. A closed pipe is no error of ours.
pub(crate) fn result(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// A long result on stdout, piece by piece. A closed pipe is no error of ours; a full disk is.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new("FILE_NOT_WRITTEN", format!("stdout cannot be written: {error}")).hint("is the disk full?"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn line(text: &str) {
    result(&format!("{text}\n"));
}

/// A text on stderr, as it is.
pub(crate) fn text(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

pub(crate) fn json_line(value: &Value) {
    line(&value.to_string());
}

/// Something worth knowing on stderr.
pub(crate) fn note(text: &str) {
    self::text(&format!("krun: {text}\n"));
}
