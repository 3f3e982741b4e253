//! Every way to end is data: the ending, the run, the exit code that the command would have had.

use super::Host;
use crate::support::Scene;
use krun::event::{Ending, Event, Progress, Record};
use krun::inventory::{Cluster, Inventory};
use krun::report::State;
use krun::{Krun, Refused};
use std::path::Path;

/// Alters a topic's retention, for a while or for good.
const SET: &str = r#"
    const PARAMS = #{ topic: #{ kind: "string", help: "which" }, hours: #{ kind: "int", value: 1, help: "how long" } };
    let cluster = kafka::connect();
    let value = `${param("hours") * 3600000}`;
    step("set the retention", || cluster.alter_configs("topic", param("topic"), #{ "retention.ms": value }));
    print(`now ${cluster.configs("topic", param("topic"))["retention.ms"].value}`);
"#;

fn said(host: &Host, what: &str) -> bool {
    host.progress().iter().any(|it| matches!(it, Progress::Log { text } if text == what))
}

#[test]
fn done_with_parameters_and_every_event_heard() {
    let host = Host::new();
    let runbook = host.runbook("set.rhai", SET);
    let krun = host.krun();
    let outcome = krun.run(&runbook, krun::Params::from([("topic", "orders")]).and("hours", 2)).expect("it runs");
    assert_eq!((&outcome.ending, outcome.exit_code(), outcome.is_over()), (&Ending::Done, 0, true));
    assert_eq!(outcome.cluster, "sandbox");
    assert!(outcome.left_in_place.is_empty() && outcome.report.is_none());

    // What was heard is what the journal has.
    let heard = host.heard.lock().expect("no listener panics").clone();
    assert!(heard.iter().all(|(run, _)| *run == outcome.run));
    let told: Vec<_> =
        heard.into_iter().filter_map(|(_, event)| matches!(event, Event::Record(_)).then_some(event)).collect();
    let journal = std::fs::read_to_string(outcome.folder.join("journal.jsonl")).expect("a journal");
    assert_eq!(told.len() + 1, journal.lines().count(), "each line below the head was told: {journal}");
    assert!(said(&host, "now 7200000"), "{:?}", host.progress());

    let runs = krun.runs().expect("they are listed");
    assert_eq!((runs.runs.len(), &runs.runs[0].run, runs.runs[0].state), (1, &outcome.run, State::Done));
    let over = krun.resume(&outcome.run).expect_err("it is over");
    assert_eq!((over.exit_code(), over.errors()[0].code.as_str()), (2, "RUN_IS_OVER"));
}

#[test]
fn failed_with_the_error_and_its_place() {
    let host = Host::new();
    let runbook =
        host.runbook("fail.rhai", "step(\"try\", || {\n    fail(\"no luck\", #{ hint: \"try later\" });\n});\n");
    let outcome = host.krun().run(&runbook, ()).expect("it runs");
    assert_eq!(outcome.exit_code(), 1);
    let Ending::Failed { error, place, .. } = &outcome.ending else { panic!("{:?}", outcome.ending) };
    assert_eq!((error.message.as_str(), error.hint.as_deref()), ("no luck", Some("try later")));
    assert_eq!(place.as_ref().map(|at| at.line), Some(2));
    let report = outcome.report.expect("a drawing of it");
    assert!(report.contains("fail.rhai:2:5") && report.contains("try later") && !report.contains('\u{1b}'), "{report}");
}

#[test]
fn blocked_by_what_another_run_left_in_place() {
    let host = Host::new();
    let holds = host.runbook(
        "hold.rhai",
        r#"
        let cluster = kafka::connect();
        temporarily("hold", #{ keep: true }, || cluster.alter_configs("topic", "orders", #{ "retention.ms": "1" }), || {
            step("get on with it", || fail("stuck"));
        });
    "#,
    );
    let krun = host.krun();
    let held = krun.run(&holds, ()).expect("it runs");
    assert_eq!(held.left_in_place.len(), 1, "{held:?}");

    let blocked = krun.run(host.runbook("set.rhai", SET), [("topic", "orders")]).expect("it runs");
    assert!(matches!(blocked.ending, Ending::Blocked { .. }), "{:?}", blocked.ending);
    assert_eq!(blocked.exit_code(), 5);

    assert_eq!(krun.abort_plan(&held.run).expect("a plan"), ["topic orders: remove retention.ms (was 1)"]);
    let aborted = krun.abort(&held.run).expect("it is given up");
    assert_eq!((aborted.ending, aborted.left_in_place.len()), (Ending::Aborted, 0));
    assert_eq!(krun.resume(&blocked.run).expect("now it can").ending, Ending::Done);
}

#[test]
fn what_cannot_begin_is_refused_and_leaves_no_run() {
    let host = Host::new();
    let krun = host.krun();
    let refused = |refused: Result<krun::Outcome, Refused>| {
        let refused = refused.expect_err("it is refused");
        let codes: Vec<String> = refused.errors().into_iter().map(|error| error.code).collect();
        (refused.exit_code(), codes.join(" "), refused.to_string())
    };
    let set = host.runbook("set.rhai", SET);
    let (exit, codes, text) = refused(krun.run(&set, ()));
    assert_eq!((exit, codes.as_str()), (2, "INVALID_PARAMETER"));
    assert!(text.contains("--topic is missing"), "{text}");
    let (exit, codes, text) = refused(krun.run(&set, [("topic", "orders"), ("hour", "1")]));
    assert_eq!((exit, codes.as_str()), (2, "INVALID_PARAMETER"));
    assert!(text.contains("hours"), "{text}");
    assert_eq!(refused(krun.run(host.path("none.rhai"), ())).0, 2);
    assert_eq!(refused(krun.on("prod").run(&set, [("topic", "orders")])).1, "UNKNOWN_CLUSTER");
    let unnamed = host.builder().build().expect("it is built").run(&set, [("topic", "orders")]);
    let (exit, codes, text) = refused(unnamed);
    assert_eq!((exit, codes.as_str()), (2, "CLUSTER_NOT_NAMED"));
    assert!(text.contains("krun.on(\"sandbox\")") && !text.contains("--cluster"), "{text}");
    let (exit, codes, text) =
        refused(krun.run(host.runbook("bad.rhai", "let c = kafka::connect();\nc.brokrs();\n"), ()));
    assert_eq!((exit, codes.as_str()), (3, "SCRIPT_UNKNOWN_FUNCTION"));
    assert!(text.contains("bad.rhai:2") && text.contains("did you mean `brokers`"), "{text}");
    let nowhere = Cluster { bootstrap_servers: vec!["127.0.0.1:1".to_owned()], ..Cluster::default() };
    let there = Inventory { clusters: [("gone".to_owned(), nowhere)].into(), ..Inventory::default() };
    let gone = host.builder().inventory(there).build().expect("it is built").on("gone");
    assert_eq!(refused(gone.run(&set, [("topic", "orders")])).0, 1);
    assert_eq!(refused(krun.resume("20260101-000000-x-0000")).1, "NO_SUCH_RUN");
    assert!(krun.runs().expect("they are listed").runs.is_empty());
}

/// A cluster of the inventory: the brokers are those of a sandbox in a process of its own, and krun does not know that.
#[test]
fn on_a_cluster_of_the_inventory_which_is_only_the_default() {
    let (host, scene) = (Host::new(), Scene::tiny());
    let file = host.path("krun.toml");
    let servers = scene.running().bootstrap;
    std::fs::write(&file, format!("default = \"prod\"\n[clusters.prod]\nbootstrap_servers = {servers:?}\n"))
        .expect("written");
    let prod = || host.builder().inventory(Inventory::read(&file).expect("it is read"));
    let set = host.runbook("set.rhai", SET);
    let ask = |krun: &Krun| krun.run(&set, [("topic", "orders")]).expect("it runs");

    // The first change on a cluster that nobody named is a question.
    let outcome = ask(&prod().build().expect("it is built"));
    let Ending::Question { question, declined: false } = &outcome.ending else { panic!("{:?}", outcome.ending) };
    assert!(question.contains("`prod` is only the default cluster"), "{question}");
    let named = ask(&prod().build().expect("it is built").on("prod"));
    assert_eq!((named.ending, named.cluster.as_str()), (Ending::Done, "prod"));
    assert!(said(&host, "now 3600000"), "{:?}", host.progress());
}

#[test]
fn outstanding_where_it_cannot_be_put_back() {
    let host = Host::new();
    let folder = host.path("lamps");
    std::fs::create_dir(&folder).expect("a folder");
    let runbook = host.runbook(
        "lamp.rhai",
        r#"temporarily("light", || lamp("desk", "on"), || { step("work", || break_the_switch()); });"#,
    );
    let broken = folder.clone();
    let krun = super::lamps::wired(host.builder(), &folder)
        .register(move |engine| {
            let folder = broken.clone();
            engine.register_fn("break_the_switch", move || super::lamps::break_switch(&folder, true));
        })
        .build()
        .expect("it is built")
        .on("sandbox");
    let outcome = krun.run(&runbook, ()).expect("it runs");
    let Ending::Outstanding { what } = &outcome.ending else { panic!("{:?}", outcome.ending) };
    assert_eq!((outcome.exit_code(), what.len(), outcome.left_in_place.len()), (6, 1, 1), "{outcome:?}");
    super::lamps::break_switch(Path::new(&folder), false);
    assert_eq!(krun.abort(&outcome.run).expect("it is given up").ending, Ending::Aborted);
    assert_eq!(super::lamps::state_of(&folder, "desk"), "off");
    let undone = |record: &Record| matches!(record, Record::EffectIntent(intent) if intent.undoes.is_some() && intent.effect == "lamp");
    assert!(host.records().iter().any(undone));
}
