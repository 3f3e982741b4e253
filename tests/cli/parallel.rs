//! `parallel` with several items at once: they meet, they stop together, they are gone on with, and the screen names them.

use super::bystander::Bystander;
use super::place::Place;
use krun::kafka::configs::Resource;
use rustix::process::Signal;

/// Each item waits for what the other one does first.
const MEET: &str = r#"
    let outcomes = parallel("meet", ["orders", "clicks"], #{ at_once: 2 }, |topic, cluster| {
        step("come", || cluster.alter_configs("topic", topic, #{ "segment.ms": 7000000 }));
        let other = if topic == "orders" { "clicks" } else { "orders" };
        wait_until("the other is there", #{ every: "20ms" }, || {
            cluster.configs("topic", other)["segment.ms"].value == "7000000"
        });
        log(`saw ${other}`);
        step("go", || 1)
    });
    log(all_ok(outcomes));
"#;

/// Each item waits for somebody who lets it go on.
const WAIT: &str = r#"
    all_ok(parallel("wait", ["orders", "clicks", "payments"], #{ at_once: 2 }, |topic, cluster| {
        step("come", || cluster.alter_configs("topic", topic, #{ "segment.ms": 7000000 }));
        log(`${topic} waits`);
        wait_until("somebody lets it go", #{ every: "20ms" }, || {
            cluster.configs("topic", "peter-scaleout1")["preallocate"].value == "true"
        });
        step("go", || cluster.alter_configs("topic", topic, #{ "flush.ms": 7000000 }));
        if topic == "payments" { ASK }
    }));
"#;

fn wait(ask: &str) -> String {
    WAIT.replace("ASK", ask)
}

fn let_them_go(place: &Place) {
    Bystander::at(place).sets(&Resource::Topic("peter-scaleout1".to_owned()), "preallocate", "true");
}

/// How often somebody set this on a topic.
fn times(place: &Place, topic: &str, config: &str) -> usize {
    let changes = place.control().counters().expect("the sandbox counts").applied;
    changes.iter().filter(|one| one.text.contains(topic) && one.text.contains(config)).count()
}

#[test]
fn items_that_wait_for_each_other_go_through() {
    let place = Place::quick();
    let ended = place.own(MEET, &[]);
    ended.exits(0).says(&["▸ parallel: meet  2 items, 2 at once", "✓ parallel: meet — 2 ok", "[1, 1]"]);
    // Lines come one among the other: each names its item.
    ended.says(&["orders │ ▸ come", "clicks │ ✓ come", "orders │   saw clicks", "clicks │   saw orders"]);
    ended.says(&["orders │   • topic orders: segment.ms = 7000000 (was unset)", "clicks │ ✓ go"]);
    place.krun(&["show"]).exits(0).shows(&["orders │ ▸ come", "clicks │   saw orders", "✓ parallel: meet — 2 ok"]);
}

#[test]
fn an_interruption_stops_all_of_them_and_a_resume_goes_on_with_all() {
    let place = Place::quick();
    let mut live = place.start_own(&wait("1"), &[]);
    live.says("orders waits");
    live.says("clicks waits");
    live.signal(Signal::INT);
    let ended = live.ends();
    ended.exits(130).says(&["interrupted"]).does_not_say(&["payments"]);
    let_them_go(&place);
    let ended = place.krun(&["resume"]);
    ended.exits(0).says(&["✓ parallel: wait — 3 ok"]);
    for topic in ["orders", "clicks", "payments"] {
        assert_eq!((times(&place, topic, "segment.ms"), times(&place, topic, "flush.ms")), (1, 1), "{topic}: {ended}");
    }
}

#[test]
fn killed_in_the_middle_both_are_entered_again_before_a_third_begins() {
    let place = Place::quick();
    let mut live = place.start_own(&wait("1"), &[]);
    live.says("orders waits");
    live.says("clicks waits");
    live.signal(Signal::KILL);
    live.ends().was_killed_by(Signal::KILL);
    let mut live = place.start(&["resume"]);
    live.says("orders waits");
    live.says("clicks waits");
    let_them_go(&place);
    let ended = live.ends();
    ended.exits(0).says(&["payments waits", "✓ parallel: wait — 3 ok"]);
    assert_eq!(times(&place, "orders", "segment.ms"), 1, "{ended}");
}

#[test]
fn a_question_that_nobody_answers_stops_all_of_them() {
    let place = Place::quick();
    let_them_go(&place);
    let asks =
        wait("confirm(\"really?\");").replace("[\"orders\", \"clicks\", \"payments\"]", "[\"payments\", \"orders\"]");
    let asks = asks.replace("step(\"go\"", "if topic == \"orders\" { sleep(\"10m\"); } step(\"go\"");
    let ended = place.own(&asks, &[]);
    ended.exits(4).says(&["payments │ ? really?", "krun resume"]);
    place.krun(&["abort"]).exits(0);
}

#[test]
fn items_do_not_change_the_same_thing() {
    let place = Place::quick();
    let ended = place.own(
        r#"
        let outcomes = parallel("clash", [1, 2], #{ at_once: 2 }, |number, cluster| {
            cluster.alter_configs("topic", "orders", #{ "segment.ms": 7000000 + number })
        });
        log(outcomes.filter(|one| one.outcome == "ok").len() == 1);
        all_ok(outcomes);
        "#,
        &[],
    );
    ended.exits(1).says(&["CHANGED_BY_ANOTHER_ITEM", "topic/orders/segment.ms", "at_once: 1", "true"]);
}

#[test]
fn what_is_around_is_put_back_when_all_have_ended() {
    let place = Place::quick();
    let ended = place.own(
        r#"
        let cluster = kafka::connect();
        let hold = || cluster.alter_configs("topic", "payments", #{ "retention.ms": 7000000 });
        temporarily("hold", hold, || {
            all_ok(parallel("work", ["orders", "clicks"], #{ at_once: 2 }, |topic, cluster| {
                if topic == "clicks" { fail("it does not work"); }
                sleep("1500ms");
                step("still held", || cluster.configs("topic", "payments")["retention.ms"].value)
            }));
        });
        "#,
        &[],
    );
    ended.exits(1).says(&["ITEMS_FAILED", "1 of 2 items did not go through: clicks (failed: it does not work)"]);
    let json: Vec<String> = std::fs::read_to_string(place.run_folder().join("journal.jsonl"))
        .expect("a journal")
        .lines()
        .map(str::to_owned)
        .collect();
    let at =
        |words: &str| json.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {json:#?}"));
    assert!(at("still held\"],\"attempt\":1,\"value\":\"7000000\"") < at("\"undoes\""), "{json:#?}");
    assert!(at("parallel_ended") < at("\"undoes\""), "{json:#?}");
}
