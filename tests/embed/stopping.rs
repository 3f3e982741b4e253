//! Stopping a run from another thread.

use super::Host;
use super::host::{is_step_begun, until};
use krun::event::{Ending, Event, Progress};
use krun::{Outcome, Stop};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs it, and asks it to stop once something was heard.
fn stopped_when(host: &Host, runbook: &Path, asks: usize, heard: impl Fn(&Event) -> bool + Send) -> Outcome {
    let stop = Stop::default();
    let krun = host.krun().stopped_by(&stop);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            host.wait_for(heard);
            (0..asks).for_each(|_| stop.ask());
        });
        krun.run(runbook, ()).expect("it runs")
    })
}

#[test]
fn asked_once_it_ends_at_its_next_safe_point_and_can_be_resumed() {
    let host = Host::new();
    let runbook = host.runbook(
        "wait.rhai",
        r#"
        let cluster = kafka::connect();
        step("first", || cluster.alter_configs("topic", "orders", #{ "retention.ms": "1000" }));
        temporarily("for a while", || cluster.alter_configs("topic", "clicks", #{ "retention.ms": "2000" }), || {
            wait_until("a file is there", #{ every: "20ms", timeout: "1h" }, || is_open());
        });
        step("last", || ());
    "#,
    );
    let open = Arc::new(AtomicBool::new(false));
    let gate = open.clone();
    let krun = host.builder().register(move |engine| {
        let gate = gate.clone();
        engine.register_fn("is_open", move || gate.load(Ordering::SeqCst));
    });
    let krun = krun.build().expect("it is built").on("sandbox");
    let stop = Stop::default();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            host.wait_for(
                |event| matches!(event, Event::Progress(note) if matches!(note.progress, Progress::Waiting { .. })),
            );
            stop.ask();
        });
        krun.stopped_by(&stop).run(&runbook, ()).expect("it runs")
    });
    assert!(stop.is_asked());
    assert_eq!((&outcome.ending, outcome.exit_code(), outcome.can_be_resumed()), (&Ending::Interrupted, 130, true));
    // What was for a while is put back when the run is left like this.
    assert!(outcome.left_in_place.is_empty(), "{outcome:?}");

    // Begun by a handle that was asked already, it stops at once, and is still to be resumed.
    let again = krun.stopped_by(&stop).resume(&outcome.run).expect("it goes on");
    assert_eq!(again.ending, Ending::Interrupted);
    open.store(true, Ordering::SeqCst);
    assert_eq!(krun.resume(&outcome.run).expect("it goes on").ending, Ending::Done);
}

/// A step has no safe point inside, so the first time is not enough for one that takes an hour.
#[test]
fn asked_twice_it_ends_in_the_midst_of_a_step() {
    let host = Host::new();
    let endless = host.runbook("endless.rhai", "step(\"count\", || { let n = 0; loop { n += 1; } });");
    let outcome = stopped_when(&host, &endless, 2, |event| is_step_begun(event, "count"));
    assert_eq!(outcome.ending, Ending::Interrupted);
}

/// Nothing of a run that has ended holds on to its cluster.
#[test]
fn the_lock_is_free_when_the_call_has_come_back() {
    let host = Host::new();
    let endless = host.runbook("endless.rhai", "step(\"count\", || { let n = 0; loop { n += 1; } });");
    let krun = host.krun();
    for _ in 0..3 {
        let stop = Stop::default();
        let begun = host.heard.lock().expect("no listener panics").len();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                until(|| {
                    host.heard
                        .lock()
                        .expect("no listener panics")
                        .iter()
                        .skip(begun)
                        .any(|(_, event)| is_step_begun(event, "count"))
                });
                stop.ask();
                stop.ask();
            });
            let outcome = krun.stopped_by(&stop).run(&endless, ()).expect("nobody has the lock");
            assert_eq!(outcome.ending, Ending::Interrupted);
        });
    }
}
