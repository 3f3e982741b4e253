//! Paths that match a pattern of the shell: `*`, `?`, `[a-z]`, `[!a]`, a backslash before any of them.

use super::path::Root;
use crate::error::Error;
use std::fs;

/// Sorted. A pattern without any of these signs is the path that it is, if anything is there.
pub(super) fn matching(root: &Root, pattern: &str) -> Result<Vec<String>, Error> {
    let mut found = vec![String::new()];
    root.place_itself(pattern)?;
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for folder in &found {
            next.extend(below(root, folder, part)?.into_iter().map(|name| format!("{folder}/{name}")));
        }
        found = next;
    }
    found.sort();
    Ok(found)
}

fn below(root: &Root, folder: &str, part: &str) -> Result<Vec<String>, Error> {
    let place = root.place(if folder.is_empty() { "/" } else { folder })?;
    let entries = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let pattern: Vec<char> = part.chars().collect();
    // A name with a dot in front is found only by a pattern that has it too.
    Ok(names.filter(|name| (!name.starts_with('.') || part.starts_with('.')) && fits(&pattern, name)).collect())
}

fn fits(pattern: &[char], name: &str) -> bool {
    fits_from(pattern, &name.chars().collect::<Vec<_>>())
}

fn fits_from(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|taken| fits_from(rest, &name[taken..])),
        ['?', rest @ ..] => !name.is_empty() && fits_from(rest, &name[1..]),
        ['[', rest @ ..] if set_of(rest).is_some() => {
            let Some((set, after)) = set_of(rest) else { return false };
            name.first().is_some_and(|sign| holds(set, *sign)) && fits_from(after, &name[1..])
        }
        ['\\', sign, rest @ ..] | [sign, rest @ ..] => name.first() == Some(sign) && fits_from(rest, &name[1..]),
    }
}

/// What stands between brackets, and what comes after; a bracket that comes first is one of the signs.
fn set_of(rest: &[char]) -> Option<(&[char], &[char])> {
    let first = usize::from(matches!(rest.first(), Some('!' | '^')));
    let end = rest.iter().skip(first + 1).position(|sign| *sign == ']')? + first + 1;
    Some((&rest[..end], &rest[end + 1..]))
}

fn holds(set: &[char], sign: char) -> bool {
    let (not, mut set) = match set {
        ['!' | '^', rest @ ..] => (true, rest),
        set => (false, set),
    };
    let mut found = false;
    loop {
        match set {
            [from, '-', to, rest @ ..] => {
                found |= (*from..=*to).contains(&sign);
                set = rest;
            }
            [one, rest @ ..] => {
                found |= *one == sign;
                set = rest;
            }
            [] => return found != not,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_are_those_of_the_shell() {
        let fits = |pattern: &str, name| super::fits(&pattern.chars().collect::<Vec<_>>(), name);
        for (pattern, name) in [
            ("kafka_*-2.1.1.jar", "kafka_2.12-2.1.1.jar"),
            ("*", "a"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("[!a]x", "bx"),
            ("[]]", "]"),
            ("\\*", "*"),
            ("[a", "[a"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.jar", "jar"), ("a?c", "ac"), ("[a-c]x", "dx"), ("[!b]x", "bx"), ("\\*", "x")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
