//! Draws a problem: its code, its message, every place in its own file, and the hint. The only file here that knows miette.

use super::problem::{Label, Problem, Severity};
use super::source::{SourceFile, SourceMap};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents};
use miette::{SourceCode, SourceSpan, SpanContents};
use std::fmt;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}

impl Look {
    /// In a text that goes anywhere.
    pub const PLAIN: Self = Self { width: 100, colour: false };
}

/// The problem as it is shown on a terminal: the file where it lies first, then the other files that it concerns.
pub fn render(problem: &Problem, sources: &SourceMap, look: Look) -> String {
    let theme = if look.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(look.width).with_links(false);
    let mut text = String::new();
    for part in parts(problem, sources) {
        if handler.render_report(&mut text, &part).is_err() {
            // Drawing needs the labels to lie inside the text; without a drawing the words still stand.
            text = format!("{}: {}\n", problem.code, problem.message);
        }
    }
    text
}

/// All of them, one below the other.
pub fn render_all<'p>(problems: impl IntoIterator<Item = &'p Problem>, sources: &SourceMap, look: Look) -> String {
    problems.into_iter().map(|problem| render(problem, sources, look)).collect::<Vec<_>>().join("\n")
}

/// A problem, one part for each file that it concerns: a drawing has one text.
fn parts<'a>(problem: &'a Problem, sources: &'a SourceMap) -> Vec<Part<'a>> {
    let mut files: Vec<&str> = Vec::new();
    for label in &problem.labels {
        if !files.contains(&label.file.as_str()) {
            files.push(&label.file);
        }
    }
    let severity = match problem.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let mut parts = vec![Part {
        code: Some(&problem.code),
        message: problem.message.clone(),
        hint: problem.hint.as_deref(),
        severity,
        text: None,
        labels: Vec::new(),
    }];
    for (nth, file) in files.into_iter().enumerate() {
        let text = sources.get(file).map(Text);
        let labels = labels_in(file, &problem.labels);
        if nth == 0 {
            parts[0].text = text;
            parts[0].labels = labels;
        } else {
            let message = format!("in {file}");
            parts.push(Part { code: None, message, hint: None, severity: miette::Severity::Advice, text, labels });
        }
    }
    parts
}

/// The first label of all is the primary one.
fn labels_in(file: &str, labels: &[Label]) -> Vec<LabeledSpan> {
    let here = labels.iter().enumerate().filter(|(_, label)| label.file == file);
    here.map(|(nth, label)| {
        let (text, span) = (Some(label.text.clone()), label.span.clone());
        if nth == 0 { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
    })
    .collect()
}

/// One file's part of a problem, in the shape that miette draws.
#[derive(Debug)]
struct Part<'a> {
    code: Option<&'a str>,
    message: String,
    hint: Option<&'a str>,
    severity: miette::Severity,
    text: Option<Text<'a>>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Part<'_> {}

impl Diagnostic for Part<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

/// A file as miette reads it.
#[derive(Debug)]
struct Text<'a>(&'a SourceFile);

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.0.text().read_span(span, lines_before, lines_after)?;
        // miette counts the column in bytes; an editor, and everything else here, in characters.
        let column = if lines_before == 0 {
            self.0
                .text()
                .get(..span.offset())
                .map_or(0, |before| before.chars().rev().take_while(|c| *c != '\n').count())
        } else {
            found.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name().to_owned(),
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}
