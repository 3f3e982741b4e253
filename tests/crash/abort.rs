//! Killed at every point, then aborted; and the abort killed at every point of its own.

use super::cases;
use super::reference::Reference;
use super::rules::aborted_well;
use super::stage::{Pace, Stage};
use krun::event::{Ending, Entry, Record};

#[test]
fn killed_at_any_point_a_run_is_aborted() {
    let reference = Reference::get();
    let numbers = reference.numbers().map(|n| (n, if n % 2 == 0 { Pace::Fast } else { Pace::Slow }));
    let name = |(n, pace): &(u64, Pace)| format!("{pace:?}, killed at {n}, {}", reference.point(*n));
    cases::run("abort", cases::chosen(numbers, 9), name, |(n, pace)| {
        let stage = Stage::set(*pace);
        assert!(stage.run().killed_at(*n).run().was_killed());
        if *pace == Pace::Slow {
            stage.freeze();
        }
        let said = give_up(&stage, "");
        aborted_well(&stage.before, &stage.scene.dump(), &reference.after, &said);
        a_new_run_goes_through(&stage);
    });
}

#[test]
fn an_abort_that_is_killed_is_aborted_again() {
    let reference = Reference::get();
    let places = reference.numbers().skip(10).step_by(24);
    let pairs = places.flat_map(|first| (1..=60).map(move |second| (first, second)));
    let name = |(first, second): &(u64, u64)| {
        format!("killed at {first}, {}; aborted, and killed at its {second}th point", reference.point(*first))
    };
    cases::run("abort twice", cases::chosen(pairs, 23), name, |(first, second)| {
        let stage = Stage::set(Pace::Slow);
        assert!(stage.run().killed_at(*first).run().was_killed());
        stage.freeze();
        let killed = stage.abort().killed_at(*second).run();
        assert!(killed.was_killed() || killed.code() == Some(0), "{killed}");
        let said = give_up(&stage, &format!("{killed}"));
        aborted_well(&stage.before, &stage.scene.dump(), &reference.after, &said);
    });
}

/// Aborts, and gives what was said. Where there is nothing to abort, krun says so.
pub(super) fn give_up(stage: &Stage, said_before: &str) -> String {
    let over = stage.journal().is_none_or(|journal| is_over(&journal.entries));
    let before = stage.scene.dump();
    let planned = stage.scene.krun(&["abort", "--plan"]).run().expect_code(if over { 2 } else { 0 });
    assert_eq!(stage.scene.dump(), before, "a plan changed something: {planned}");
    let ended = stage.abort().run().expect_code(if over { 2 } else { 0 });
    // What an earlier abort had said by its end is not said again.
    assert!(over || by_hand(stage).contains("Nothing of it is in place"), "{}", by_hand(stage));
    if over { format!("{said_before}{}", shown(stage)) } else { format!("{ended}") }
}

/// What is left to be done by hand.
fn by_hand(stage: &Stage) -> String {
    let texts = stage.scene.runs().into_iter().map(|run| std::fs::read_to_string(run.join("by-hand.txt")));
    texts.filter_map(Result::ok).collect()
}

fn shown(stage: &Stage) -> String {
    if stage.journal().is_none() {
        return String::new();
    }
    format!("{}", stage.scene.krun(&["show"]).run().expect_code(0))
}

fn is_over(entries: &[Entry]) -> bool {
    let last = entries.last().map(|entry| &entry.record);
    matches!(last, Some(Record::SessionEnded { ending: Ending::Done | Ending::Aborted }))
}

pub(super) fn a_new_run_goes_through(stage: &Stage) {
    stage.thaw();
    let ended = stage.run().run().expect_code(0);
    let after = stage.scene.dump_at_rest();
    assert_eq!(after["configs"], stage.before["configs"], "{ended}");
    assert!(stage.job.is_done(&stage.before, &after), "{after:#}; {ended}");
}
