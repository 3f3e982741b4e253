//! The runs that the screens show: a scale-out as it goes well, and as it does not.

use super::stream::{Stream, path};
use krun::error::Error;
use krun::event::{Ending, Outcome, Progress, Record, Verb};
use serde_json::Value;

const THROTTLE: &str = "bring the new broker in › throttle the move";

fn list(run: &mut Stream) {
    run.begun("list the brokers", 1).pass(0.2).finished("list the brokers");
}

fn plan(run: &mut Stream) {
    run.begun("plan the moves", 1).pass(0.3).say(Progress::Table {
        columns: ["topic", "partitions", "bytes", "from", "to"].map(str::to_owned).to_vec(),
        rows: vec![
            ["orders", "4", "1.2 GB", "1, 2, 3", "4"].map(str::to_owned).to_vec(),
            ["peter-scaleout1", "1", "24.0 kB", "1", "4"].map(str::to_owned).to_vec(),
        ],
    });
    run.finished("plan the moves");
}

/// Opens the throttle; gives its effects' numbers.
fn throttle(run: &mut Stream) -> [u64; 2] {
    run.opened(THROTTLE);
    let set = |broker: u8| format!("set leader.replication.throttled.rate = 50000000 on broker {broker} (was unset)");
    let first = run.effect(THROTTLE, "broker/1", &set(1), None);
    let second = run.effect(THROTTLE, "broker/4", &set(4), None);
    [first, second]
}

fn unthrottle(run: &mut Stream, effects: [u64; 2], finished: bool) {
    for (effect, broker) in effects.into_iter().zip([1, 4]) {
        let summary = format!("remove leader.replication.throttled.rate from broker {broker} (was 50000000)");
        run.effect(THROTTLE, &format!("broker/{broker}"), &summary, Some(effect));
    }
    run.closed(THROTTLE, finished);
}

fn submit(run: &mut Stream, attempt: u32) -> u64 {
    let inside = format!("{THROTTLE} › move topic orders");
    run.begun(&inside, attempt);
    run.intent(&inside, "topic/orders", "move 4 partitions of topic orders, 1.20 GB, to broker 4", None)
}

fn happened(run: &mut Stream, effect: u64) {
    run.pass(0.3).outcome(effect, Outcome::Done { value: Value::Null, acted: true });
}

/// `krun runbooks/scaleout.rhai` on the sandbox.
pub(super) fn scaleout(cluster: &str) -> Stream {
    let mut run = Stream::new();
    run.session(Verb::Run, cluster);
    run.pass(0.1).preflight("the cluster is whole");
    list(&mut run);
    plan(&mut run);
    run.asking("move 5 partitions, 1.20 GB, to broker 4?").pass(4.0).record(Record::Answered {
        path: path("move 5 partitions?"),
        question: "move 5 partitions, 1.20 GB, to broker 4?".to_owned(),
        answer: "yes".to_owned(),
        who: "ops".to_owned(),
    });
    run.begun("bring the new broker in", 1);
    let effects = throttle(&mut run);
    let moving = submit(&mut run, 1);
    happened(&mut run, moving);
    run.moving("orders is where it should be", &[0, 300_000_000, 800_000_000, 1_200_000_000], 1_200_000_000);
    run.wait_over("orders is where it should be", 4);
    let elect = run.intent(
        &format!("{THROTTLE} › move topic orders"),
        "topic/orders",
        "elect preferred leaders of topic orders",
        None,
    );
    run.outcome(elect, Outcome::Done { value: Value::Null, acted: false });
    run.finished(&format!("{THROTTLE} › move topic orders"));
    unthrottle(&mut run, effects, true);
    run.finished("bring the new broker in")
        .begun("verify", 1)
        .pass(0.1)
        .log("every partition has 1 replica, ISR whole");
    run.finished("verify").ended(Ending::Done);
    run
}

