//! Whether a text stops in the middle, so that its next line belongs to it.

use rhai::{Engine, ParseErrorType, Position};

/// What is open at a place.
#[derive(PartialEq)]
enum Open {
    Bracket,
    /// A text between backticks, which may have lines and `${…}` in it.
    Template,
    /// `/* … */`, which may hold another one.
    Comment,
}

/// Whether a bracket, a template or a comment is still open. A `"…"` ends with its line: an open one is a mistake.
pub fn is_unfinished(text: &str) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (open.last(), c) {
            (Some(Open::Comment), '*') if next == Some('/') => {
                chars.next();
                open.pop();
            }
            (_, '/') if next == Some('*') && open.last() != Some(&Open::Template) => {
                chars.next();
                open.push(Open::Comment);
            }
            (Some(Open::Template), '`') => {
                open.pop();
            }
            (Some(Open::Template), '\\') => drop(chars.next()),
            (Some(Open::Template), '$') if next == Some('{') => {
                chars.next();
                open.push(Open::Bracket);
            }
            (Some(Open::Comment | Open::Template), _) => {}
            (_, '/') if next == Some('/') => while chars.next().is_some_and(|c| c != '\n') {},
            (_, '`') => open.push(Open::Template),
            (_, '"' | '\'') => {
                while let Some(inner) = chars.next().filter(|inner| *inner != c && *inner != '\n') {
                    if inner == '\\' {
                        chars.next();
                    }
                }
            }
            (_, '(' | '[' | '{') => open.push(Open::Bracket),
            (_, ')' | ']' | '}') => drop(open.pop()),
            _ => {}
        }
    }
    !open.is_empty()
}

/// Whether the next line belongs to this text: something is open, or the parser came to the end and wanted more, as
/// behind `let x =`.
pub fn wants_more(text: &str) -> bool {
    if is_unfinished(text) {
        return true;
    }
    let Err(error) = Engine::new_raw().compile(text) else { return false };
    match error.err_type() {
        ParseErrorType::UnexpectedEOF => true,
        ParseErrorType::MissingToken(..) | ParseErrorType::FnMissingBody(_) => is_the_end(error.position(), text),
        _ => false,
    }
}

fn is_the_end(position: Position, text: &str) -> bool {
    let last = text.trim_end().lines().count();
    let columns = text.trim_end().lines().last().map_or(0, |line| line.chars().count());
    let Some(line) = position.line() else { return true };
    line > last || (line == last && position.position().is_none_or(|column| column > columns))
}

#[cfg(test)]
mod tests {
    use super::{is_unfinished, wants_more};

    #[test]
    fn a_parser_that_wants_more_gets_it() {
        for open in ["let x =", "1 +", "if true", "fn f()", "do { 1; }", "f(", "x.y() &&  ", "for x in"] {
            assert!(wants_more(open), "{open}");
        }
        for whole in ["", "1", "let x = 1 2", "let = 1", "f)", "\"a", "if true { 1 } else { 2 }", "// x", "x y"] {
            assert!(!wants_more(whole), "{whole}");
        }
    }

    #[test]
    fn open_is_what_a_parser_would_wait_for() {
        for open in
            ["f(", "step(\"a\", || {", "[1,\n2", "#{ a: 1", "`a\nb", "`a ${b", "`${`x`", "/* a", "/* /* */", "f(\")\""]
        {
            assert!(is_unfinished(open), "{open}");
        }
        for whole in
            ["", "1", "f()", "\"(", "'('", "// (", "f() // (", "`(`", "`a ${f(1)} b`", "/* ( */ 1", "\"\\\"(\"", ")"]
        {
            assert!(!is_unfinished(whole), "{whole}");
        }
    }
}
