//! One thing that is wrong in a text, as data, and all of them together.

use crate::error::Error;
use std::ops::Range;

/// So many are told of one text.
const MOST: usize = 20;

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `INVALID_JSON` where the text is no JSON, else what kind of file it fails to be: `INVALID_STATE_FILE`, …
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Another place that explains it: where the object begins that is not closed.
    pub other: Option<(Range<usize>, String)>,
}

impl Fault {
    pub(super) fn json(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: "INVALID_JSON", message: message.into(), hint: Some(hint.into()), span, other: None }
    }

    pub(super) fn other(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.other = Some((span, label.into()));
        self
    }
}

/// A text with what is wrong in it: one fault at least, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faulty {
    /// As messages name it.
    pub file: String,
    pub text: String,
    pub faults: Vec<Fault>,
    /// There may be more than are told.
    pub more: bool,
}

impl Faulty {
    pub(super) fn new(file: &str, text: String, faults: Faults) -> Self {
        let more = faults.is_full();
        let mut faults = faults.found;
        faults.sort_by_key(|fault| fault.span.start);
        Self { file: file.to_owned(), text, faults, more }
    }

    /// The line and the column of a byte, both from 1, the column in characters.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        line_column(&self.text, byte)
    }

    /// Each fault as an error that says its place.
    pub fn errors(&self) -> Vec<Error> {
        let error = |fault: &Fault| {
            let (line, column) = self.line_column(fault.span.start);
            let error = Error::new(fault.code, format!("{}:{line}:{column}: {}", self.file, fault.message));
            Error { hint: fault.hint.clone(), ..error }
        };
        self.faults.iter().map(error).collect()
    }
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    pub(super) fn push(&mut self, fault: Fault) {
        if !self.is_full() {
            self.found.push(fault);
        }
    }

    /// Adds a fault, in place of the last one where that only said a part of it.
    pub(super) fn replace_last_if(&mut self, partial: bool, fault: Fault) {
        if partial {
            self.found.pop();
        }
        self.push(fault);
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

pub(super) fn line_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// What serde says, at its place: the last resort where nothing here explains it.
pub(super) fn of_serde(text: &str, error: &serde_json::Error, code: &'static str) -> Fault {
    let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let mut start = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    let said = error.to_string();
    let message = said.split(" at line ").next().unwrap_or(&said).to_owned();
    let code = if error.is_data() { code } else { "INVALID_JSON" };
    Fault {
        code,
        message,
        hint: Some("correct the file at this place".to_owned()),
        span: start..start + length,
        other: None,
    }
}
