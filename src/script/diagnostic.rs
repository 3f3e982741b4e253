//! Draws a problem: its code, its message, every place in its own file, and the hint. The only file here that knows miette.

use super::problem::{Label, Problem, Severity};
use super::source::SourceMap;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use std::fmt;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}

/// The problem as it is shown on a terminal: the file where it lies first, then the files from which that was reached.
pub fn render(problem: &Problem, sources: &SourceMap, look: Look) -> String {
    let theme = if look.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(look.width).with_links(false);
    let mut text = String::new();
    if handler.render_report(&mut text, &Drawn::of(problem, sources)).is_err() {
        // Drawing needs the label to lie inside its text; without a drawing the words still stand.
        text = format!("{}: {}\n", problem.code, problem.message);
    }
    text
}

/// All of them, one below the other.
pub fn render_all<'p>(problems: impl IntoIterator<Item = &'p Problem>, sources: &SourceMap, look: Look) -> String {
    problems.into_iter().map(|problem| render(problem, sources, look)).collect::<Vec<_>>().join("\n")
}

/// One file's part of a problem, in the shape that miette draws.
#[derive(Debug)]
struct Drawn {
    code: Option<String>,
    message: String,
    hint: Option<String>,
    severity: miette::Severity,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    others: Vec<Drawn>,
}

impl Drawn {
    fn of(problem: &Problem, sources: &SourceMap) -> Self {
        let mut files: Vec<&str> = Vec::new();
        for label in &problem.labels {
            if !files.contains(&label.file.as_str()) {
                files.push(&label.file);
            }
        }
        let mut parts = files.into_iter().map(|file| Self::in_file(file, &problem.labels, sources));
        let first = parts.next();
        let (source, labels) = first.map_or((None, Vec::new()), |part| (part.source, part.labels));
        Self {
            code: Some(problem.code.clone()),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            severity: match problem.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            source,
            labels,
            others: parts.collect(),
        }
    }

    /// The labels of one file; the first one of all is the primary one.
    fn in_file(file: &str, labels: &[Label], sources: &SourceMap) -> Self {
        let drawn = labels.iter().enumerate().filter(|(_, label)| label.file == file).map(|(nth, label)| {
            let (text, span) = (Some(label.text.clone()), label.span.clone());
            if nth == 0 { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
        });
        Self {
            code: None,
            message: format!("reached from {file}"),
            hint: None,
            severity: miette::Severity::Advice,
            source: sources.get(file).map(|file| NamedSource::new(file.name(), file.text().to_owned())),
            labels: drawn.collect(),
            others: Vec::new(),
        }
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let others = self.others.iter().map(|other| other as &dyn Diagnostic);
        (!self.others.is_empty()).then(|| Box::new(others) as Box<dyn Iterator<Item = &'a dyn Diagnostic>>)
    }
}
