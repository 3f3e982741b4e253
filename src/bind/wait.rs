//! `wait_until`, `retry`, `sleep`.

use crate::bind::flow::call;
use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::error::Error;
use crate::quantity::duration;
use crate::run::trouble::Trouble;
use crate::run::wait::{Look, RetryOptions, WaitOptions};
use rhai::{Dynamic, Engine, FnPtr, Map, NativeCallContext};
use std::time::{Duration, Instant};

pub(crate) fn register(engine: &mut Engine) {
    let wait = "Looks again and again until `test` gives true, or a map with `done`, `text`, `bytes`, `total_bytes`, `is_break` (with `part`: nothing came, the stall clock goes on). Options: `every` (\"1s\"), `timeout` (none), `stall` (none: how long the bytes may stand still), `part` (false: a wait of this name that follows goes on with its clock).";
    function("wait_until(what: string, test: closure)", wait)
        .register_into_engine(engine, |context: NativeCallContext, what: &str, test: FnPtr| {
            wait_until(context, what, Map::new(), test)
        });
    function("wait_until(what: string, options: map, test: closure)", wait).register_into_engine(engine, wait_until);
    let again = "Runs `body` until it goes through. Options: `times` (3), `pause` (\"1s\").";
    function("retry(body: closure) -> any value", again)
        .register_into_engine(engine, |context: NativeCallContext, body: FnPtr| retry(context, Map::new(), body));
    function("retry(options: map, body: closure) -> any value", again).register_into_engine(engine, retry);
    let rest = "Waits so long; stops at Ctrl-C. The duration has a unit: \"30s\", \"1h30m\", \"500ms\".";
    function("sleep(how_long: string)", rest).register_into_engine(engine, sleep);
    let now = "Seconds on a clock that only goes forward: the difference of two is how long something took.";
    let started = Instant::now();
    function("clock() -> float", now).register_into_engine(engine, move || started.elapsed().as_secs_f64());
    function("seconds(how_long: string) -> float", "A duration such as \"1h30m\" in seconds.")
        .register_into_engine(engine, seconds);
    // The language's own take a number, and are deaf to Ctrl-C: these refuse it.
    function("sleep(how_long: string)", rest).register_into_engine(engine, sleep_for_a_number::<rhai::INT>);
    function("sleep(how_long: string)", rest).register_into_engine(engine, sleep_for_a_number::<rhai::FLOAT>);
}

/// Options: `every` ("1s"), `timeout` (none), `stall` (none: how long the bytes may stand still). The test gives a bool, or a map with `done`, `text`, `bytes`, `total_bytes`.
fn wait_until(context: NativeCallContext, what: &str, options: Map, test: FnPtr) -> RhaiResultOf<()> {
    let host = Host::of(&context)?;
    let options = wait_options(options).map_err(|error| raise(&context, error))?;
    let test = || look(what, call(&host, &context, &test, ())?).map_err(Trouble::from);
    host.session.wait_until(what, &options, test).map_err(|trouble| leave(&context, trouble))
}

fn wait_options(given: Map) -> Result<WaitOptions, Error> {
    let mut options = Options::new("wait_until", given);
    let every = options.duration("every")?.unwrap_or(Duration::from_secs(1)).max(Duration::from_millis(10));
    let timeout = options.duration("timeout")?;
    let stall = options.duration("stall")?;
    let part = options.flag("part")?;
    options.finish()?;
    Ok(WaitOptions { every, timeout, stall, part })
}

fn look(what: &str, seen: Dynamic) -> Result<Look, Error> {
    if let Ok(is_over) = seen.as_bool() {
        return Ok(Look { is_over, ..Look::default() });
    }
    let wrong = |what: String| {
        Error::new("WAIT_TEST", what).hint("give true or false, or a map like #{ done: false, text: \"2 of 5\" }")
    };
    let Some(mut seen) = seen.try_cast::<Map>() else {
        return Err(wrong(format!("the test of `{what}` gave neither a bool nor a map")));
    };
    let done = seen.remove("done").and_then(|done| done.as_bool().ok());
    let is_over = done.ok_or_else(|| wrong(format!("the test of `{what}` gave a map without `done`")))?;
    let mut options = Options::new("wait_until's test", seen);
    let look = Look {
        is_over,
        text: options.text("text")?.unwrap_or_default(),
        done: options.bytes("bytes")?,
        total: options.bytes("total_bytes")?,
        is_break: options.flag("is_break")?,
    };
    options.finish()?;
    Ok(look)
}

/// Options: `times` (3), `pause` ("1s").
fn retry(context: NativeCallContext, options: Map, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let options = retry_options(options).map_err(|error| raise(&context, error))?;
    let result = host.session.retry(&options, || call(&host, &context, &body, ()));
    result.map_err(|trouble| leave(&context, trouble))
}

fn retry_options(given: Map) -> Result<RetryOptions, Error> {
    let mut options = Options::new("retry", given);
    let times = options.count("times")?.unwrap_or(3);
    let pause = options.duration("pause")?.unwrap_or(Duration::from_secs(1));
    options.finish()?;
    Ok(RetryOptions { times, pause })
}

fn sleep(context: NativeCallContext, how_long: &str) -> RhaiResultOf<()> {
    let host = Host::of(&context)?;
    let how_long = duration::parse(how_long).map_err(|error| raise(&context, error))?;
    host.session.sleep(how_long).map_err(|trouble| leave(&context, trouble))
}

fn seconds(context: NativeCallContext, how_long: &str) -> RhaiResultOf<rhai::FLOAT> {
    Ok(duration::parse(how_long).map_err(|error| raise(&context, error))?.as_secs_f64())
}

/// Rhai's own takes a number, and is deaf to Ctrl-C.
fn sleep_for_a_number<T: std::fmt::Display>(context: NativeCallContext, number: T) -> RhaiResultOf<()> {
    let error = Error::new("INVALID_DURATION", format!("`sleep({number})` has no unit"));
    Err(raise(&context, error.hint(format!("write sleep(\"{number}s\")"))))
}
