//! An effect of the embedder's own is journaled, settled after a kill, and undone, by the library alone.

use super::Host;
use super::lamps::{self, DIES, state_of, switched};
use crate::support::Scene;
use krun::Krun;
use krun::event::{Ending, Outcome, Record};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LIGHT: &str = r#"
    step("light the desk", || lamp("desk", "on"));
    step("light the hall", || lamp("hall", "on"));
"#;

/// Where the child finds everything, if this process is one.
const CHILD: &str = "KRUN_TEST_CHILD";

#[test]
fn it_is_journaled_and_not_repeated() {
    let host = Host::new();
    let (folder, krun) = room(&host);
    let outcome = krun.run(host.runbook("light.rhai", LIGHT), ()).expect("it runs");
    assert_eq!((outcome.ending, switched(&folder)), (Ending::Done, 2));
    let records = host.records();
    let intents: Vec<&str> = records
        .iter()
        .filter_map(|record| if let Record::EffectIntent(intent) = record { Some(&*intent.summary) } else { None })
        .collect();
    assert_eq!(intents, ["lamp desk: on (was off)", "lamp hall: on (was off)"]);
    let clicked = |record: &&Record| matches!(record, Record::EffectOutcome { outcome: Outcome::Done { value, acted: true }, .. } if value == "click");
    assert_eq!(records.iter().filter(clicked).count(), 2);
}

#[test]
fn an_unfinished_step_is_undone_by_an_abort_and_a_temporary_one_at_its_end() {
    let host = Host::new();
    let (folder, krun) = room(&host);
    let half = r#"
        temporarily("light the hall", || lamp("hall", "on"), || {
            step("light the desk", || { lamp("desk", "on"); fail("out of bulbs"); });
        });
    "#;
    let outcome = krun.run(host.runbook("half.rhai", half), ()).expect("it runs");
    assert!(matches!(&outcome.ending, Ending::Failed { error, .. } if error.message == "out of bulbs"));
    assert_eq!((state_of(&folder, "hall").as_str(), state_of(&folder, "desk").as_str()), ("off", "on"));
    assert_eq!(krun.abort_plan(&outcome.run).expect("a plan"), ["lamp desk: off (was on)"]);
    assert_eq!(krun.abort(&outcome.run).expect("it is given up").ending, Ending::Aborted);
    assert_eq!(state_of(&folder, "desk"), "off");
}

#[test]
fn it_stands_in_a_step_which_is_found_before_anything_runs() {
    let host = Host::new();
    let (folder, krun) = room(&host);
    let refused = krun.run(host.runbook("bare.rhai", "lamp(\"desk\", \"on\");"), ()).expect_err("it does not check");
    assert_eq!((refused.exit_code(), refused.errors()[0].code.as_str()), (3, "EFFECT_OUTSIDE_STEP"));
    // Behind another name only the run finds it.
    let renamed = lamps::wired(host.builder(), &folder)
        .register(|engine| {
            engine.register_fn("shine", |context: krun::rhai::NativeCallContext| {
                let args = serde_json::json!({ "name": "desk", "to": "on" });
                krun::Call::of(&context)?.perform("lamp", &args).map(drop)
            });
        })
        .build()
        .expect("it is built")
        .on("sandbox");
    let outcome = renamed.run(host.runbook("shine.rhai", "shine();"), ()).expect("it runs");
    assert!(matches!(&outcome.ending, Ending::Failed { error, .. } if error.code == "EFFECT_OUTSIDE_STEP"));
    assert_eq!(switched(&folder), 0);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let host = Host::new();
    let build = |builder: krun::Builder| {
        let refused = builder.build().err().expect("it is refused");
        (refused.exit_code(), refused.errors()[0].code.clone(), refused.to_string())
    };
    let twice = lamps::wired(lamps::wired(host.builder(), &host.path("a")), &host.path("b"));
    assert_eq!(build(twice).1, "EFFECT_TAKEN");
    let own = host.builder().register(|engine| {
        engine.register_fn("fail", |_: &str| ());
    });
    let (exit, code, text) = build(own);
    assert_eq!((exit, code.as_str()), (2, "FUNCTION_TAKEN"));
    assert!(text.contains("fail"), "{text}");
    let namespace = host.builder().register(|engine| {
        let mut module = krun::rhai::Module::new();
        module.set_native_fn("disconnect", || Ok(()));
        engine.register_static_module("kafka", module.into());
    });
    assert_eq!(build(namespace).1, "FUNCTION_TAKEN");
    // The same name for other types is another function.
    let other = host.builder().register(|engine| {
        engine.register_fn("fail", |_: krun::rhai::INT| ());
    });
    assert!(other.build().is_ok());
}

