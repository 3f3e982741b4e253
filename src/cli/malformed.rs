//! What is wrong in a file that a command was given, as it is drawn: every fault with the line that it is in.

use crate::cli::Complaint;
use crate::inventory::{Faulty, Unreadable};
use crate::script::problem::{Label, Problem, Report};
use crate::script::source::SourceMap;
use std::ops::Range;

/// A longer line is not drawn: a state file may have all of its megabytes in one.
const LONGEST_LINE: usize = 240;
/// So much of a longer line is quoted, before and behind.
const QUOTED: usize = 30;

pub(crate) fn complaint(unreadable: Unreadable) -> Complaint {
    match unreadable {
        Unreadable::File(error) => Complaint::usage(error),
        Unreadable::Faulty(faulty) => Complaint::Malformed(Box::new(report(&faulty))),
    }
}

fn report(faulty: &Faulty) -> Report {
    let mut problems: Vec<Problem> = faulty.faults.iter().map(|fault| problem(faulty, fault)).collect();
    if faulty.more {
        let text = format!("{} faults are shown, and there may be more", problems.len());
        problems.push(Problem::warning("MORE_FAULTS", text).hint("correct these first"));
    }
    Report { problems, sources: SourceMap::of_text(&faulty.file, &faulty.text) }
}

fn problem(faulty: &Faulty, fault: &crate::inventory::Fault) -> Problem {
    let mut problem = Problem::error(fault.code, fault.message.clone());
    problem.hint.clone_from(&fault.hint);
    let line = line_around(&faulty.text, fault.span.start);
    if line.len() > LONGEST_LINE {
        let (number, column) = faulty.line_column(fault.span.start);
        let near = near(&faulty.text, &line, &fault.span);
        problem.message = format!("{}:{number}:{column}: {}, at `{near}`", faulty.file, fault.message);
        return problem;
    }
    problem.labels.push(label(faulty, &fault.span, "here"));
    if let Some((span, text)) = &fault.other
        && line_around(&faulty.text, span.start).len() <= LONGEST_LINE
    {
        problem.labels.push(label(faulty, span, text));
    }
    problem
}

fn label(faulty: &Faulty, span: &Range<usize>, text: &str) -> Label {
    let (line, column) = faulty.line_column(span.start);
    // A drawing underlines within one line.
    let end = faulty.text[span.clone()].find('\n').map_or(span.end, |end| span.start + end);
    Label { file: faulty.file.clone(), line, column, text: text.to_owned(), span: span.start..end }
}

fn line_around(text: &str, byte: usize) -> Range<usize> {
    let start = text[..byte].rfind('\n').map_or(0, |end| end + 1);
    start..text[byte..].find('\n').map_or(text.len(), |end| byte + end)
}

/// What stands around a place of a long line.
fn near(text: &str, line: &Range<usize>, span: &Range<usize>) -> String {
    let before: Vec<char> = text[line.start..span.start].chars().rev().take(QUOTED).collect();
    let behind: String = text[span.start..line.end].chars().take(2 * QUOTED).collect();
    format!("{}{behind}", before.into_iter().rev().collect::<String>())
}
