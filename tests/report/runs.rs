//! The list of runs, and the view behind it.

use super::samples;
use super::stream::{Stream, path};
use jiff::{Timestamp, tz::TimeZone};
use krun::event::{Ending, Outcome, Verb};
use krun::report::{Head, RunRow, RunView, State, exit_code, runs_table};
use serde_json::Value;

fn head(run: &str, cluster: &str) -> Head {
    Head {
        run: run.to_owned(),
        runbook: "runbooks/scaleout.rhai".to_owned(),
        cluster: cluster.to_owned(),
        typed: false,
        sandbox: cluster == "sandbox",
    }
}

fn view(run: &Stream) -> RunView {
    RunView::of_journal(&run.journal())
}

fn question() -> Stream {
    let mut run = Stream::new();
    let question = "unpin the protocol".to_owned();
    run.session(Verb::Run, "prod").ended(Ending::Question { question, declined: false });
    run
}

#[test]
fn the_list_says_how_each_run_stands_and_what_it_left() {
    let now: Timestamp = "2026-03-14T03:20:00Z".parse().expect("a valid moment");
    let rows = [
        RunRow::new(&head("0314-aaaa", "prod"), &view(&samples::scaleout("prod")), false),
        RunRow::new(&head("0314-bbbb", "prod"), &view(&samples::failed()), false),
        RunRow::new(&head("0314-cccc", "sandbox"), &view(&samples::killed().0), false),
        RunRow::new(&head("0314-dddd", "sandbox"), &view(&samples::killed().0), true),
        RunRow::new(&head("0314-eeee", "prod"), &view(&samples::aborted()), false),
        RunRow::new(&head("0314-ffff", "prod"), &view(&question()), false),
        RunRow::new(&head("0314-gggg", "prod"), &RunView::default(), false),
    ];
    insta::assert_snapshot!(runs_table(&rows, now, &TimeZone::UTC, 120).join("\n"));
    insta::assert_snapshot!(serde_json::to_string(&rows[2]).expect("a row is plain data"));
}

#[test]
fn no_runs_is_a_sentence() {
    assert_eq!(runs_table(&[], Timestamp::UNIX_EPOCH, &TimeZone::UTC, 80), ["no runs yet"]);
}

#[test]
fn only_what_an_open_temporary_did_is_in_place() {
    let (run, [first, _]) = samples::until_the_move("prod");
    let in_place = view(&run).in_place();
    assert_eq!(in_place.len(), 2, "the move is the work, not the temporary: {in_place:?}");
    assert!(in_place.iter().all(|left| left.certain));

    let (mut run, _) = samples::until_the_move("prod");
    let throttle = "bring the new broker in › throttle the move";
    let undo = run.intent(throttle, "broker/1", "remove the rate from broker 1", Some(first));
    assert_eq!(view(&run).in_place().len(), 2, "an undo without outcome has perhaps not happened");
    run.outcome(undo, Outcome::Done { value: Value::Null, acted: true });
    assert_eq!(view(&run).in_place().len(), 1);
    run.closed(throttle, false);
    assert_eq!(view(&run).in_place(), []);
}

#[test]
fn a_change_that_is_made_anew_keeps_the_time_of_the_first() {
    let (mut run, _) = samples::until_the_move("prod");
    let since = view(&run).in_place()[0].since;
    let throttle = "bring the new broker in › throttle the move";
    run.pass(600.0).opened(throttle).effect(throttle, "broker/1", "set the rate to 90000000 on broker 1", None);
    let in_place = view(&run).in_place();
    assert_eq!(in_place.len(), 2);
    assert_eq!((in_place[0].what.as_str(), in_place[0].since), ("set the rate to 90000000 on broker 1", since));
}

#[test]
fn a_run_without_ending_is_killed_or_running() {
    let (run, ..) = samples::killed();
    let view = view(&run);
    assert_eq!((view.state(false), view.state(true)), (State::Killed, State::Running));
    let inside: Vec<_> = view.innermost_unfinished().iter().map(|step| step.path.clone()).collect();
    assert_eq!(inside, [path("bring the new broker in › throttle the move › move topic orders")]);
}

#[test]
fn every_ending_has_the_exit_code_of_the_manual() {
    let error = samples::cancelled();
    let endings = [
        (Ending::Done, 0),
        (Ending::Failed { failure: 1, error: error.clone(), place: None }, 1),
        (Ending::Interrupted, 130),
        (Ending::Question { question: "q".to_owned(), declined: true }, 4),
        (Ending::Blocked { error: error.clone() }, 5),
        (Ending::Broken { error }, 1),
        (Ending::Aborted, 0),
        (Ending::Outstanding { what: vec!["a".to_owned()] }, 6),
    ];
    for (ending, code) in endings {
        assert_eq!(exit_code(&ending), code, "{ending:?}");
    }
}
