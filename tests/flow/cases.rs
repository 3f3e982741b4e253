//! The conformance cases: `tests/flow/FOLDER/NAME.rhai`, which may import `lib/*`, says at its top what is done with it, `NAME.out` what comes of
//! it. `BLESS=1` writes what there is, `CASE=NAME` runs one.

use super::bench::Bench;
use super::script_line::{self, Act};
use super::transcript;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn steps() {
    each_case("steps", "out", transcript);
}

#[test]
fn values() {
    each_case("values", "out", transcript);
}

#[test]
fn effects() {
    each_case("effects", "out", transcript);
}

#[test]
fn temporary() {
    each_case("temporary", "out", transcript);
}

#[test]
fn waits() {
    each_case("waits", "out", transcript);
}

#[test]
fn questions() {
    each_case("questions", "out", transcript);
}

#[test]
fn parallel() {
    each_case("parallel", "out", transcript);
}

#[test]
fn errors() {
    each_case("errors", "out", transcript);
}

fn transcript(bench: &Bench, name: &str, text: &str) -> String {
    let (mut transcript, mut runs) = (Vec::new(), Vec::new());
    for (line, act) in script_line::of(name, text) {
        transcript.push(format!("$ {line}"));
        match act {
            Act::Krun { args, triggers } => {
                let args: Vec<String> = args.iter().map(|word| named_run(word, &runs)).collect();
                let said = bench.krun(&args.iter().map(String::as_str).collect::<Vec<_>>(), &triggers);
                for run in transcript::runs(&said.out) {
                    if !runs.contains(&run) {
                        runs.push(run);
                    }
                }
                transcript.extend(transcript::lines(&said.out));
                transcript.extend(said.err.lines().map(|line| format!("stderr   {line}")));
                transcript.push(said.code.map_or("killed".to_owned(), |code| format!("exit {code}")));
            }
            Act::Set { topic, config, value } => bench.set(&topic, &config, value.as_deref()),
            Act::Value { topic, config } => {
                transcript.push(bench.value(&topic, &config).unwrap_or_else(|| "unset".to_owned()));
            }
        }
    }
    let mut transcript = bench.redacted(&transcript.join("\n")) + "\n";
    for (at, run) in runs.iter().enumerate() {
        transcript = transcript.replace(run, &format!("RUN{}", at + 1));
    }
    transcript
}

/// The name of a run for `RUN1`, `RUN2` …
fn named_run(word: &str, runs: &[String]) -> String {
    let number = word.strip_prefix("RUN").and_then(|number| number.parse::<usize>().ok());
    number.and_then(|number| runs.get(number.checked_sub(1)?)).cloned().unwrap_or_else(|| word.to_owned())
}

/// Runs every runbook of a folder on a sandbox of its own, and compares what comes of it.
pub(super) fn each_case(folder: &str, expected: &str, outcome: impl Fn(&Bench, &str, &str) -> String) {
    let folder = Path::new("tests/flow").join(folder);
    let only = std::env::var("CASE").ok();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases(&folder) {
        count += 1;
        let name = case.file_name().and_then(|name| name.to_str()).expect("a name");
        if only.as_ref().is_some_and(|only| format!("{only}.rhai") != name) {
            continue;
        }
        let bench = Bench::with(&folder);
        let found = outcome(&bench, name, &fs::read_to_string(&case).expect("readable"));
        refuse_rust(&found, &case);
        let golden = case.with_extension(expected);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &found).expect("writable");
        } else if fs::read_to_string(&golden).ok().as_deref() != Some(found.as_str()) {
            wrong.push(format!("{} differs; found:\n{found}", golden.display()));
        }
    }
    assert!(count > 0, "no cases in {}", folder.display());
    assert!(wrong.is_empty(), "BLESS=1 writes what is found\n{}", wrong.join("\n"));
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of cases").map(|entry| entry.expect("an entry").path());
    let mut cases: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "rhai")).collect();
    cases.sort();
    cases
}

/// Nobody who writes runbooks knows these.
fn refuse_rust(text: &str, case: &Path) {
    for word in ["alloc::", "&str", "i64", "f64", "ImmutableString", "EvalAlt", "Dynamic", "rhai::", "FnPtr", "anon$"] {
        assert!(!text.contains(word), "{} shows {word}:\n{text}", case.display());
    }
}
