//! The syntax of `java.util.Properties`: comments, separators, continued lines, escapes.

/// One key with its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) value: String,
    /// Where it begins, from 1.
    pub(super) number: usize,
}

/// The lines of a file. An error has the number of its line and what is wrong there.
///
/// Java takes each byte for a character of ISO-8859-1, and so does this: the same file means the same to both.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Line>, (usize, String)> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    let mut lines = Vec::new();
    let mut natural = split(&text).enumerate();
    while let Some((index, line)) = natural.next() {
        let mut logical = line.trim_start_matches(is_blank).to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while is_continued(&logical) {
            logical.pop();
            let Some((_, next)) = natural.next() else { break };
            logical.push_str(next.trim_start_matches(is_blank));
        }
        let number = index + 1;
        let (key, value) = divide(&logical);
        let unescaped = |text: &str| unescape(text).map_err(|why| (number, why));
        lines.push(Line { key: unescaped(key)?, value: unescaped(value)?, number });
    }
    Ok(lines)
}

/// Lines end in LF, CR or both.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\u{c}')
}

/// An odd number of backslashes at its end: the last one is no escaped backslash.
fn is_continued(line: &str) -> bool {
    line.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1
}

/// The key ends at the first blank, `=` or `:` that is not escaped; one `=` or `:` with blanks around it is between.
fn divide(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|letter| {
        let ends = !escaped && (is_blank(letter) || letter == '=' || letter == ':');
        escaped = letter == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, rest.trim_start_matches(is_blank))
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::new();
    // Characters beyond the first plane are two escapes, which belong together.
    let mut units: Vec<u16> = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let meant = match letter {
            '\\' => match letters.next() {
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    let is_whole = digits.len() == 4 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
                    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| is_whole);
                    // Not the digits: they may be part of a secret.
                    units.push(unit.ok_or("a \\u is not followed by four hexadecimal digits")?);
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => continue,
            },
            letter => letter,
        };
        plain.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
        plain.push(meant);
    }
    plain.push_str(&String::from_utf16_lossy(&units));
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn pairs(text: &str) -> Vec<(String, String, usize)> {
        let lines = parse(text.as_bytes()).expect("well formed");
        lines.into_iter().map(|line| (line.key, line.value, line.number)).collect()
    }

    fn one(text: &str) -> (String, String) {
        let mut found = pairs(text);
        assert_eq!(found.len(), 1, "{text}");
        let (key, value, _) = found.remove(0);
        (key, value)
    }

    /// The examples of the documentation of `java.util.Properties.load`.
    #[test]
    fn as_java_documents_it() {
        let beauty = ("Truth".to_owned(), "Beauty".to_owned());
        for text in ["Truth = Beauty", " Truth:Beauty", "Truth                    :Beauty", "Truth Beauty"] {
            assert_eq!(one(text), beauty, "{text}");
        }
        let fruits = "fruits                           apple, banana, pear, \\\n\
                      \t                                 cantaloupe, watermelon, \\\n\
                      \t                                 kiwi, mango";
        assert_eq!(one(fruits).1, "apple, banana, pear, cantaloupe, watermelon, kiwi, mango");
        assert_eq!(one("cheeses"), ("cheeses".to_owned(), String::new()));
        assert_eq!(one("\\:\\=").0, ":=");
    }

    #[test]
    fn comments_blank_lines_and_places() {
        let text = "# one\n\n  ! two\r\na=1\rb = \\\n\n  # no comment: it goes on\nc=3\\\\\nd==x";
        let found = pairs(text);
        let wanted = [("a", "1", 4), ("b", "", 5), ("c", "3\\", 8), ("d", "=x", 9)];
        assert_eq!(found, wanted.map(|(key, value, number)| (key.to_owned(), value.to_owned(), number)));
    }

    #[test]
    fn escapes_and_letters_of_latin_1() {
        assert_eq!(one("a=\\u00e9\\ud83d\\ude00\\t\\q\\\\"), ("a".to_owned(), "é😀\tq\\".to_owned()));
        assert_eq!(one("a b=c d ").1, "b=c d ", "blanks at the end belong to the value");
        let line = parse(b"a=\xe9").expect("well formed").remove(0);
        assert_eq!(line.value, "é");
        for text in ["a=1\nb=\\u12", "a=1\nb=\\uxyzw", "a=1\nb=\\u+123"] {
            assert_eq!(parse(text.as_bytes()).expect_err("malformed").0, 2, "{text}");
        }
    }
}
