//! What a crash can leave of a journal, and what must be refused.

use krun::event::{Ending, Entry, Record};
use krun::run::journal::{self, FILE, Journal};
use proptest::prelude::*;
use serde_json::Value;
use std::fs;

fn record() -> impl Strategy<Value = Record> {
    let path = prop::collection::vec("[a-zé ›\"]{1,8}", 1..3);
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<bool>(), 0..4).prop_map(Value::from),
    ];
    prop_oneof![
        (path.clone(), 1u32..4).prop_map(|(path, attempt)| Record::StepBegun { path, attempt }),
        (path, 1u32..4, value).prop_map(|(path, attempt, value)| Record::StepFinished { path, attempt, value }),
        Just(Record::SessionEnded { ending: Ending::Interrupted }),
    ]
}

fn written(records: &[Record]) -> (tempfile::TempDir, Vec<Entry>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::create(folder.path()).expect("a journal");
    let entries = records.iter().map(|record| journal.append(record.clone()).expect("written")).collect();
    (folder, entries)
}

fn bytes(folder: &tempfile::TempDir) -> Vec<u8> {
    fs::read(folder.path().join(FILE)).expect("a journal")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Cut anywhere, a journal holds the whole records before the cut, and goes on from there.
    #[test]
    fn cut_anywhere_it_goes_on(records in prop::collection::vec(record(), 1..6), at in any::<prop::sample::Index>(), zeros in 0usize..40) {
        let (folder, entries) = written(&records);
        let whole = bytes(&folder);
        let cut = at.index(whole.len() + 1);
        let mut torn = whole[..cut].to_vec();
        torn.resize(cut + zeros, 0);
        fs::write(folder.path().join(FILE), &torn).expect("written");

        let kept = whole[..cut].split(|byte| *byte == b'\n').count().saturating_sub(2);
        let (mut journal, found) = Journal::open(folder.path()).expect("a torn tail is no damage");
        prop_assert_eq!(&found[..], &entries[..kept]);
        let next = journal.append(records[0].clone()).expect("written");
        prop_assert_eq!(next.seq, kept as u64 + 1);
        let again = journal::read(folder.path()).expect("whole").entries;
        prop_assert_eq!(again.len(), kept + 1);
        prop_assert_eq!(again.last(), Some(&next));
    }

    /// One bit that tipped over before the last line is seen, and the file is left as it was.
    #[test]
    fn damaged_inside_it_is_refused(records in prop::collection::vec(record(), 2..6), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (folder, _) = written(&records);
        let mut damaged = bytes(&folder);
        let last = damaged[..damaged.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("several lines");
        // The end of the line before the last one joins the two: what is left of them is a torn tail.
        damaged[at.index(last)] ^= 1 << bit;
        fs::write(folder.path().join(FILE), &damaged).expect("written");
        let error = Journal::open(folder.path()).expect_err("damaged");
        prop_assert!(["NOT_A_JOURNAL", "JOURNAL_NEWER"].contains(&error.code.as_str()), "{}", error);
        prop_assert_eq!(bytes(&folder), damaged);
    }
}

#[test]
fn a_newer_format_is_refused() {
    let (folder, _) = written(&[Record::SessionEnded { ending: Ending::Done }]);
    fs::write(folder.path().join(FILE), "{\"krun_journal\":99}\n{\"what\":\"ever\"}\n").expect("written");
    let error = Journal::open(folder.path()).expect_err("newer");
    assert_eq!(error.code, "JOURNAL_NEWER");
    assert!(error.message.contains("format 99"), "{}", error.message);
}

#[test]
fn some_other_file_is_no_journal() {
    let (folder, _) = written(&[]);
    for text in ["hello\n", "[general]\nname = 3\n", "{\"version\":1}\n{}\n", "\u{7f}ELF"] {
        fs::write(folder.path().join(FILE), text).expect("written");
        let error = Journal::open(folder.path()).expect_err(text);
        assert_eq!(error.code, "NOT_A_JOURNAL", "{text}");
        assert_eq!(bytes(&folder), text.as_bytes());
    }
}

#[test]
fn a_lost_line_is_refused() {
    let records = vec![Record::SessionEnded { ending: Ending::Interrupted }; 3];
    let (folder, _) = written(&records);
    let text = String::from_utf8(bytes(&folder)).expect("text");
    let without: Vec<&str> = text.lines().enumerate().filter(|(at, _)| *at != 2).map(|(_, line)| line).collect();
    fs::write(folder.path().join(FILE), without.join("\n") + "\n").expect("written");
    let error = Journal::open(folder.path()).expect_err("entry 2 is missing");
    assert_eq!(error.code, "NOT_A_JOURNAL");
    assert!(error.message.contains("entry 3 stands where 2 should"), "{}", error.message);
}
