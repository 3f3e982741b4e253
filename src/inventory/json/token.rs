//! The pieces of a JSON text.

use std::ops::Range;

/// One piece, where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Open(Bracket),
    Close(Bracket),
    Colon,
    Comma,
    /// What stood in quotes, without its escapes.
    Text(String),
    /// Digits, or what was meant to be.
    Number(&'a str),
    /// Letters without quotes: `true`, `null`, or what was meant to be.
    Word(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    List,
    Object,
}

impl Bracket {
    pub(super) fn closing(self) -> char {
        match self {
            Self::List => ']',
            Self::Object => '}',
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Object => "object",
        }
    }
}
