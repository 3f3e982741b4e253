//! A `parallel` of small changes, several at once, killed at every point: resumed it ends as if nothing had happened, aborted only
//! finished steps stay.

use super::cases;
use super::model;
use super::random::{Desk, is_over, points, to_the_end};
use std::collections::BTreeMap;

/// One item of them never works, which the script sees and goes on.
const ITEMS: &str = r#"
    let outcomes = parallel("items", ["orders", "clicks", "payments", "peter-scaleout1"], #{ at_once: 3, stop_after: 9 }, |topic, cluster| {
        step("first", || cluster.alter_configs("topic", topic, #{ "segment.ms": 7000001 }));
        temporarily("hold", || cluster.alter_configs("topic", topic, #{ "retention.ms": 7000002 }), || {
            step("second", || all_or_nothing("both", || {
                cluster.alter_configs("topic", topic, #{ "flush.ms": 7000003 });
                if topic == "payments" { fail("it never works"); }
            }));
        });
        topic
    });
    step("after", || outcomes.map(|one| one.outcome));
"#;

/// The points of a whole run, counted once: which thread comes first does not change their number.
fn numbers() -> impl Iterator<Item = u64> {
    let counted = Desk::of(ITEMS).run().killed_at(u64::MAX).run().expect_code(0);
    1..=points(&counted).expect("it counts its points")
}

#[test]
fn killed_at_any_point_it_is_resumed() {
    let whole = Desk::of(ITEMS);
    let ended = whole.run().run().expect_code(0);
    let (wanted, _) = to_the_end(&whole, ended);
    assert_eq!(wanted.finished.len(), 11, "{wanted:?}");
    cases::run(
        "resume items",
        cases::chosen(numbers(), 7),
        |n| format!("killed at {n}"),
        |n| {
            let desk = Desk::of(ITEMS);
            let killed = desk.run().killed_at(*n).run();
            assert!(killed.was_killed(), "{killed}");
            let (found, ended) = to_the_end(&desk, killed);
            assert_eq!(found, wanted, "{ended}");
            let often = desk.applied().into_iter().filter(|(text, times)| *times > 1 && !text.contains("payments"));
            assert_eq!(often.collect::<BTreeMap<_, _>>(), BTreeMap::new(), "done more than once; {ended}");
        },
    );
}

#[test]
fn killed_at_any_point_it_is_aborted() {
    cases::run(
        "abort items",
        cases::chosen(numbers(), 8),
        |n| format!("killed at {n}"),
        |n| {
            let desk = Desk::of(ITEMS);
            assert!(desk.run().killed_at(*n).run().was_killed());
            let entries = desk.entries();
            let over = entries.is_empty() || is_over(&entries);
            let wanted = if over { desk.configs() } else { model::after_abort(&desk.before, &entries) };
            let ended = desk.scene.krun(&["abort"]).run().expect_code(if over { 2 } else { 0 });
            assert_eq!(desk.configs(), wanted, "{ended}");
        },
    );
}
