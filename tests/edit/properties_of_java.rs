//! A second opinion: Java reads the same keys and values from the same bytes.

use super::properties::soup;
use krun::edit::properties::Properties;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::process::Command;

const FILES: usize = 2_000;

fn hex(text: &str) -> String {
    let units: Vec<String> = text.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    units.concat()
}

/// What the oracle would say.
fn said(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut lines = vec![name.to_owned()];
    match Properties::parse(bytes) {
        Err(_) => lines.push("malformed".to_owned()),
        Ok(file) => {
            let last: BTreeMap<&str, &str> = file.entries().map(|entry| (entry.key, entry.value)).collect();
            let mut pairs: Vec<String> =
                last.iter().map(|(key, value)| format!("{}={}", hex(key), hex(value))).collect();
            pairs.sort();
            lines.extend(pairs);
        }
    }
    lines
}

#[test]
fn java_reads_the_same() {
    let Some(kafka) = crate::real::kafka() else { return };
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut runner = TestRunner::deterministic();
    let soup = soup();
    let mut expected = Vec::new();
    for nth in 0..FILES {
        let bytes = soup.new_tree(&mut runner).expect("a file").current();
        let name = format!("{nth:05}");
        std::fs::write(folder.path().join(&name), &bytes).expect("the scratch folder takes a file");
        expected.extend(said(&name, &bytes));
    }
    let mut java: Command = kafka.command(&[]);
    let output = java.arg("tests/edit/Oracle.java").arg(folder.path()).output().expect("java runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = String::from_utf8(output.stdout).expect("ASCII");
    for (nth, (ours, javas)) in expected.iter().map(String::as_str).zip(found.lines()).enumerate() {
        let file = expected[..nth].iter().rev().find(|line| line.len() == 5).cloned().unwrap_or_default();
        let bytes = std::fs::read(folder.path().join(&file)).unwrap_or_default();
        assert_eq!(ours, javas, "line {nth}, file {file}: {:?}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(expected.len(), found.lines().count());
}
