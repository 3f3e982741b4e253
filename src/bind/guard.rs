//! `guard`: a test beside a body, that stops it.

use crate::bind::cluster::Cluster;
use crate::bind::flow::{call, captured};
use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::parallel::own_copy;
use crate::bind::raised::{Raised, RhaiResultOf, leave, place_of, raise};
use crate::bind::signature::function;
use crate::effect::reassign;
use crate::error::Error;
use crate::run::guard::GuardOptions;
use crate::run::stop::{Level, Stop};
use crate::run::trouble::Trouble;
use rhai::{Array, Dynamic, Engine, FnPtr, Map, NativeCallContext};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_secs(30);
const BLIND: Duration = Duration::from_mins(5);

pub(crate) fn register(engine: &mut Engine) {
    let doc = "Does `body` while `test` looks beside it, on a thread and with a cluster of its own: `|cluster| …` gives what is wrong, a text or an array of texts; (), \"\" or [] where all is well. The body begins after the first look at which all is well, also on resume. What is wrong for `grace` stops the body at its next safe point, with the failure `GUARD_FAILED`. Options: `every` (\"5s\"), `grace` (\"30s\"), `blind` (\"5m\": for how long it may be unable to look), `on_break` (\"stop\"; \"cancel_moves\": the moves that are under way in the body are cancelled first, and their throttle is lifted).";
    function("guard(name: string, test: closure, body: closure) -> any value", doc)
        .register_into_engine(engine, |context: NativeCallContext, name: &str, test: FnPtr, body: FnPtr| {
            guard(context, name, Map::new(), test, body)
        });
    function("guard(name: string, options: map, test: closure, body: closure) -> any value", doc)
        .register_into_engine(engine, guard);
}

fn asked(given: Map) -> Result<GuardOptions, Error> {
    let mut options = Options::new("guard", given);
    let every = options.duration("every")?.unwrap_or(EVERY).max(Duration::from_millis(10));
    let grace = options.duration("grace")?.unwrap_or(GRACE);
    let blind = options.duration("blind")?.unwrap_or(BLIND);
    let calls_off = |value: &Dynamic| match value.to_string().as_str() {
        "stop" => Some(Vec::new()),
        "cancel_moves" => Some(vec![reassign::NAME]),
        _ => None,
    };
    let calls_off = options.read_by("on_break", calls_off, "\"stop\" or \"cancel_moves\"")?.unwrap_or_default();
    options.finish()?;
    Ok(GuardOptions { every, grace, blind, calls_off })
}

fn guard(context: NativeCallContext, name: &str, options: Map, test: FnPtr, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let asked = asked(options).and_then(|options| {
        // A thread that reads what the script's own thread writes would be taken for a race.
        Ok((options, own_copy(&context, "the test of this `guard`", &test)?))
    });
    let (options, test) = asked.map_err(|error| raise(&context, error))?;
    let stop = Stop::default();
    let connection = host.connection.apart(stop.clone()).map_err(|error| raise(&context, error))?;
    let cluster = Cluster(Host { connection, ..host.clone() });
    let here = |error| Trouble::Failed(Box::new(Raised { place: place_of(&host, &context), ..Raised::new(error) }));
    let look = || {
        let before = captured(&test);
        let found = call(&host, &context, &test, (cluster.clone(),))?;
        if captured(&test) != before {
            let changed = format!("the test of guard `{name}` changed a variable from outside");
            let error = Error::new("GUARD_CHANGED_A_CAPTURE", changed);
            return Err(here(
                error.hint("it works on a copy of its own, so nobody else would see that: give what is wrong"),
            ));
        }
        evidence(name, found).map_err(here)
    };
    let end_test = || while stop.press() < Level::Now {};
    let body = || call(&host, &context, &body, ());
    let result = host.session.guard(name, &options, look, end_test, body);
    result.map_err(|trouble| leave(&context, trouble))
}

fn evidence(name: &str, found: Dynamic) -> Result<Vec<String>, Error> {
    let what = found.type_name().to_owned();
    let all = if found.is_array() { found.cast::<Array>() } else { vec![found] };
    let all = all.into_iter().filter(|one| !one.is_unit());
    let texts = all.map(Dynamic::into_string).collect::<Result<Vec<String>, _>>();
    let texts = texts.map_err(|_| {
        Error::new(
            "GUARD_TEST",
            format!("the test of guard `{name}` gave {}, which says nothing of what is wrong", kind(&what)),
        )
        .hint("give a text or an array of texts, and () where all is well: `|cluster| if … { \"disk 3 is full\" }`")
    })?;
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

/// What the language calls a type.
fn kind(name: &str) -> &str {
    match name {
        "bool" => "true or false",
        "i64" | "f64" => "a number",
        "array" => "an array with something else than texts",
        _ => "something else than a text",
    }
}
