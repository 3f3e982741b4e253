//! From a text to its pieces. What is no JSON is a fault, and is read as what was meant.

use super::fault::{Fault, Faults};
use super::token::{Bracket, Kind, Token};
use super::word_processor::{is_dash, is_quote};
use std::ops::Range;

const UNCLOSED: &str = "this text is not closed: `\"` missing";

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The text is no JSON: a quote that was changed or forgotten is looked for. In JSON, every character may be meant.
    guesses: bool,
    /// The text ends inside of quotes.
    pub(super) open_quote: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, faults: &mut Faults) -> Self {
        let guesses = serde_json::from_str::<serde::de::IgnoredAny>(text).is_err();
        let mut scanner = Self { text, at: 0, guesses, open_quote: false };
        if text.starts_with('\u{feff}') {
            let hint = "save the file as UTF-8 without a byte order mark";
            faults.push(Fault::json(0..3, "the file begins with a byte order mark", hint));
            scanner.at = 3;
        }
        scanner
    }

    /// The next piece; comments are passed over with a fault.
    pub(super) fn next(&mut self, faults: &mut Faults) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let c = rest.chars().next()?;
            let single = |kind| Some((kind, c.len_utf8()));
            let found = match c {
                ' ' | '\t' | '\n' | '\r' => {
                    self.at += 1;
                    continue;
                }
                '{' => single(Kind::Open(Bracket::Object)),
                '[' => single(Kind::Open(Bracket::List)),
                '}' => single(Kind::Close(Bracket::Object)),
                ']' => single(Kind::Close(Bracket::List)),
                ':' => single(Kind::Colon),
                ',' => single(Kind::Comma),
                _ => None,
            };
            if let Some((kind, length)) = found {
                return Some(Token { kind, span: self.take(length) });
            }
            if c == '"' || c == '\'' || is_quote(c) {
                return Some(self.quoted(c, faults));
            }
            if c.is_ascii_digit() || c == '-' || c == '+' || c == '.' || is_dash(c) {
                return Some(self.number(faults));
            }
            if c.is_alphabetic() || c == '_' || c == '$' {
                return Some(self.word());
            }
            self.stray(c, faults);
        }
    }

    /// Goes on behind this line, and gives what is passed over, from `start`.
    pub(super) fn pass_line(&mut self, start: usize) -> Range<usize> {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at += length;
        start..start + self.text[start..self.at].trim_end().len()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.at;
        self.at += length;
        start..self.at
    }

    /// A comment, or a character that nothing begins with.
    fn stray(&mut self, c: char, faults: &mut Faults) {
        let rest = self.rest();
        let line = rest.lines().next().unwrap_or_default().trim_end().len();
        if rest.starts_with("/*") {
            let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
            let span = self.take(length);
            return faults.push(Fault::json(span, "JSON has no comments", "remove from `/*` to `*/`"));
        }
        let sign = ["//", "#"].into_iter().find(|sign| rest.starts_with(sign));
        if let Some(sign) = sign {
            let span = self.take(line);
            return faults.push(Fault::json(span, "JSON has no comments", format!("remove from `{sign}` on")));
        }
        let span = self.take(c.len_utf8());
        let what = match c {
            '\u{a0}' | '\u{3000}' | '\u{200b}' | '\u{2003}' | '\u{feff}' => {
                format!("a space that is none (U+{:04X})", u32::from(c))
            }
            c => format!("`{}` cannot stand here", c.escape_debug()),
        };
        faults.push(Fault::json(span, what, "remove this character"));
    }

    fn word(&mut self) -> Token<'a> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || "_$.-".contains(c) || is_dash(c);
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        Token { kind: Kind::Word(&rest[..length]), span: self.take(length) }
    }

    fn number(&mut self, faults: &mut Faults) -> Token<'a> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c) || is_dash(c);
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let span = self.take(length);
        if !is_number(word) {
            let hint = match word.chars().find(|c| is_dash(*c)) {
                Some(dash) => format!("a word processor made `{dash}` of a hyphen: write `-`"),
                None => "write a plain number such as 12, or a text in quotes".to_owned(),
            };
            faults.push(Fault::json(span.clone(), format!("`{word}` is no number"), hint));
        }
        Token { kind: Kind::Number(word), span }
    }

    /// A text in quotes of any kind, to the quote that closes it or to the end of the line.
    fn quoted(&mut self, open: char, faults: &mut Faults) -> Token<'a> {
        let start = self.at;
        let mut typographic = is_quote(open);
        let mut value = String::new();
        self.at += open.len_utf8();
        loop {
            let Some(c) = self.rest().chars().next().filter(|c| *c != '\n') else {
                self.open_quote = self.rest().is_empty();
                let hint = "write `\"` at the end of the text; a line break inside a text is `\\n`";
                faults.push(Fault::json(start..self.at, UNCLOSED, hint));
                break;
            };
            let at = self.at;
            self.at += c.len_utf8();
            match c {
                '\\' => value.push(self.escaped(at, faults)),
                c if c == open || (c == '"' && is_quote(open)) => break,
                // A closing quote that was changed while the opening one was not: known by what follows.
                c if self.guesses
                    && is_quote(c)
                    && (is_quote(open) || self.rest().trim_start().starts_with([':', ',', '}', ']'])) =>
                {
                    typographic = true;
                    break;
                }
                c if c < ' ' => {
                    let hint = if c == '\t' { "write `\\t`" } else { "remove this character" };
                    faults.push(Fault::json(at..self.at, "a control character in a text", hint));
                }
                c => value.push(c),
            }
        }
        // A quote that was forgotten makes texts of what is between them, and words of what is in them.
        let inner = start + open.len_utf8();
        let follows_word = self.rest().starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let cut =
            self.text[inner..self.at].find(['}', ']', ',']).filter(|_| self.guesses && follows_word && open == '"');
        if let Some(length) = cut {
            self.at = inner + length;
            self.text[inner..self.at].clone_into(&mut value);
            faults.push(Fault::json(start..self.at, UNCLOSED, "write `\"` at the end of the text"));
        }
        let span = start..self.at;
        if open == '\'' {
            let hint = "JSON has texts in double quotes: write `\"` on both sides";
            faults.push(Fault::json(span.clone(), "a text in single quotes", hint));
        } else if typographic {
            let hint = "a word processor changed them: write `\"` on both sides";
            faults.push(Fault::json(span.clone(), "a text in typographic quotes", hint));
        }
        Token { kind: Kind::Text(value), span }
    }

    /// What stands behind a `\` at `start`.
    fn escaped(&mut self, start: usize, faults: &mut Faults) -> char {
        let Some(c) = self.rest().chars().next().filter(|c| *c != '\n') else { return '\\' };
        self.at += c.len_utf8();
        match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' if self.rest().get(..4).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) => {
                let number = u32::from_str_radix(&self.text[self.at..self.at + 4], 16).unwrap_or(0);
                self.at += 4;
                // Half of a pair stays unknown: no name has one.
                char::from_u32(number).unwrap_or('\u{fffd}')
            }
            c => {
                let message = format!("`\\{}` is no escape of JSON", c.escape_debug());
                faults.push(Fault::json(start..self.at, message, "write `\\\\` for a backslash"));
                c
            }
        }
    }
}

/// Whether a word is a number as JSON has them.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (word, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
