//! The README keeps its word: its scripts check, its configuration is read, its commands do what it shows.

mod blocks;
mod handbook;
mod likeness;
mod session;

use blocks::{Block, Command, blocks, commands};
use krun::inventory::Inventory;
use session::Session;

fn readme() -> String {
    read("README.md")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("it is in the repository")
}

fn of_language(language: &str) -> Vec<Block> {
    let found: Vec<Block> = blocks(&readme()).into_iter().filter(|block| block.language == language).collect();
    assert!(!found.is_empty(), "the README has no {language} block");
    found
}

/// Its blocks are one session, from the first command to the last, on one sandbox.
#[test]
fn every_command_does_what_is_shown() {
    let session = Session::new();
    for file in of_language("rhai").iter().chain(&of_language("json")) {
        session.write(&file.name, &file.text);
    }
    let mut wrong = Vec::new();
    for Command { line, exit, shown } in of_language("console").iter().flat_map(|block| commands(&block.text)) {
        let ended = session.run(&line);
        let missing = likeness::missing(&shown, &ended.said);
        if ended.exit != exit || missing.is_some() {
            wrong.push(format!(
                "$ {line}\nexit {} (shown: {exit}), not found: {missing:?}, said:\n{}",
                ended.exit, ended.said
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_script_is_named_and_used() {
    let all = readme();
    for script in of_language("rhai") {
        assert!(!script.name.is_empty(), "a name behind ```rhai: {}", script.text);
        assert!(all.contains(&format!("krun check {}", script.name)), "{} is checked by a command", script.name);
    }
}

#[test]
fn every_configuration_is_read() {
    for block in of_language("toml") {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("krun.toml");
        std::fs::write(&file, &block.text).expect("writable");
        let inventory = Inventory::find(folder.path(), None, Some(&file)).expect("it is read");
        let chosen = inventory.cluster(Some("prod"), false).expect("there is a prod");
        assert!(!chosen.sandbox && chosen.settings.bootstrap_servers.len() == 2);
    }
}

/// What the test cannot run within itself, CI runs: the two commands of a newcomer, to the letter.
#[test]
fn the_two_commands_are_run_by_ci() {
    let ci = read(".ci/run");
    let first = &of_language("sh")[0];
    assert_eq!(first.text.lines().count(), 2);
    for line in first.text.lines() {
        assert!(ci.contains(line), ".ci/run does not run `{line}`");
    }
}

/// The manifest, the CI and the README name one version of Rust.
#[test]
fn the_rust_version_is_the_manifests() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let version = manifest["package"]["rust-version"].as_str().expect("a text");
    assert!(readme().contains(&format!("Rust {version}")), "Rust {version}");
}

/// What the table of the README says about each way to end.
#[test]
fn the_exit_codes_are_those_of_krun() {
    let all = readme();
    let table = all.split("## Exit codes").nth(1).expect("the section").split("## ").next().expect("its text");
    let codes: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).collect();
    assert_eq!(codes, ["exit", "0", "1", "2", "3", "4", "5", "6", "130"]);
}
