//! The journal of a run that was killed in mid-move: cut at every byte of its last lines, with pages that never reached the
//! disk, with a bit that tipped over.

use super::cases;
use super::reference::Reference;
use super::rules::resumed_well;
use super::stage::{Pace, Stage};
use crate::support::Ended;
use krun::event::{Intent, Record};
use krun::run::journal;
use std::fs;
use std::path::PathBuf;

/// How many of the last lines are cut, byte by byte.
const LINES: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Damage {
    /// So many bytes at its end are gone.
    Cut(usize),
    /// So many bytes at its end are zeros: the file had grown, its pages were not written yet.
    Zeros(usize),
    /// One bit of a line before the last ones has changed; the place is in thousandths of the line.
    Bit { line: usize, thousandth: usize, bit: u8 },
}

/// Killed right after the moves of a topic were submitted.
struct InMidMove {
    stage: Stage,
    journal: PathBuf,
    bytes: Vec<u8>,
}

impl InMidMove {
    fn new(reference: &Reference) -> Self {
        let stage = Stage::set(Pace::Slow);
        assert!(stage.run().killed_at(in_mid_move(reference)).run().was_killed());
        let journal = stage.scene.runs().pop().expect("there is a run").join(journal::FILE);
        let bytes = fs::read(&journal).expect("the journal can be read");
        Self { stage, journal, bytes }
    }

    fn damage(&self, damage: Damage) {
        let mut bytes = self.bytes.clone();
        let end = |of: usize| bytes.len().saturating_sub(of);
        match damage {
            Damage::Cut(of) => bytes.truncate(end(of)),
            Damage::Zeros(of) => {
                let from = end(of);
                bytes[from..].fill(0);
            }
            Damage::Bit { line, thousandth, bit } => {
                let starts: Vec<usize> = line_starts(&bytes);
                let (from, to) = (starts[line], starts[line + 1]);
                bytes[from + (to - from) * thousandth / 1000] ^= 1 << bit;
            }
        }
        fs::write(&self.journal, bytes).expect("the journal can be written");
    }

    /// What krun changed since the damage.
    fn changed_nothing_since(&self, applied: usize, ended: &Ended) {
        assert_eq!(self.stage.applied().len(), applied, "it refused, and changed something: {ended}");
    }
}

/// After the act that submits the moves of the topic with the longest list.
fn in_mid_move(reference: &Reference) -> u64 {
    let moves = |intent: &Intent| intent.effect == "alter_partition_reassignments" && intent.target == "topic/orders";
    let submitted = reference.entries.iter().find_map(|entry| match &entry.record {
        Record::EffectIntent(intent) if moves(intent) => Some(entry.seq),
        _ => None,
    });
    let name = format!("after the act of {}", submitted.expect("the run moves `orders`"));
    reference.points.iter().position(|point| *point == name).expect("it has a point there") as u64 + 1
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

#[test]
fn a_journal_that_lost_its_end_is_gone_on_with_or_refused() {
    let reference = Reference::get();
    let example = InMidMove::new(reference);
    let starts = line_starts(&example.bytes);
    let lines = starts.len() - 1;
    let longest = example.bytes.len() - starts[lines - LINES];
    let borders: Vec<usize> = (1..=LINES).map(|of| example.bytes.len() - starts[lines - of]).collect();
    drop(example);
    // The borders of lines always, the bytes within them by sample.
    let edges = borders.iter().flat_map(|border| [*border, border - 1, border + 1]);
    let inside = cases::chosen((1..=longest).filter(|of| !borders.contains(of)), 170);
    let cuts: Vec<usize> = edges.chain(inside).collect();
    let zeros = cuts.clone().into_iter().step_by(5).map(Damage::Zeros);
    let all = cuts.into_iter().map(Damage::Cut).chain(zeros).collect();
    cases::run(
        "journal cut",
        all,
        |damage| format!("{damage:?} of {longest}"),
        |damage| {
            let run = InMidMove::new(reference);
            run.damage(*damage);
            let applied = run.stage.applied().len();
            let ended = run.stage.resume().run();
            if ended.code() != Some(0) {
                refused_well(&ended);
                run.changed_nothing_since(applied, &ended);
                // What it could not have been sure of has come to its end meanwhile.
                run.stage.scene.dump_at_rest();
                run.stage.resume().run().expect_code(0);
            }
            resumed_well(&run.stage, reference);
        },
    );
}

#[test]
fn a_journal_in_which_a_bit_tipped_over_is_refused() {
    let reference = Reference::get();
    let lines = line_starts(&InMidMove::new(reference).bytes).len() - 1 - LINES;
    let bits = (0..lines).flat_map(|line| {
        let places = (0..20).map(move |place| (line, place * 50 + line % 50));
        places.map(|(line, thousandth)| Damage::Bit {
            line,
            thousandth,
            bit: u8::try_from((line + thousandth) % 7).unwrap_or(0),
        })
    });
    cases::run(
        "bit tipped over",
        cases::chosen(bits, 71),
        |damage| format!("{damage:?}"),
        |damage| {
            let run = InMidMove::new(reference);
            run.damage(*damage);
            let applied = run.stage.applied().len();
            for verb in ["resume", "abort"] {
                let ended = run.stage.scene.krun(&[verb]).run();
                refused_well(&ended);
                let ended = ended.expect_code(2);
                let says_why = ended.mentions("NOT_A_JOURNAL") || ended.mentions("JOURNAL_NEWER");
                assert!(says_why, "it does not say why: {ended}");
                run.changed_nothing_since(applied, &ended);
            }
            // The disk was mended.
            fs::write(&run.journal, &run.bytes).expect("the journal can be written");
            run.stage.resume().run().expect_code(0);
            resumed_well(&run.stage, reference);
        },
    );
}

/// A code that says why, and no accident.
fn refused_well(ended: &Ended) {
    assert!(matches!(ended.code(), Some(1..=6)), "{ended}");
    assert!(!ended.mentions("panicked"), "{ended}");
    let is_code = |word: &str| {
        let word = word.trim_end_matches(':');
        word.len() > 3 && word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    assert!(ended.stderr.split_whitespace().any(is_code), "it has no code: {ended}");
}
