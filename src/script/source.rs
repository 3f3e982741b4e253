//! The texts of a runbook and of everything it imports, and which file each function and closure stands in.

use super::span;
use crate::event::Place;
use rhai::{AST, Position};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// One file as the screen names it: `runbooks/scaleout.rhai`, `std/reassign`.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    /// The named functions and the closures (`anon$…`) that it defines.
    functions: BTreeSet<String>,
}

impl SourceFile {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a label at `position` underlines; nothing, at the start, where there is no position.
    pub fn span(&self, position: Position) -> Range<usize> {
        let Some(line) = position.line() else { return 0..0 };
        span::token(&self.text, span::offset(&self.text, line, position.position().unwrap_or(1)))
    }

    pub fn span_of_place(&self, place: &Place) -> Range<usize> {
        span::token(&self.text, span::offset(&self.text, place.line, place.column))
    }

    /// Is the name at `position` qualified, as `upgrade::each` is?
    pub(super) fn is_qualified(&self, position: Position) -> bool {
        position.line().is_some_and(|line| {
            let start = span::offset(&self.text, line, position.position().unwrap_or(1));
            span::is_qualified(&self.text, start)
        })
    }

    /// The place of `.method(`, where the text has it once.
    pub(super) fn only_call_of(&self, method: &str) -> Option<Position> {
        let call = format!(".{method}(");
        let at = self.text.find(&call).filter(|at| self.text.rfind(&call) == Some(*at))?;
        let (line, column) = span::line_column(&self.text, at + 1);
        Some(Position::new(u16::try_from(line).ok()?, u16::try_from(column).ok()?))
    }

    pub(super) fn defines(&self, function: &str) -> bool {
        self.functions.contains(function)
    }
}

/// All files of a runbook; the first is the runbook itself.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// One text without a file: an expression given on the command line, a line of a REPL.
    pub fn of_text(name: &str, text: &str) -> Self {
        let mut sources = Self::default();
        sources.add(name, text);
        sources
    }

    pub(super) fn add(&mut self, name: &str, text: &str) {
        if self.get(name).is_none() {
            self.files.push(SourceFile { name: name.to_owned(), text: text.into(), functions: BTreeSet::new() });
        }
    }

    /// Remembers where the functions of a compiled file stand. Closures are named by Rhai after a hash of their text and
    /// position, so a frame that carries such a name is traced to its file whatever source Rhai gives it.
    pub fn learn(&mut self, name: &str, ast: &AST) {
        if let Some(file) = self.files.iter_mut().find(|file| file.name == name) {
            file.functions.extend(ast.iter_functions().map(|function| function.name.to_owned()));
        }
    }

    pub fn main(&self) -> Option<&SourceFile> {
        self.files.first()
    }

    pub fn get(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.name == name)
    }

    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The one file that defines this function or closure; none where two do: equal closures at equal places share a name.
    pub(super) fn only_home(&self, function: &str) -> Option<&SourceFile> {
        let mut homes = self.files.iter().filter(|file| file.defines(function));
        homes.next().filter(|_| homes.next().is_none())
    }
}

/// A position as the journal keeps it; none where Rhai has none.
pub fn place(file: &str, position: Position) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}
