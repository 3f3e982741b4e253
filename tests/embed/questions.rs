//! Questions of a run are answered by the embedder, or by nobody.

use super::Host;
use super::lamps::{self, state_of, switched};
use krun::event::{Ending, Event, Record};
use krun::{Answer, Krun, QuestionKind};
use std::sync::{Arc, Mutex};

const ASKS: &str = r#"
    step("before", || ());
    confirm("shall it be?");
    point_of_no_return("burn the bridge");
    step("after", || ());
"#;

/// What was asked, and of which kind.
type Asked = Arc<Mutex<Vec<(QuestionKind, String)>>>;

fn answering(host: &Host, answer: impl Fn(QuestionKind) -> Answer + Send + Sync + 'static) -> (Krun, Asked) {
    let asked = Asked::default();
    let noted = asked.clone();
    let builder = host.builder().on_question(move |question| {
        noted.lock().expect("no answer panics").push((question.kind, question.text.to_owned()));
        answer(question.kind)
    });
    (builder.build().expect("it is built").on("sandbox"), asked)
}

#[test]
fn nobody_answers_and_the_run_stops_until_somebody_does() {
    let host = Host::new();
    let runbook = host.runbook("asks.rhai", ASKS);
    // The sandbox is that of the first, and ends with it.
    let nobody = host.krun();
    let stopped = nobody.run(&runbook, ()).expect("it runs");
    let open = |outcome: &krun::Outcome, question: &str, was_declined: bool| {
        assert_eq!(outcome.exit_code(), 4);
        let Ending::Question { question: open, declined } = &outcome.ending else { panic!("{:?}", outcome.ending) };
        assert_eq!((open.as_str(), *declined), (question, was_declined));
    };
    open(&stopped, "shall it be?", false);

    // Resumed it asks again; what does not fit a question answers nothing.
    let (declines, _) = answering(&host, |_| Answer::NO);
    open(&declines.resume(&stopped.run).expect("it goes on"), "shall it be?", true);
    let (misfit, _) = answering(&host, |_| Answer::REDO);
    open(&misfit.resume(&stopped.run).expect("it goes on"), "shall it be?", false);

    let (job, _) = answering(&host, |kind| match kind {
        QuestionKind::Confirm => Answer::YES.by("the nightly job"),
        _ => Answer::NOBODY,
    });
    open(&job.resume(&stopped.run).expect("it goes on"), "point of no return: burn the bridge", false);

    let (alice, asked) = answering(&host, |_| Answer::YES.by("alice"));
    assert_eq!(alice.resume(&stopped.run).expect("it goes on").ending, Ending::Done);
    let asked = asked.lock().expect("no answer panics").clone();
    assert_eq!(asked, [(QuestionKind::PointOfNoReturn, "point of no return: burn the bridge".to_owned())]);
    let who: Vec<String> = host
        .records()
        .into_iter()
        .filter_map(|record| if let Record::Answered { who, .. } = record { Some(who) } else { None })
        .collect();
    assert_eq!(who, ["the nightly job", "alice"]);
}

/// Somebody switched the lamp while the run was away: krun asks instead of guessing.
#[test]
fn what_somebody_else_changed_is_asked_about() {
    let host = Host::new();
    let folder = host.path("lamps");
    std::fs::create_dir(&folder).expect("a folder");
    let text = r#"step("light", || { lamp("desk", "on"); confirm("go on?"); lamp("hall", "on"); });"#;
    let runbook = host.runbook("light.rhai", text);
    let krun = |answer: Answer| {
        let builder = lamps::wired(host.builder(), &folder).on_question(move |question| match question.kind {
            QuestionKind::WhatHappened => answer.clone(),
            _ => Answer::YES,
        });
        builder.build().expect("it is built").on("sandbox")
    };
    // It waits in the midst of its step.
    let first = lamps::wired(host.builder(), &folder).build().expect("it is built").on("sandbox");
    let outcome = first.run(&runbook, ()).expect("it runs");
    assert_eq!(outcome.exit_code(), 4);
    std::fs::write(folder.join("desk"), "dimmed").expect("somebody else's hand");

    let unanswered = krun(Answer::NOBODY).resume(&outcome.run).expect("it goes on");
    let Ending::Question { question, declined: false } = &unanswered.ending else { panic!("{:?}", unanswered.ending) };
    assert!(question.contains("dimmed"), "{question}");
    assert_eq!((state_of(&folder, "desk").as_str(), switched(&folder)), ("dimmed", 1));
    assert_eq!(krun(Answer::REDO).resume(&outcome.run).expect("it goes on").ending, Ending::Done);
    assert_eq!((state_of(&folder, "desk").as_str(), switched(&folder)), ("on", 3));
}

/// The lock is free while somebody thinks.
#[test]
fn another_run_may_pass_while_a_question_is_open() {
    let host = Host::new();
    let between = host.runbook("between.rhai", "step(\"pass\", || ());");
    let asks = host.runbook("asks.rhai", "confirm(\"shall it be?\");");
    // Both are on one sandbox: that of the one that began it.
    let other = host.krun();
    assert_eq!(other.run(&between, ()).expect("it runs").ending, Ending::Done);
    let passing = other.clone();
    let krun = host.builder().on_question(move |_| match passing.run(&between, ()) {
        Ok(passed) if passed.ending == Ending::Done => Answer::YES,
        _ => Answer::NO,
    });
    let outcome = krun.build().expect("it is built").on("sandbox").run(&asks, ()).expect("it runs");
    assert_eq!(outcome.ending, Ending::Done);
    host.wait_for(|event| matches!(event, Event::Record(entry) if matches!(entry.record, Record::Answered { .. })));
}
