//! From a Rhai position to the bytes that a label underlines.
//!
//! A position is one point, 16 bits each for the line and the column, the column counted in characters.

use std::ops::Range;

/// The byte at which `line` and `column` lie, both from 1; the end of the line or of the text where they are beyond it.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    start + line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(byte, _)| byte)
}

/// The line and column of a byte, both from 1.
pub(super) fn line_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// What stands at a byte, as a reader would underline it: a name with its namespace, a string, an operator.
pub(super) fn token(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let Some(first) = rest.chars().next() else { return start..start };
    if is_word(first) {
        return namespace_start(text, start)..qualified_end(text, start);
    }
    if first == '"' || first == '`' {
        return start..start + quoted(rest, first);
    }
    let operator = rest.chars().take_while(|c| "+-*/%=<>!&|^~?.".contains(*c)).map(char::len_utf8).sum::<usize>();
    if first == '.' || operator == 0 {
        let length = if first == '\n' || first == '\r' { 0 } else { first.len_utf8() };
        return start..start + length;
    }
    start..start + operator
}

/// Does a name at this byte stand behind a `::`?
pub(super) fn is_qualified(text: &str, start: usize) -> bool {
    text.get(..start).is_some_and(|before| before.trim_end().ends_with("::"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn word_end(text: &str, start: usize) -> usize {
    start + text[start..].chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>()
}

fn qualified_end(text: &str, start: usize) -> usize {
    let end = word_end(text, start);
    match text[end..].strip_prefix("::") {
        Some(rest) if rest.starts_with(is_word) => qualified_end(text, end + 2),
        _ => end,
    }
}

fn namespace_start(text: &str, start: usize) -> usize {
    let before = text[..start].trim_end();
    let Some(before) = before.strip_suffix("::") else { return start };
    let before = before.trim_end();
    let name = before.chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    if name == 0 { start } else { namespace_start(text, before.len() - name) }
}

/// The length of a string literal, quotes included; to the end of its line where it is not closed there.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (byte, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return byte,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return byte + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "let a = 1;\nlet é = \"ü\"; nope(é)";
        let start = offset(text, 2, 14);
        assert_eq!(&text[token(text, start)], "nope");
        assert_eq!(line_column(text, start), (2, 14));
    }

    #[test]
    fn beyond_the_text_is_its_end() {
        assert_eq!(offset("ab\ncd", 1, 9), 2);
        assert_eq!(offset("ab\ncd", 7, 1), 5);
        assert_eq!(token("ab", 2), 2..2);
        assert_eq!(token("ab", 9), 9..9);
    }

    #[test]
    fn a_label_covers_the_whole_name() {
        let text = "kafka :: connect(1); a::b::c(); x == \"q\\\"z\"; y";
        let covered = |at: &str| &text[token(text, text.find(at).expect("in the text"))];
        assert_eq!(covered("connect"), "kafka :: connect");
        assert_eq!(covered("a::b"), "a::b::c");
        assert_eq!(covered("=="), "==");
        assert_eq!(covered("\"q"), "\"q\\\"z\"");
    }

    #[test]
    fn an_open_string_ends_with_its_line() {
        assert_eq!(token("let a = \"abc\nlet b", 8), 8..12);
    }
}
