//! `--json`: one object an event, the same keys on each.

use super::samples;
use super::screen::Written;
use krun::event::Event;
use krun::report::{Closing, JsonLines, Reporter, merge};
use serde_json::Value;

fn lines(events: &[Event]) -> String {
    let written = Written::default();
    let mut reporter = JsonLines::new(written.clone());
    for event in events {
        let before = written.text().lines().count();
        reporter.on_event(event);
        assert_eq!(written.text().lines().count(), before + 1, "each is one line, written at once");
    }
    reporter.end(&Closing::default());
    written.text()
}

#[test]
fn a_run_as_json_lines() {
    insta::assert_snapshot!(lines(&samples::failed().events));
}

#[test]
fn every_object_has_version_time_and_kind_and_a_record_its_place_in_the_journal() {
    let run = samples::aborted();
    for (event, row) in run.events.iter().zip(lines(&run.events).lines()) {
        let object: Value = serde_json::from_str(row).expect("each line is JSON");
        assert_eq!(object["v"], 1, "{row}");
        assert!(object["at"].is_string() && object["kind"].is_string(), "{row}");
        match event {
            Event::Record(entry) => assert_eq!(object["seq"], entry.seq, "{row}"),
            Event::Progress(_) => assert!(object.get("seq").is_none(), "{row}"),
        }
    }
}

#[test]
fn a_reader_that_has_gone_does_not_matter() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut reporter = JsonLines::new(writer);
    samples::failed().events.iter().for_each(|event| reporter.on_event(event));
}

#[test]
fn the_two_files_of_a_run_merge_to_what_happened() {
    let run = samples::resumed();
    let merged: Vec<Event> = merge(run.journal(), run.notes()).collect();
    assert_eq!(merged.len(), run.events.len());
    let records: Vec<&Event> = merged.iter().filter(|event| matches!(event, Event::Record(_))).collect();
    let expected: Vec<&Event> = run.events.iter().filter(|event| matches!(event, Event::Record(_))).collect();
    assert_eq!(records, expected);
    assert!(matches!(merged[0], Event::Progress(_)), "a run is announced before its first record");
}
