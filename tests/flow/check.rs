//! `krun check` against the real host API, and on everything that krun ships.

use super::bench::Bench;
use super::cases::each_case;
use krun::bind;
use krun::script::check::Rules;
use krun::script::runbook::Runbook;
use krun::script::{engine, stdlib};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn mistakes_are_found_without_running() {
    each_case("check", "err", |bench: &Bench, name, _| {
        let said = bench.krun(&["check", name], &[]);
        assert_eq!(said.code, Some(3), "{name}: {}", said.err);
        assert_eq!(said.out, [""; 0], "{name}: findings go to stderr");
        said.err
    });
}

/// An effect that `krun check` does not know would be found only when it is refused at night.
#[test]
fn every_effect_is_a_function_of_the_api() {
    let api = krun::script::api::HostApi::of(&engine::build(bind::register));
    for effect in bind::change::EFFECTS {
        assert!(!api.arities("", effect).is_empty(), "{effect}");
    }
}

#[test]
fn what_is_shipped_checks_without_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: Vec<PathBuf> = rhai_files(Path::new("runbooks"));
    assert!(!files.is_empty(), "there are runbooks");
    for name in stdlib::names() {
        let path = folder.path().join(format!("{name}.rhai"));
        fs::write(&path, format!("import \"std/{name}\" as it;\n")).expect("writable");
        files.push(path);
    }
    for path in files {
        let rules = Rules { effects: bind::change::EFFECTS };
        let report = Runbook::check_file(&path, &engine::build(bind::register), &rules).expect("readable");
        assert!(report.problems.is_empty(), "{}: {:?}", path.display(), report.problems);
    }
}

fn rhai_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "rhai")).collect()
}
