//! Killed at every point, then resumed; and killed again while it is resumed.

use super::cases;
use super::reference::Reference;
use super::rules::resumed_well;
use super::stage::{Pace, Stage};
use crate::support::Ended;
use krun::event::{Ending, Entry, Record};

#[test]
fn killed_at_any_point_a_run_is_resumed() {
    let reference = Reference::get();
    let beyond = reference.points.len() as u64 + 1;
    let numbers = cases::chosen(reference.numbers(), 8).into_iter().chain([beyond]).collect();
    let name = |n: &u64| format!("killed at {n}, {}", reference.point(*n));
    cases::run("resume", numbers, name, |n| {
        let stage = Stage::set(Pace::Fast);
        let ended = stage.run().killed_at(*n).run();
        assert_eq!(ended.was_killed(), *n < beyond, "{ended}");
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}

/// A slow cluster has moves in flight at every crash.
#[test]
fn killed_twice_a_run_is_resumed() {
    let reference = Reference::get();
    let firsts = reference.numbers().step_by(17);
    let pairs =
        firsts.flat_map(|first| (1..=reference.points.len() as u64).step_by(5).map(move |second| (first, second)));
    let name = |(first, second): &(u64, u64)| {
        format!("killed at {first}, {}; resumed, and killed at its {second}th point", reference.point(*first))
    };
    cases::run("resume twice", cases::chosen(pairs, 37), name, |(first, second)| {
        let stage = Stage::set(Pace::Slow);
        assert!(stage.run().killed_at(*first).run().was_killed());
        let again = stage.resume().killed_at(*second).run();
        assert!(again.was_killed() || matches!(again.code(), Some(0 | 2)), "{again}");
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}

/// Resumes a killed run to its end. Where it was killed before its first line, a new one goes through instead; where it was
/// killed after its last, there is nothing left to do.
pub(super) fn go_on(stage: &Stage) -> Ended {
    let journal = stage.journal();
    let (begun, done) = (journal.is_some(), journal.is_some_and(|journal| is_done(&journal.entries)));
    let resumed = stage.resume().run();
    if begun && !done {
        return resumed.expect_code(0);
    }
    assert!(resumed.mentions("NO_OPEN_RUN"), "{resumed}");
    let resumed = resumed.expect_code(2);
    if done { resumed } else { stage.run().run().expect_code(0) }
}

fn is_done(entries: &[Entry]) -> bool {
    matches!(entries.last(), Some(Entry { record: Record::SessionEnded { ending: Ending::Done }, .. }))
}
