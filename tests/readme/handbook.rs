//! `runbooks/README.md` keeps its word: the tests that it names are there, and its commands take the flags that it gives them.

use super::read;
use std::path::Path;
use std::process::Command;

const TABLES: &str = "runbooks/README.md";

/// Rows of its tables: the handbook's line, what does it here, and the tests.
fn rows() -> Vec<[String; 3]> {
    let text = read(TABLES);
    let cells = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        <[String; 3]>::try_from(cells).unwrap_or_else(|cells| panic!("three cells: {cells:?}"))
    };
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| the handbook ");
    let rows: Vec<[String; 3]> = text.lines().filter(is_row).map(cells).collect();
    assert!(rows.len() > 20, "{} rows", rows.len());
    rows
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a path such as `cli::canary` is a module of the tests, or a test in one.
fn is_test(path: &str) -> bool {
    let source = |module: &str| {
        let file = module.replace("::", "/");
        [format!("tests/{file}.rs"), format!("tests/{file}/mod.rs")]
            .into_iter()
            .find_map(|file| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).ok())
    };
    let is_one = |(module, name): (&str, &str)| {
        source(module).is_some_and(|text| text.contains(&format!("#[test]\nfn {name}()")))
    };
    source(path).is_some() || path.rsplit_once("::").is_some_and(is_one)
}

#[test]
fn every_line_has_a_test_or_says_why_it_has_none() {
    let mut wrong = Vec::new();
    for [line, here, tests] in rows() {
        if tests.is_empty() && !here.contains("not automated") {
            wrong.push(format!("neither a test nor a reason: {line}"));
        }
        wrong.extend(quoted(&tests).filter(|path| !is_test(path)).map(|path| format!("no such test: {path}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!is_test("cli::canary::no_such_test") && !is_test("cli::no_such_module"));
}

/// What `--help` says of a command has its flags.
#[test]
fn every_command_takes_the_flags_it_is_given() {
    let mut wrong = Vec::new();
    for [_, here, _] in rows() {
        for line in quoted(&here).filter(|text| text.starts_with("krun ")) {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let named = words.iter().take(if words[0] == "sandbox" { 2 } else { 1 });
            let told = Command::new(env!("CARGO_BIN_EXE_krun")).args(named).arg("--help").output().expect("krun runs");
            let help = String::from_utf8_lossy(&told.stdout);
            let knows = |flag: &&str| help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n"));
            let unknown = words.iter().copied().filter(|word| word.starts_with("--")).filter(|flag| !knows(flag));
            wrong.extend(unknown.map(|flag| format!("{flag}: {line}")));
            if !told.status.success() {
                wrong.push(format!("no such command: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
