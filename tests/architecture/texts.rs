//! The texts of the repository, by their paths in it.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
pub(super) struct Text {
    /// From the top of the repository, with `/` between folders: `src/run/door.rs`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Text {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines that are code, with their numbers from 1: no comments.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !is_comment(line))
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(super) fn top_level() -> Vec<String> {
    let entries = fs::read_dir(top()).expect("the repository is readable");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// All Rust and Rhai files below a folder.
pub(super) fn below(folder: &str) -> Vec<Text> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if has_ending(&path, "rs") || has_ending(&path, "rhai") {
                let relative = path.strip_prefix(top()).expect("below the top").display().to_string();
                found.push(Text { text: read(&relative), path: relative });
            }
        }
    }
    found
}

/// The product, its tests, and the scripts. Cases of the script tests are wrong on purpose.
pub(super) fn everything() -> Vec<Text> {
    let all = ["src", "tests", "stdlib", "runbooks"].into_iter().flat_map(below);
    all.filter(|text| !(text.path.starts_with("tests/") && has_ending(Path::new(&text.path), "rhai"))).collect()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}