/// Up to the middle of the move, and no further.
pub(super) fn until_the_move(cluster: &str) -> (Stream, [u64; 2]) {
    let mut run = Stream::new();
    run.session(Verb::Run, cluster).preflight("the cluster is whole");
    list(&mut run);
    plan(&mut run);
    run.begun("bring the new broker in", 1);
    let effects = throttle(&mut run);
    let moving = submit(&mut run, 1);
    happened(&mut run, moving);
    run.moving("orders is where it should be", &[0, 300_000_000], 1_200_000_000);
    (run, effects)
}

pub(super) fn cancelled() -> Error {
    Error::new("MOVE_CANCELLED", "the move of orders-3 is not listed any more, and its replicas are still 1")
        .hint("somebody else cancelled it: find out who, then `krun resume`")
}

/// A move that somebody else cancels: the step fails, what the throttle set is kept.
pub(super) fn failed() -> Stream {
    let (mut run, _) = until_the_move("prod");
    run.failed(&format!("{THROTTLE} › move topic orders"), 1, cancelled());
    run.failed("bring the new broker in", 1, cancelled());
    run.ended(Ending::Failed { failure: 1, error: cancelled(), place: None });
    run
}

/// Ctrl-C in mid-move.
pub(super) fn interrupted() -> (Stream, [u64; 2]) {
    let (mut run, effects) = until_the_move("prod");
    run.say(Progress::Stopping { text: "Ctrl-C: stopping at the next safe point; once more stops at once".to_owned() });
    run.pass(0.5).ended(Ending::Interrupted);
    (run, effects)
}

/// SIGKILL while a move is being submitted.
pub(super) fn killed() -> (Stream, [u64; 2], u64) {
    let mut run = Stream::new();
    run.session(Verb::Run, "sandbox").preflight("the cluster is whole");
    list(&mut run);
    run.begun("bring the new broker in", 1);
    let effects = throttle(&mut run);
    let moving = submit(&mut run, 1);
    (run, effects, moving)
}

/// `krun resume` of a run that was killed.
pub(super) fn resumed() -> Stream {
    let (mut run, effects, moving) = killed();
    run.pass(840.0).session(Verb::Resume, "sandbox").preflight("the cluster is whole");
    run.replayed("list the brokers").begun("bring the new broker in", 2).opened(THROTTLE);
    run.begun(&format!("{THROTTLE} › move topic orders"), 2);
    run.outcome(moving, Outcome::Done { value: Value::Null, acted: false });
    run.moving("orders is where it should be", &[1_200_000_000], 1_200_000_000)
        .wait_over("orders is where it should be", 0);
    run.finished(&format!("{THROTTLE} › move topic orders"));
    unthrottle(&mut run, effects, true);
    run.finished("bring the new broker in").ended(Ending::Done);
    run
}

/// `krun abort` of an interrupted run: a move that has finished meanwhile stays, a throttle that somebody changed too.
pub(super) fn aborted() -> Stream {
    let (mut run, [first, second]) = interrupted();
    let moving = run.journal().iter().rev().find_map(|entry| match &entry.record {
        Record::EffectIntent(intent) if intent.target == "topic/orders" => Some(entry.seq),
        _ => None,
    });
    run.pass(60.0).session(Verb::Abort, "prod");
    let inside = format!("{THROTTLE} › move topic orders");
    let cancel = run.intent(&inside, "topic/orders", "cancel the move of topic orders", moving);
    run.outcome(cancel, Outcome::Kept { evidence: "all 4 partitions have arrived".to_owned() });
    let undo = run.intent(
        THROTTLE,
        "broker/4",
        "remove leader.replication.throttled.rate from broker 4 (was 50000000)",
        Some(second),
    );
    run.outcome(undo, Outcome::Left { evidence: "it is 90000000 now, krun wrote 50000000".to_owned() });
    run.effect(
        THROTTLE,
        "broker/1",
        "remove leader.replication.throttled.rate from broker 1 (was 50000000)",
        Some(first),
    );
    run.closed(THROTTLE, false).ended(Ending::Aborted);
    run
}
