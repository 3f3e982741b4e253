//! The syntax of `java.util.Properties`: comments, separators, continued lines, escapes; and where in the file each value is.

use super::escape;
use std::fmt;

/// Bytes of the file that belong together: an entry with all its lines, a comment, an empty line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// With the line break at its end, if it has one.
    pub(super) raw: Vec<u8>,
    pub(super) entry: Option<Found>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) value: String,
    /// Where in `raw` the value begins. It ends before the line break.
    from: usize,
    /// Whether anything stands between key and value.
    is_separated: bool,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// From 1.
    pub line: usize,
    pub why: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl Piece {
    /// A new entry, in a line of its own.
    pub(super) fn new(key: &str, value: &str, line_break: &[u8]) -> Self {
        let mut raw = escape::key(key);
        raw.push(b'=');
        let from = raw.len();
        raw.extend_from_slice(&escape::value(value));
        raw.extend_from_slice(line_break);
        let entry = Found { key: key.to_owned(), value: value.to_owned(), from, is_separated: true };
        Self { raw, entry: Some(entry) }
    }

    pub(super) fn comment(text: &str, line_break: &[u8]) -> Self {
        Self { raw: [b"# ", text.as_bytes(), line_break].concat(), entry: None }
    }

    /// Whether it is a comment that begins with this.
    pub(super) fn is_comment(&self, beginning: &str) -> bool {
        self.entry.is_none() && self.raw.strip_prefix(b"# ").is_some_and(|rest| rest.starts_with(beginning.as_bytes()))
    }

    pub(super) fn is_of(&self, key: &str) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.key == key)
    }

    /// Another value for the entry that this is.
    pub(super) fn set_value(&mut self, value: &str) {
        let Some(entry) = &mut self.entry else { return };
        let line_break = line_break_of(&self.raw).unwrap_or_default();
        self.raw.truncate(entry.from);
        if !entry.is_separated {
            self.raw.push(b'=');
            entry.from += 1;
            entry.is_separated = true;
        }
        self.raw.extend_from_slice(&escape::value(value));
        self.raw.extend_from_slice(line_break);
        value.clone_into(&mut entry.value);
    }

    /// Sees to it that whatever follows is in a line of its own.
    pub(super) fn end_line(&mut self, line_break: &[u8]) {
        if line_break_of(&self.raw).is_none() {
            self.raw.extend_from_slice(line_break);
        }
        // A backslash at the end of the file continued nothing. Now it would continue into the next line.
        let own_break = line_break_of(&self.raw).unwrap_or_default();
        let content = &self.raw[..self.raw.len() - own_break.len()];
        if self.entry.is_some() && is_continued(last_line(content)) {
            // Once more the same: CR and LF of two kinds would be one break together.
            self.raw.extend_from_slice(own_break);
        }
    }
}

/// The pieces of a file: put together again, they are its bytes.
///
/// Java takes each byte for a character of ISO-8859-1, and so does this: the same file means the same to both.
pub(super) fn pieces(bytes: &[u8]) -> Result<Vec<Piece>, Malformed> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    let mut number = 1;
    while !rest.is_empty() {
        let logical = Logical::read(rest);
        let (raw, after) = rest.split_at(logical.length);
        let entry = logical.entry().map_err(|why| Malformed { line: number, why })?;
        pieces.push(Piece { raw: raw.to_owned(), entry });
        number += line_breaks(raw);
        rest = after;
    }
    Ok(pieces)
}

/// A line with all that continue it, without breaks and the blanks that do not count.
struct Logical {
    text: Vec<u8>,
    /// Of each byte of the text, where it is in the file.
    places: Vec<usize>,
    /// How much of the file it is, with the last break.
    length: usize,
    /// Neither a comment nor nothing at all.
    is_entry: bool,
}

impl Logical {
    fn read(bytes: &[u8]) -> Self {
        let mut logical = Self { text: Vec::new(), places: Vec::new(), length: 0, is_entry: false };
        loop {
            let begins_here = logical.text.is_empty();
            let from = logical.length;
            let (content, end) = natural(bytes, from);
            let blanks = content.iter().take_while(|byte| is_blank(**byte)).count();
            for (at, byte) in content.iter().enumerate().skip(blanks) {
                logical.text.push(*byte);
                logical.places.push(from + at);
            }
            logical.length = end;
            let is_comment = begins_here && matches!(logical.text.first(), Some(b'#' | b'!'));
            logical.is_entry = !is_comment && !logical.text.is_empty();
            if !logical.is_entry || !is_continued(&logical.text) {
                return logical;
            }
            logical.text.pop();
            logical.places.pop();
            if end == bytes.len() {
                return logical;
            }
        }
    }

    fn entry(&self) -> Result<Option<Found>, &'static str> {
        if !self.is_entry {
            return Ok(None);
        }
        let (key_ends, value_begins) = divide(&self.text);
        let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
        let after = |index: usize| index.checked_sub(1).map_or(0, |last| self.places[last] + 1);
        Ok(Some(Found {
            key: escape::unescape(&text(&self.text[..key_ends]))?,
            value: escape::unescape(&text(&self.text[value_begins..]))?,
            from: self.places.get(value_begins).copied().unwrap_or_else(|| after(value_begins)),
            is_separated: value_begins > key_ends,
        }))
    }
}

/// The line that begins here, and where the next one does.
fn natural(bytes: &[u8], from: usize) -> (&[u8], usize) {
    let rest = &bytes[from..];
    let Some(length) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else { return (rest, bytes.len()) };
    let break_length = if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
    (&rest[..length], from + length + break_length)
}

/// Where the key ends and where the value begins. The key ends at the first blank, `=` or `:` that is not escaped; one `=` or
/// `:` with blanks around it is between.
fn divide(line: &[u8]) -> (usize, usize) {
    let mut escaped = false;
    let end = line.iter().position(|byte| {
        let ends = !escaped && (is_blank(*byte) || matches!(byte, b'=' | b':'));
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    let key_ends = end.unwrap_or(line.len());
    let blanks = |from: usize| line[from..].iter().take_while(|byte| is_blank(**byte)).count();
    let mut begins = key_ends + blanks(key_ends);
    if matches!(line.get(begins), Some(b'=' | b':')) {
        begins += 1;
        begins += blanks(begins);
    }
    (key_ends, begins)
}

/// How a piece ends its line, unless it is the last one and does not.
pub(super) fn line_break_of(raw: &[u8]) -> Option<&'static [u8]> {
    [&b"\r\n"[..], b"\n", b"\r"].into_iter().find(|line_break| raw.ends_with(line_break))
}

/// How many lines end in it. Lines end in LF, CR or both.
pub(super) fn line_breaks(raw: &[u8]) -> usize {
    let mut at = 0;
    let mut breaks = 0;
    while at < raw.len() {
        let (content, next) = natural(raw, at);
        breaks += usize::from(next > at + content.len());
        at = next;
    }
    breaks
}

fn last_line(content: &[u8]) -> &[u8] {
    content.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or(content)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0xc)
}

/// An odd number of backslashes at its end: the last one is no escaped backslash.
fn is_continued(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
