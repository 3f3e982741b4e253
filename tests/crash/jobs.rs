//! The same for the other jobs. Where moves wait for slots, which of them was submitted when a run was killed depends on what
//! had arrived, and a resume finds others arrived: each is submitted once nevertheless.

use super::abort::{a_new_run_goes_through, give_up};
use super::cases;
use super::job::Job;
use super::reference::Reference;
use super::resume::go_on;
use super::rules::{aborted_well, resumed_well};
use super::stage::{Pace, Stage};

/// Killed at every `every`-th point, on a fast and on a slow cluster by turns, and resumed.
fn resumed(job: Job, every: usize) {
    let reference = Reference::of(job);
    let numbers = reference.numbers().map(|n| (n, if n % 2 == 0 { Pace::Fast } else { Pace::Slow }));
    let name = |(n, pace): &(u64, Pace)| format!("{job:?}, {pace:?}, killed at {n}, about {}", reference.point(*n));
    cases::run(&format!("resume {job:?}"), cases::chosen(numbers, every), name, |(n, pace)| {
        let stage = Stage::of(job, *pace);
        assert!(stage.run().killed_at(*n).run().was_killed());
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}

/// Killed at every `every`-th point while moves are in flight, and aborted. Whoever begins anew goes through.
fn aborted(job: Job, every: usize) {
    let reference = Reference::of(job);
    let name = |n: &u64| format!("{job:?}, killed at {n}, about {}", reference.point(*n));
    cases::run(&format!("abort {job:?}"), cases::chosen(reference.numbers(), every), name, |n| {
        let stage = Stage::of(job, Pace::Slow);
        assert!(stage.run().killed_at(*n).run().was_killed());
        stage.freeze();
        let said = give_up(&stage, "");
        aborted_well(&stage.before, &stage.scene.dump(), &reference.after, &said);
        a_new_run_goes_through(&stage);
    });
}

#[test]
fn a_run_with_refills_is_resumed() {
    resumed(Job::Refilled, 11);
}

#[test]
fn a_run_with_refills_is_aborted() {
    aborted(Job::Refilled, 13);
}

#[test]
fn a_drain_is_resumed() {
    resumed(Job::Drain, 17);
}

#[test]
fn a_drain_is_aborted() {
    aborted(Job::Drain, 19);
}

#[test]
fn a_replacement_of_a_dead_broker_is_resumed() {
    resumed(Job::Replace, 23);
}

#[test]
fn a_replacement_of_a_dead_broker_is_aborted() {
    aborted(Job::Replace, 29);
}

#[test]
fn a_rollback_is_resumed() {
    resumed(Job::Rollback, 17);
}

#[test]
fn a_rollback_is_aborted() {
    aborted(Job::Rollback, 19);
}

#[test]
fn a_diet_by_retention_is_resumed() {
    resumed(Job::Diet, 17);
}

#[test]
fn a_diet_by_retention_is_aborted() {
    aborted(Job::Diet, 19);
}

#[test]
fn a_diet_by_records_is_resumed() {
    resumed(Job::DietByRecords, 23);
}

#[test]
fn a_diet_by_records_is_aborted() {
    aborted(Job::DietByRecords, 29);
}

#[test]
fn killed_twice_a_run_with_refills_is_resumed() {
    let reference = Reference::of(Job::Refilled);
    let firsts = reference.numbers().step_by(13);
    let pairs =
        firsts.flat_map(|first| (1..=reference.points.len() as u64).step_by(7).map(move |second| (first, second)));
    let name = |(first, second): &(u64, u64)| {
        format!("killed at {first}, about {}; resumed, and killed at its {second}th point", reference.point(*first))
    };
    cases::run("resume with refills twice", cases::chosen(pairs, 29), name, |(first, second)| {
        let stage = Stage::of(Job::Refilled, Pace::Slow);
        assert!(stage.run().killed_at(*first).run().was_killed());
        let again = stage.resume().killed_at(*second).run();
        assert!(again.was_killed() || matches!(again.code(), Some(0 | 2)), "{again}");
        go_on(&stage);
        resumed_well(&stage, reference);
    });
}
