//! The embedder's own functions in scripts.

use super::Host;
use krun::event::{Ending, Progress};
use krun::rhai::{EvalAltResult, INT, NativeCallContext};
use krun::{Call, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn owner_of(context: NativeCallContext, topic: &str) -> Result<String, Box<EvalAltResult>> {
    let call = Call::of(&context)?;
    call.say(format!("{} asks on {} who owns {topic}", call.run()?, call.cluster()?))?;
    match topic {
        "orders" => Ok("shop".to_owned()),
        _ => Err(call.raise(Error::new("NO_OWNER", format!("nobody owns {topic}")).hint("ask around"))),
    }
}

/// A read of the cluster by the run's own client.
fn broker_count(context: NativeCallContext) -> Result<INT, Box<EvalAltResult>> {
    let call = Call::of(&context)?;
    let client = call.client()?;
    let brokers = call.read(krun::kafka::cluster::describe(&client))?.brokers;
    Ok(INT::try_from(brokers.len()).expect("not that many"))
}

#[test]
fn they_are_called_raise_and_read_like_krun_s_own() {
    let host = Host::new();
    let krun = host
        .builder()
        .register(|engine| {
            engine.register_fn("owner_of", owner_of).register_fn("broker_count", broker_count);
        })
        .build()
        .expect("it is built")
        .on("sandbox");
    let runbook = host.runbook(
        "own.rhai",
        r#"
        const PARAMS = #{ topic: #{ kind: "string", help: "which" } };
        print(step("who", || owner_of("orders")) + ` of ${broker_count()} brokers`);
        try { owner_of("clicks"); } catch (e) { print(`${e.code}: ${e.hint}`); }
        owner_of(param("topic"));
    "#,
    );
    let outcome = krun.run(&runbook, [("topic", "payments")]).expect("it runs");
    let Ending::Failed { error, place, .. } = &outcome.ending else { panic!("{:?}", outcome.ending) };
    assert_eq!((error.code.as_str(), place.as_ref().map(|at| at.line)), ("NO_OWNER", Some(5)), "{error:?}");
    assert!(outcome.report.expect("a drawing").contains("own.rhai:5"));
    let said: Vec<String> = host
        .progress()
        .into_iter()
        .filter_map(|it| if let Progress::Log { text } = it { Some(text) } else { None })
        .collect();
    assert_eq!(said[0], format!("{} asks on sandbox who owns orders", outcome.run));
    assert_eq!((said[1].as_str(), said[3].as_str()), ("shop of 4 brokers", "NO_OWNER: ask around"), "{said:?}");

    // A name that is nearly one of theirs is known, too.
    let refused = krun.run(host.runbook("wrong.rhai", "owner_off(\"x\");"), ()).expect_err("it does not check");
    assert!(refused.to_string().contains("did you mean `owner_of`"), "{refused}");
    assert!(krun.check(&runbook).expect("it checks").problems.is_empty());
    assert_eq!(krun.check(host.path("wrong.rhai")).expect_err("it does not").exit_code(), 3);
}

/// The engine is krun's: what `register` sets beside functions does not count.
#[test]
fn they_cannot_loosen_the_language() {
    let host = Host::new();
    let krun = host
        .builder()
        .register(|engine| {
            engine.set_max_call_levels(100_000).set_strict_variables(false);
            engine.on_progress(|_| None);
        })
        .build()
        .expect("it is built")
        .on("sandbox");
    let deep = "fn deep(n) { if n == 0 { 0 } else { 1 + deep(n - 1) } }\nprint(deep(1000));";
    let outcome = krun.run(host.runbook("deep.rhai", deep), ()).expect("it runs");
    assert!(matches!(&outcome.ending, Ending::Failed { error, .. } if error.code == "SCRIPT_TOO_DEEP"), "{outcome:?}");
    let refused = krun.run(host.runbook("loose.rhai", "print(nothing_there);"), ()).expect_err("it does not check");
    assert_eq!(refused.exit_code(), 3);
}

/// A listener that panics is passed over, and the run goes on.
#[test]
fn a_listener_that_panics_breaks_no_run() {
    let host = Host::new();
    let builder = host.builder().on_event(|_| std::panic::panic_any("a listener of a test"));
    let krun = builder.build().expect("it is built").on("sandbox");
    let outcome = krun.run(host.runbook("fine.rhai", "step(\"be fine\", || ());"), ()).expect("it runs");
    assert_eq!(outcome.ending, Ending::Done);
}

/// A function that panics ends the run, which keeps neither its lock nor the process from anything.
#[test]
fn a_function_that_panics_ends_a_run_that_can_be_resumed() {
    let host = Host::new();
    let panics = Arc::new(AtomicBool::new(true));
    let of_script = panics.clone();
    let builder = host.builder().register(move |engine| {
        let panics = of_script.clone();
        engine.register_fn("stumble", move || {
            if panics.load(Ordering::SeqCst) {
                std::panic::panic_any("a function of a test");
            }
        });
    });
    let krun = builder.build().expect("it is built").on("sandbox");
    let outcome = krun.run(host.runbook("stumble.rhai", "step(\"stumble\", || stumble());"), ()).expect("it runs");
    assert!(matches!(&outcome.ending, Ending::Broken { error } if error.code == "SCRIPT_THREAD"), "{outcome:?}");
    panics.store(false, Ordering::SeqCst);
    assert_eq!(krun.resume(&outcome.run).expect("nobody has the lock").ending, Ending::Done);
}
