//! Several runs in one process, at the same time.

use super::Host;
use super::host::is_step_begun;
use krun::event::Ending;
use std::sync::{Arc, Barrier};

/// Each is in its step while the other is: they meet there.
#[test]
fn two_runs_on_two_clusters_at_the_same_time() {
    let (one, two) = (Host::new(), Host::new());
    let meeting = Arc::new(Barrier::new(2));
    let krun = |host: &Host| {
        let meeting = meeting.clone();
        let builder = host.builder().register(move |engine| {
            let meeting = meeting.clone();
            engine.register_fn("meet", move || {
                meeting.wait();
            });
        });
        builder.build().expect("it is built").on("sandbox")
    };
    let (of_one, of_two) = (krun(&one), krun(&two));
    let text = r#"
        let cluster = kafka::connect();
        step("meet the other", || meet());
        step("change something", || cluster.alter_configs("topic", "orders", #{ "retention.ms": "1000" }));
        step("meet again", || meet());
    "#;
    let outcomes = std::thread::scope(|scope| {
        let first = scope.spawn(|| of_one.run(one.runbook("one.rhai", text), ()));
        let second = of_two.run(two.runbook("two.rhai", text), ());
        [first.join().expect("no panic"), second].map(|outcome| outcome.expect("it runs"))
    });
    assert_eq!(outcomes.each_ref().map(|outcome| &outcome.ending), [&Ending::Done, &Ending::Done]);
    // Nobody heard of the other's run.
    for (host, outcome) in [(&one, &outcomes[0]), (&two, &outcomes[1])] {
        assert!(host.heard.lock().expect("no listener panics").iter().all(|(run, _)| *run == outcome.run));
    }
}

#[test]
fn the_second_run_on_one_cluster_is_locked_out() {
    let host = Host::new();
    let meeting = Arc::new(Barrier::new(2));
    let of_script = meeting.clone();
    let builder = host.builder().register(move |engine| {
        let meeting = of_script.clone();
        engine.register_fn("meet", move || {
            meeting.wait();
        });
    });
    let krun = builder.build().expect("it is built").on("sandbox");
    let holds = host.runbook("holds.rhai", "step(\"hold the cluster\", || meet());");
    let wants = host.runbook("wants.rhai", "step(\"have it too\", || ());");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| krun.run(&holds, ()));
        host.wait_for(|event| is_step_begun(event, "hold the cluster"));
        let refused = krun.run(&wants, ()).expect_err("it is locked");
        assert_eq!((refused.exit_code(), refused.errors()[0].code.as_str()), (5, "LOCKED"));
        assert_eq!(krun.runs().expect("they are listed").runs.len(), 1, "what was refused is no run");
        meeting.wait();
        assert_eq!(first.join().expect("no panic").expect("it runs").ending, Ending::Done);
    });
    assert_eq!(krun.run(&wants, ()).expect("it is free").ending, Ending::Done);
}

/// Also where the caller is a thread of an async runtime, in which nothing may wait for another one.
#[test]
fn called_from_async_code() {
    let host = Host::new();
    let krun = host.krun();
    let runbook = host.runbook("ids.rhai", "print(kafka::connect().broker_ids().len());");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(async move { krun.run(&runbook, ()) }).expect("it runs");
    assert_eq!(outcome.ending, Ending::Done);
}
