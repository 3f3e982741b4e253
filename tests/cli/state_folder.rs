//! The state folder: not there, no folder, not writable, full.

use super::bystander::Bystander;
use super::child::{Ended, Live};
use super::place::{Place, SCALE_OUT};

#[test]
fn without_home_a_folder_must_be_named() {
    let place = Place::without_sandbox();
    for home in [None, Some(""), Some("relative")] {
        let mut command = super::child::plain(env!("CARGO_BIN_EXE_krun"));
        command.arg("runs").env_remove("HOME");
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let ended = Live::start(command, place.scratch()).ends();
        // A machine may have the shared folder, and then needs no home.
        if !std::path::Path::new("/var/lib/krun/runs").exists() {
            ended.exits(2).says(&["NO_STATE_FOLDER", "--state DIR"]);
        }
    }
}

#[test]
fn a_file_is_no_folder() {
    let place = Place::without_sandbox();
    std::fs::write(place.state(), "a file").expect("written");
    for words in [&["runs"][..], &["resume"], &["abort"], &["show"], &[SCALE_OUT, "--yes"]] {
        let ended = place.krun(words);
        ended.exits(2).says(&["state", "--state DIR"]).does_not_say(&["panic"]);
    }
}

#[test]
fn a_folder_that_cannot_be_made() {
    let place = Place::without_sandbox();
    let command = |words: &[&str]| {
        let mut command = super::child::plain(env!("CARGO_BIN_EXE_krun"));
        command.args(words).args(["--state", "/proc/krun"]);
        Live::start(command, place.scratch()).ends()
    };
    command(&[SCALE_OUT, "--yes"]).exits(2).says(&["/proc/krun", "--state DIR"]);
    command(&["runs"]).exits(0).shows(&["no runs yet"]);
}

/// The largest file that krun may write, in units of 512 bytes; the sandbox runs already and may write what it likes.
fn on_a_full_disk(place: &Place, blocks: u32, words: &[&str]) -> Ended {
    let krun = place.command(words);
    let mut command = super::child::plain("timeout");
    command.args(["120", "sh", "-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", &blocks.to_string()]);
    command.arg(krun.get_program()).args(krun.get_args());
    // Through pipes: a file for what it says would be limited as well.
    Ended::of(command.output().expect("the command starts"), words)
}

#[test]
fn a_full_disk_stops_the_run_before_it_changes_what_it_cannot_record() {
    let quick = Place::quick();
    quick.krun(&[SCALE_OUT, "--yes"]).exits(0);
    let journal = std::fs::metadata(quick.run_folder().join("journal.jsonl")).expect("a journal").len();
    let blocks = u32::try_from(journal / 512).expect("a short journal");
    let mut stopped = 0;
    for part in 1..8 {
        let place = Place::quick();
        let ended = on_a_full_disk(&place, blocks * part / 8, &[SCALE_OUT, "--yes"]);
        if place.runs().is_empty() {
            ended.exits(2).says(&["STATE_FOLDER", "cannot write"]);
            continue;
        }
        stopped += 1;
        ended.exits(1).says(&["JOURNAL_IO", "cannot write", "journal.jsonl", "free some space", "krun resume"]);
        ended.says(&["broken off", "(exit 1)"]).does_not_say(&["was killed"]);
        place.krun(&["resume", "--yes"]).exits(0).says(&["done:"]);
        assert_eq!((Bystander::at(&place).moves(), Bystander::at(&place).throttles()), (vec![], vec![]));
        let (cluster, expected) = (place.control().dump(), quick.control().dump());
        let topics = |dump: Result<serde_json::Value, _>| dump.expect("a dump")["topics"].clone();
        assert_eq!(placements(&topics(cluster)), placements(&topics(expected)), "after {part}/8 of the journal");
    }
    assert!(stopped >= 3, "the disk was full in mid-run at least sometimes");
}

/// What a run is to achieve: who holds which partition.
fn placements(topics: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    for (topic, partitions) in topics.as_object().expect("topics") {
        for (id, partition) in partitions.as_array().expect("partitions").iter().enumerate() {
            found.push(format!("{topic}-{id} {} {}", partition["replicas"], partition["leader"]));
        }
    }
    assert!(!found.is_empty());
    found
}
