//! Moves that wait for slots: which of them was submitted when a run was killed depends on what had arrived, and a resume
//! finds others arrived. Each is submitted once nevertheless.

use super::abort::give_up;
use super::cases;
use super::reference::Reference;
use super::resume::go_on;
use super::rules::{aborted_well, resumed_well};
use super::stage::{Pace, Stage, Way};

#[test]
fn killed_at_any_point_a_run_with_refills_is_resumed() {
    let reference = Reference::of(Way::Refilled);
    let numbers = reference.numbers().map(|n| (n, if n % 2 == 0 { Pace::Fast } else { Pace::Slow }));
    let name = |(n, pace): &(u64, Pace)| format!("{pace:?}, killed at {n}, about {}", reference.point(*n));
    cases::run("resume with refills", cases::chosen(numbers, 11), name, |(n, pace)| {
        let stage = Stage::of(Way::Refilled, *pace);
        assert!(stage.run().killed_at(*n).run().was_killed());
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}

#[test]
fn killed_twice_a_run_with_refills_is_resumed() {
    let reference = Reference::of(Way::Refilled);
    let firsts = reference.numbers().step_by(13);
    let pairs =
        firsts.flat_map(|first| (1..=reference.points.len() as u64).step_by(7).map(move |second| (first, second)));
    let name = |(first, second): &(u64, u64)| {
        format!("killed at {first}, about {}; resumed, and killed at its {second}th point", reference.point(*first))
    };
    cases::run("resume with refills twice", cases::chosen(pairs, 29), name, |(first, second)| {
        let stage = Stage::of(Way::Refilled, Pace::Slow);
        assert!(stage.run().killed_at(*first).run().was_killed());
        let again = stage.resume().killed_at(*second).run();
        assert!(again.was_killed() || matches!(again.code(), Some(0 | 2)), "{again}");
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}

#[test]
fn killed_at_any_point_a_run_with_refills_is_aborted() {
    let reference = Reference::of(Way::Refilled);
    let name = |n: &u64| format!("killed at {n}, about {}", reference.point(*n));
    cases::run("abort with refills", cases::chosen(reference.numbers(), 13), name, |n| {
        let stage = Stage::of(Way::Refilled, Pace::Slow);
        assert!(stage.run().killed_at(*n).run().was_killed());
        stage.freeze();
        let said = give_up(&stage, "");
        aborted_well(&stage.before, &stage.scene.dump(), &reference.after, &said);
    });
}
