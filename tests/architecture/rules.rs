//! Rules that a look at one text can decide.

use super::texts::Text;

const LONGEST: usize = 400;
const EMPTY_NAMES: [&str; 9] = ["util", "utils", "common", "misc", "helper", "helpers", "manager", "imp", "impl"];

pub(super) fn names_crate(text: &Text, name: &str, allowed: &[&str]) -> Vec<String> {
    if is_in(text, allowed) {
        return Vec::new();
    }
    let (path, import) = (format!("{name}::"), format!("use {name}"));
    lines_with(text, |line| has_word(line, &path) || has_word(line, &import), &format!("names {name}"))
}

pub(super) fn prints(text: &Text, allowed: &[&str]) -> Vec<String> {
    const WAYS: [&str; 6] = ["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"];
    if is_in(text, allowed) {
        return Vec::new();
    }
    lines_with(text, |line| WAYS.iter().any(|way| has_word(line, way)), "prints")
}

pub(super) fn ends_the_process(text: &Text, allowed: &[&str]) -> Vec<String> {
    if is_in(text, allowed) {
        return Vec::new();
    }
    lines_with(text, |line| has_word(line, "process::exit(") || has_word(line, "process::abort("), "ends the process")
}

pub(super) fn too_long(text: &Text) -> Vec<String> {
    match text.text.lines().count() {
        lines if lines > LONGEST => vec![format!("{lines} lines, {LONGEST} are the most")],
        _ => Vec::new(),
    }
}

pub(super) fn named_for_nothing(text: &Text) -> Vec<String> {
    let mut names = text.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    names.find(|name| EMPTY_NAMES.contains(name)).map(|name| format!("`{name}` says nothing")).into_iter().collect()
}

pub(super) fn no_header(text: &Text) -> Vec<String> {
    if text.text.starts_with("//! ") { Vec::new() } else { vec!["it does not begin with a line `//! …`".to_owned()] }
}

pub(super) fn left_for_later(text: &Text) -> Vec<String> {
    // In two pieces each, so that this file keeps the rule.
    const MARKS: [&str; 7] = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
        concat!("XX", "X"),
        concat!("#[al", "low("),
    ];
    let marked = |line: &str| MARKS.into_iter().find(|mark| has_word(line, mark));
    let lines = text.text.lines().enumerate();
    lines.filter_map(|(at, line)| Some(format!("line {}: {}", at + 1, marked(line)?))).collect()
}

/// The dependencies that no text names.
pub(super) fn unused(manifest: &toml::Table, section: &str, texts: &[Text]) -> Vec<String> {
    let named = manifest.get(section).and_then(toml::Value::as_table).expect("the section is there");
    let is_used = |name: &str| {
        let word = format!("{}::", name.replace('-', "_"));
        texts.iter().any(|text| text.code().any(|(_, line)| has_word(line, &word)))
    };
    named.keys().filter(|name| !is_used(name)).cloned().collect()
}

fn is_in(text: &Text, places: &[&str]) -> bool {
    places.iter().any(|place| text.path.starts_with(place))
}

fn lines_with(text: &Text, breaks_it: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
    text.code()
        .filter(|(_, line)| breaks_it(line))
        .map(|(at, line)| format!("line {at} {what}: {}", line.trim()))
        .collect()
}

/// Whether `word` stands in the line and is not the end of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let longer = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| !longer(&line[..at]))
}

fn breaks(rule: impl Fn(&Text) -> Vec<String>, path: &str, text: &str) -> bool {
    !rule(&Text::new(path, text)).is_empty()
}

#[test]
fn naming_a_crate_is_seen() {
    let rule = |text: &Text| names_crate(text, "rhai", &["src/script/"]);
    assert!(breaks(rule, "src/run/door.rs", "use rhai::Engine;"));
    assert!(breaks(rule, "src/run/door.rs", "    let x: rhai::Map = make();"));
    assert!(!breaks(rule, "src/script/door.rs", "use rhai::Engine;"));
    assert!(!breaks(rule, "src/run/door.rs", "/// what `rhai::Map` is\nlet name = \"a.rhai\"; krun_rhai::x()"));
}

#[test]
fn printing_is_seen() {
    let rule = |text: &Text| prints(text, &["src/cli/"]);
    for way in ["println!(\"x\")", "eprint!(\"x\")", "let _ = writeln!(std::io::stderr(), \"x\");"] {
        assert!(breaks(rule, "src/run/door.rs", way), "{way}");
        assert!(!breaks(rule, "src/cli/run.rs", way), "{way}");
    }
    assert!(!breaks(rule, "src/run/door.rs", "table.use_stderr(); command.stderr(file)"));
}

#[test]
fn ending_the_process_is_seen() {
    let rule = |text: &Text| ends_the_process(text, &["src/cli/"]);
    assert!(breaks(rule, "src/run/door.rs", "std::process::exit(1)"));
    assert!(!breaks(rule, "src/cli/signals.rs", "std::process::exit(1)"));
}

#[test]
fn long_and_empty_names_are_seen() {
    assert!(breaks(too_long, "src/run/door.rs", &"x\n".repeat(LONGEST + 1)));
    assert!(!breaks(too_long, "src/run/door.rs", &"x\n".repeat(LONGEST)));
    for path in ["src/run/utils.rs", "src/misc/door.rs", "tests/common/mod.rs"] {
        assert!(breaks(named_for_nothing, path, ""), "{path}");
    }
    assert!(!breaks(named_for_nothing, "src/script/imports.rs", ""));
}

#[test]
fn headless_and_unfinished_files_are_seen() {
    assert!(breaks(no_header, "src/run/door.rs", "use std::fs;"));
    assert!(!breaks(no_header, "src/run/door.rs", "//! The door."));
    for mark in [concat!("// TO", "DO later"), concat!("todo", "!()"), concat!("#[allow", "(dead_code)]")] {
        assert!(breaks(left_for_later, "src/run/door.rs", mark), "{mark}");
    }
    assert!(!breaks(left_for_later, "src/run/door.rs", "let todos = 1;"));
}
