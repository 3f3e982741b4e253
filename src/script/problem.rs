//! One finding about a script, as data: what is wrong, where, and what to do.

use super::source::{SourceFile, SourceMap};
use super::span;
use crate::error::Error;
use crate::event::Place;
use rhai::Position;
use serde::Serialize;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The runbook is not run.
    Error,
    /// The runbook is run.
    Warning,
}

/// A place with something to say about it. The first label of a problem is where the problem is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub text: String,
    /// Bytes of the file's text.
    #[serde(skip)]
    pub span: Range<usize>,
}

impl Label {
    pub(super) fn at(file: &SourceFile, position: Position, text: impl Into<String>) -> Self {
        Self::over(file, file.span(position), text)
    }

    pub(super) fn over(file: &SourceFile, span: Range<usize>, text: impl Into<String>) -> Self {
        let (line, column) = span::line_column(file.text(), span.start);
        Self { file: file.name().to_owned(), line, column, text: text.into(), span }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub severity: Severity,
    pub code: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub labels: Vec<Label>,
}

impl Problem {
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            labels: Vec::new(),
        }
    }

    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    pub fn of(error: &Error) -> Self {
        Self { hint: error.hint.clone(), ..Self::error(&error.code, error.message.clone()) }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(super) fn hint_if_any(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// One more place: the first one is where the problem is, others explain it.
    #[must_use]
    pub(super) fn at(mut self, file: &SourceFile, position: Position, text: impl Into<String>) -> Self {
        self.labels.push(Label::at(file, position, text));
        self
    }

    #[must_use]
    pub(super) fn label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// Where the problem is.
    pub fn place(&self) -> Option<Place> {
        self.labels.first().map(|at| Place { file: at.file.clone(), line: at.line, column: at.column })
    }

    /// The problem as an error, for the journal or the exit of a command.
    pub fn to_error(&self) -> Error {
        Error { code: self.code.clone(), message: self.message.clone(), hint: self.hint.clone(), retriable: false }
    }
}

/// All findings about one runbook, with the texts they point into.
#[derive(Debug, Clone)]
pub struct Report {
    pub problems: Vec<Problem>,
    pub sources: SourceMap,
}

impl Report {
    /// Errors before warnings, then by file and line.
    pub(super) fn new(mut problems: Vec<Problem>, sources: SourceMap) -> Self {
        let order: Vec<&str> = sources.files().map(SourceFile::name).collect();
        problems.sort_by_key(|problem| {
            let file = problem.labels.first().and_then(|at| order.iter().position(|name| *name == at.file));
            let at = problem.labels.first().map(|at| at.span.start);
            (problem.severity == Severity::Warning, file, at)
        });
        Self { problems, sources }
    }

    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Warning)
    }
}
