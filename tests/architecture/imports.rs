//! Which folder of `src` may call which: the picture at the top of `src/lib.rs`, read from the paths in the code.

use super::texts::Text;

/// What all may import, and what imports nothing but itself.
const VOCABULARY: [&str; 5] = ["event", "error", "quantity", "secret", "suggestion"];

/// A folder, and what it may import besides the vocabulary and itself. `cli` may import everything.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("embed", &["script", "bind", "effect", "run", "kafka", "host", "inventory", "sandbox", "report"]),
    ("script", &["bind", "run"]),
    ("bind", &["run", "effect", "kafka", "host", "edit", "snapshot", "plan"]),
    ("effect", &["run", "kafka", "host", "edit"]),
    ("run", &[]),
    ("kafka", &[]),
    ("host", &[]),
    ("edit", &[]),
    ("plan", &[]),
    ("snapshot", &["kafka", "plan"]),
    ("inventory", &["kafka", "plan", "edit"]),
    ("sandbox", &["inventory", "host", "edit"]),
    ("report", &[]),
];

/// The imports of a text that go the wrong way.
pub(super) fn wrong_ways(text: &Text) -> Vec<String> {
    let module = module_of(&text.path);
    let Some(home) = module.first() else { return outside(text) };
    let mut wrong = Vec::new();
    for (line, target) in imported(text, &module) {
        if !may(home, &target) {
            wrong.push(format!("line {line}: `{home}` may not import `{target}`"));
        }
    }
    wrong
}

fn may(home: &str, target: &str) -> bool {
    if home == target || home == "cli" || VOCABULARY.contains(&target) {
        return true;
    }
    let allowed = MAY_IMPORT.iter().find(|(folder, _)| *folder == home).map(|(_, allowed)| *allowed);
    allowed.is_some_and(|allowed| allowed.contains(&target))
}

/// `lib.rs` and `main.rs` name the house's doors and no more.
fn outside(text: &Text) -> Vec<String> {
    let lines = text.code().filter(|(_, line)| line.contains("crate::"));
    lines.map(|(at, line)| format!("line {at} reaches into the house: {}", line.trim())).collect()
}

/// `[run, door]` of `src/run/door.rs`, `[run]` of `src/run/mod.rs`, nothing of `src/lib.rs`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    match inner {
        "lib" | "main" => Vec::new(),
        inner => inner.split('/').map(str::to_owned).collect(),
    }
}

/// The top-level modules that a text names by `crate::…`, or by a `super::…` that climbs to the top, and in which line.
fn imported(text: &Text, module: &[String]) -> Vec<(usize, String)> {
    // Comments are blanked, not dropped: a use list goes over lines.
    let mut code = String::new();
    let mut starts = Vec::new();
    for (line, content) in text.code() {
        starts.push((code.len(), line));
        code.push_str(content);
        code.push('\n');
    }
    let line_at = |at: usize| starts.iter().rev().find(|(start, _)| *start <= at).map_or(0, |(_, line)| *line);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").filter(|(at, _)| starts_a_path(&code, *at)) {
        let names = heads(&code[at + "crate::".len()..]);
        found.extend(names.into_iter().map(|name| (line_at(at), name)));
    }
    for (at, _) in code.match_indices("super::").filter(|(at, _)| starts_a_path(&code, *at)) {
        let rest = code[at..].trim_start_matches("super::");
        let climbed = (code.len() - at - rest.len()) / "super::".len();
        match (module.len() + inner_modules(&code[..at])).checked_sub(climbed) {
            Some(0) | None => found.extend(heads(rest).into_iter().map(|name| (line_at(at), name))),
            Some(_) => {}
        }
    }
    found
}

fn starts_a_path(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$')
}

/// How many `mod name {` are open at the end of the code; formatted code closes one at the indentation of its start.
fn inner_modules(code: &str) -> usize {
    let mut open: Vec<usize> = Vec::new();
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim_start();
        let word = ["pub(crate) ", "pub(super) ", "pub "].iter().find_map(|it| word.strip_prefix(it)).unwrap_or(word);
        if word.starts_with("mod ") && word.ends_with('{') {
            open.push(indent);
        } else if word == "}" && open.last() == Some(&indent) {
            open.pop();
        }
    }
    open.len()
}

/// The first names of what follows a path's start: `run` of `run::door`, `bind` and `run` of `{bind, run::door}`.
fn heads(rest: &str) -> Vec<String> {
    let Some(list) = rest.strip_prefix('{') else { return vec![head(rest)] };
    let mut depth = 0_usize;
    let mut names = vec![head(list)];
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(head(&list[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty() && name != "self");
    names
}

fn head(rest: &str) -> String {
    rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn found(path: &str, text: &str) -> Vec<String> {
    wrong_ways(&Text::new(path, text))
}

#[test]
fn a_call_the_wrong_way_is_seen() {
    for bad in [
        "use crate::script::engine;",
        "use crate::{error::Error, script};",
        "use crate::{\n    error::Error,\n    // what a person sees\n    report::{Stream, Terminal},\n};",
        "fn f() -> crate::bind::Host { x }",
        "use super::super::cli;",
        "mod tests {\n    use super::super::super::cli;\n}",
    ] {
        assert_eq!(found("src/run/door.rs", bad).len(), 1, "{bad}");
    }
    assert_eq!(found("src/run/mod.rs", "use super::cli;").len(), 1);
    assert_eq!(found("src/new/mod.rs", "use crate::run::door;").len(), 1, "a folder that is not in the table");
    assert_eq!(found("src/error.rs", "use crate::run::door;").len(), 1, "the vocabulary imports only itself");
    assert_eq!(found("src/lib.rs", "use crate::run::door;").len(), 1);
    assert_eq!(
        found("src/run/door.rs", "//! The door.\nuse crate::error::Error;\nuse crate::report::Stream;"),
        ["line 3: `run` may not import `report`"]
    );
}

#[test]
fn a_call_the_right_way_is_let_through() {
    let good = "use crate::error::Error;\nuse crate::run::{journal, lock};\nuse super::session;\n/// [`crate::cli`]\nmod tests {\n    use super::*;\n    use super::super::lock;\n}";
    assert_eq!(found("src/run/door.rs", good), Vec::<String>::new());
    assert_eq!(found("src/cli/run.rs", "use crate::{bind, script::check::Rules};"), Vec::<String>::new());
    assert_eq!(found("src/bind/change.rs", "use crate::effect::{alter_configs, reassign};"), Vec::<String>::new());
}
