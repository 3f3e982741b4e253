//! Whether a text stops in the middle, so that its next line belongs to it.

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

#[cfg(test)]
mod tests {
    use super::is_unfinished;

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