/// A journal knows a kind by its name: without it nothing is done, and nothing lost.
#[test]
fn a_run_needs_the_kinds_that_it_was_begun_with() {
    let host = Host::new();
    let (folder, krun) = room(&host);
    let half = "step(\"light\", || { lamp(\"desk\", \"on\"); fail(\"no\"); });";
    let outcome = krun.run(host.runbook("half.rhai", half), ()).expect("it runs");
    let bare = host.builder().build().expect("it is built").on("sandbox");
    let without = bare.abort(&outcome.run).expect("it is tried");
    assert!(!without.is_over() && without.exit_code() != 0, "{without:?}");
    assert_eq!(state_of(&folder, "desk"), "on");
    assert_eq!(krun.abort(&outcome.run).expect("it is given up").ending, Ending::Aborted);
    assert_eq!(state_of(&folder, "desk"), "off");
}

#[test]
fn killed_before_it_acted_it_is_done_once_by_a_resume() {
    let (scene, host) = (Scene::tiny(), Host::new());
    let (folder, run) = killed(&scene, &host, "before");
    assert_eq!(switched(&folder), 0);
    let outcome = in_room(&host, &scene.state()).resume(&run).expect("it goes on");
    assert_eq!((outcome.ending, switched(&folder), state_of(&folder, "hall").as_str()), (Ending::Done, 2, "on"));
}

#[test]
fn killed_after_it_acted_it_is_not_repeated_by_a_resume() {
    let (scene, host) = (Scene::tiny(), Host::new());
    let (folder, run) = killed(&scene, &host, "after");
    assert_eq!((switched(&folder), state_of(&folder, "desk").as_str()), (1, "on"));
    let outcome = in_room(&host, &scene.state()).resume(&run).expect("it goes on");
    assert_eq!((outcome.ending, switched(&folder)), (Ending::Done, 2));
}

#[test]
fn killed_after_it_acted_it_is_taken_back_by_an_abort() {
    let (scene, host) = (Scene::tiny(), Host::new());
    let (folder, run) = killed(&scene, &host, "after");
    // The command does not know lamps, and says so.
    let command = scene.krun(&["abort", &run]).run();
    assert!(command.stderr.contains("this krun has no effect named `lamp`"), "{}", command.stderr);
    assert_eq!((command.status.code(), switched(&folder)), (Some(6), 1));
    let krun = in_room(&host, &scene.state());
    assert_eq!(krun.abort(&run).expect("it is given up").ending, Ending::Aborted);
    assert_eq!((switched(&folder), state_of(&folder, "desk").as_str()), (2, "off"));
}

/// In a process of its own, which dies in its first effect. The sandbox is in another one.
fn killed(scene: &Scene, host: &Host, at: &str) -> (PathBuf, String) {
    let folder = host.path("lamps");
    std::fs::create_dir(&folder).expect("a folder");
    host.runbook("light.rhai", LIGHT);
    let place = format!("{}\n{}", scene.state().display(), host.path("").display());
    let ended = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "embed::effects::a_child_that_dies", "--nocapture"])
        .env(CHILD, place)
        .env(DIES, at)
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    assert!(!ended.status.success(), "it was to die: {ended:?}");
    let runs = in_room(host, &scene.state()).runs().expect("they are listed").runs;
    assert_eq!((runs.len(), runs[0].state), (1, krun::report::State::Killed), "{ended:?}");
    (folder, runs[0].run.clone())
}

/// Only where it was started as a child there is something to do.
#[test]
fn a_child_that_dies() {
    let Ok(place) = std::env::var(CHILD) else { return };
    let (state, folder) = place.split_once('\n').expect("two folders");
    let folder = Path::new(folder);
    let builder = lamps::wired(Krun::builder().state(state), &folder.join("lamps"));
    let krun = builder.build().expect("it is built").on("sandbox");
    let outcome = krun.run(folder.join("light.rhai"), ());
    unreachable!("it dies: {outcome:?}");
}

/// With lamps of its own, which it begins with.
fn room(host: &Host) -> (PathBuf, Krun) {
    let folder = host.path("lamps");
    std::fs::create_dir(&folder).expect("a folder");
    let krun = in_room(host, &host.state());
    (folder, krun)
}

fn in_room(host: &Host, state: &Path) -> Krun {
    lamps::wired(host.builder_in(state), &host.path("lamps")).build().expect("it is built").on("sandbox")
}
