//! Java's `.properties`, edited: comments, order, spacing, escapes, continued lines, line ends and encoding of everything else
//! stay as they are, byte for byte.

mod diff;
mod escape;
mod syntax;

pub use diff::{Change, changes, is_secret};
pub use syntax::Malformed;

use syntax::Piece;

/// How a comment begins that krun wrote.
const OWN: &str = "krun: ";

/// A file with its keys and values. A key that stands in it several times has the last value, as in Java.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    pieces: Vec<Piece>,
}

/// One key with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    pub key: &'a str,
    pub value: &'a str,
    /// The line where it begins, from 1.
    pub line: usize,
}

/// A key that stands in several lines: all but the last are dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub key: String,
    /// From 1.
    pub lines: Vec<usize>,
}

impl Properties {
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self { pieces: syntax::pieces(bytes)? })
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.raw.iter().copied()).collect()
    }

    /// All entries in their order, dead ones too.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut next = 1;
        let numbered = self.pieces.iter().map(move |piece| {
            let line = next;
            next += syntax::line_breaks(&piece.raw);
            (piece, line)
        });
        numbered.filter_map(|(piece, line)| {
            let found = piece.entry.as_ref()?;
            Some(Entry { key: &found.key, value: &found.value, line })
        })
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.pieces
            .iter()
            .rev()
            .filter_map(|piece| piece.entry.as_ref())
            .find(|entry| entry.key == key)
            .map(|e| &*e.value)
    }

    /// Every key once, in the order of their first lines.
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        for entry in self.entries() {
            if !keys.contains(&entry.key) {
                keys.push(entry.key);
            }
        }
        keys
    }

    pub fn duplicates(&self) -> Vec<Duplicate> {
        let of =
            |key: &str| self.entries().filter(|entry| entry.key == key).map(|entry| entry.line).collect::<Vec<_>>();
        let all = self.keys().into_iter().map(|key| Duplicate { key: key.to_owned(), lines: of(key) });
        all.filter(|one| one.lines.len() > 1).collect()
    }

    /// Sets the value of a key where it stands, of several lines in the last one; a new key comes at the end. True where that
    /// changed something.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        if self.get(key) == Some(value) {
            return false;
        }
        let piece = self.pieces.iter_mut().rev().find(|piece| piece.is_of(key));
        match piece {
            Some(piece) => piece.set_value(value),
            None => self.append(key, value),
        }
        true
    }

    /// Sets a key that is not there yet, below a comment that says who did and why; [`remove`](Self::remove) takes both. A key that
    /// is there is [`set`](Self::set).
    pub fn set_noted(&mut self, key: &str, value: &str, note: &str) -> bool {
        if self.get(key).is_none() {
            let line_break = self.line_break();
            if let Some(last) = self.pieces.last_mut() {
                last.end_line(line_break);
            }
            self.pieces.push(Piece::comment(&format!("{OWN}{note}"), line_break));
        }
        self.set(key, value)
    }

    /// Whether krun set this key, and noted it: there is a comment of its own above.
    pub fn is_noted(&self, key: &str) -> bool {
        let at = self.pieces.iter().rposition(|piece| piece.is_of(key));
        at.and_then(|at| at.checked_sub(1)).is_some_and(|above| self.pieces[above].is_comment(OWN))
    }

    /// Removes a key with all its lines: without the last one, an earlier one would come to life. True where there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.pieces.len();
        let is_gone = |pieces: &[Piece], at: usize| pieces.get(at).is_some_and(|piece| piece.is_of(key));
        let kept = (0..before).filter(|at| {
            let is_its_note = self.pieces[*at].is_comment(OWN) && is_gone(&self.pieces, at + 1);
            !is_gone(&self.pieces, *at) && !is_its_note
        });
        self.pieces = kept.map(|at| self.pieces[at].clone()).collect();
        self.pieces.len() < before
    }

    fn append(&mut self, key: &str, value: &str) {
        let line_break = self.line_break();
        if let Some(last) = self.pieces.last_mut() {
            last.end_line(line_break);
        }
        self.pieces.push(Piece::new(key, value, line_break));
    }

    /// What ends the lines of this file: as its first one ends.
    fn line_break(&self) -> &'static [u8] {
        self.pieces.iter().find_map(|piece| syntax::line_break_of(&piece.raw)).unwrap_or(b"\n")
    }
}
