//! `parallel`, `all_ok`: one step for each item, and what became of them.

use crate::bind::cluster::{Cluster, map};
use crate::bind::flow::{call, captured, refuse_changed_captures};
use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::plan::{ClusterState, Plan};
use crate::bind::raised::{Raised, RhaiResultOf, leave, place_of, raise};
use crate::bind::signature::function;
use crate::bind::value::{decode, encode};
use crate::error::Error;
use crate::run::parallel::{ItemOutcome, ParallelOptions};
use crate::run::trouble::Trouble;
use rhai::{Array, Dynamic, Engine, FnPtr, Map, NativeCallContext};

const OF_PARALLEL: &str = "the closure of this `parallel`";

pub(crate) fn register(engine: &mut Engine) {
    let doc = "Runs `body` as a step for each item, a string or a number, with a cluster of its own: `|item, cluster| …`. Gives a map for each: `item`, `outcome` (\"ok\", \"failed\", \"unreachable\", \"not_started\"), and its `value` or its `error`. Options: `at_once` (1): so many are worked on at the same time, `stop_after` (1): after so many failures no new item is begun.";
    function("parallel(name: string, items: array, body: closure) -> array", doc).register_into_engine(
        engine,
        |context: NativeCallContext, name: &str, items: Array, body: FnPtr| {
            parallel(context, name, items, Map::new(), body)
        },
    );
    function("parallel(name: string, items: array, options: map, body: closure) -> array", doc)
        .register_into_engine(engine, parallel);
    function(
        "all_ok(outcomes: array) -> array",
        "The values of what `parallel` gave; where an item is not ok, raises an error that names each of these.",
    )
    .register_into_engine(engine, all_ok);
}

fn parallel(context: NativeCallContext, name: &str, items: Array, options: Map, body: FnPtr) -> RhaiResultOf<Array> {
    let host = Host::of(&context)?;
    let asked = read_options(options).and_then(|options| {
        let names = items.iter().map(name_of).collect::<Result<Vec<String>, Error>>()?;
        own_copy(&context, OF_PARALLEL, &body).map(|_| (options, names))
    });
    let (options, names) = asked.map_err(|error| raise(&context, error))?;
    let here = |error| Trouble::Failed(Box::new(Raised { place: place_of(&host, &context), ..Raised::new(error) }));
    let outcomes = host.session.parallel(name, &names, options, |index| {
        // Two threads that read one captured variable would be taken for a race.
        let body = own_copy(&context, OF_PARALLEL, &body).map_err(here)?;
        let before = captured(&body);
        let cluster = Cluster(host.clone());
        let value = call(&host, &context, &body, (items[index].clone(), cluster))?;
        refuse_changed_captures(&names[index], &before, &body).map_err(here)?;
        encode(&value).map_err(here)
    });
    let outcomes = outcomes.map_err(|trouble| leave(&context, trouble))?;
    let told = items.into_iter().zip(outcomes).map(|(item, outcome)| told(item, outcome).map(Dynamic::from_map));
    told.collect::<Result<Array, Error>>().map_err(|error| raise(&context, error))
}

fn read_options(given: Map) -> Result<ParallelOptions, Error> {
    let mut options = Options::new("parallel", given);
    let at_once = options.count("at_once")?.unwrap_or(1);
    let stop_after = options.count("stop_after")?.unwrap_or(1);
    options.finish()?;
    let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Ok(ParallelOptions { at_once: size(at_once), stop_after: size(stop_after) })
}

/// What the step of an item is called.
fn name_of(item: &Dynamic) -> Result<String, Error> {
    if item.is_string() || item.is_int() {
        return Ok(item.to_string());
    }
    Err(Error::new("INVALID_ITEM", format!("an item of `parallel` is neither a string nor a whole number: {item}"))
        .hint("an item names its step: give ids or names, and look up the rest inside"))
}

/// The closure with captured values of its own, for a thread of its own. `CAPTURED_HANDLE` where it captures more than data.
pub(crate) fn own_copy(context: &NativeCallContext, whose: &str, body: &FnPtr) -> Result<FnPtr, Error> {
    let mut copy = body.clone();
    // Shared with the body, as captured variables are: so what the body does to them is seen.
    let own = |value| own_value(context, whose, value).map(Dynamic::into_shared);
    copy.set_curry(body.curry().iter().map(own).collect::<Result<Vec<_>, _>>()?);
    Ok(copy)
}

fn own_value(context: &NativeCallContext, whose: &str, value: &Dynamic) -> Result<Dynamic, Error> {
    let value = value.flatten_clone();
    if let Some(items) = value.read_lock::<Array>() {
        let items = items.iter().map(|item| own_value(context, whose, item)).collect::<Result<Array, _>>()?;
        return Ok(Dynamic::from_array(items));
    }
    if let Some(members) = value.read_lock::<Map>() {
        let own = |(key, member): (&rhai::Identifier, &Dynamic)| Ok((key.clone(), own_value(context, whose, member)?));
        return Ok(Dynamic::from_map(members.iter().map(own).collect::<Result<Map, Error>>()?));
    }
    if let Some(closure) = value.read_lock::<FnPtr>() {
        return own_copy(context, whose, &closure).map(Dynamic::from);
    }
    if value.is::<Plan>() || value.is::<ClusterState>() || value.is::<Raised>() || encode(&value).is_ok() {
        return Ok(value);
    }
    let what = context.engine().map_type_name(value.type_name()).to_owned();
    Err(Error::new("CAPTURED_HANDLE", format!("{whose} uses a variable from outside that is a {what}")).hint(
        "it runs on a thread of its own: take the cluster that the closure is given, and hosts and files from that",
    ))
}

fn told(item: Dynamic, outcome: ItemOutcome) -> Result<Map, Error> {
    let (how, rest) = match outcome {
        ItemOutcome::Ok(value) => ("ok", Some(("value", decode(&value)?))),
        ItemOutcome::Failed(error) => ("failed", Some(("error", error_map(error)))),
        ItemOutcome::Unreachable(error) => ("unreachable", Some(("error", error_map(error)))),
        ItemOutcome::NotStarted => ("not_started", None),
    };
    let known = [("item", item), ("outcome", how.into())].into_iter().chain(rest);
    Ok(known.map(|(key, value)| (key.into(), value)).collect())
}

/// As data, so that an outcome can be what a step gives.
fn error_map(error: Error) -> Dynamic {
    map([
        ("code", error.code.into()),
        ("message", error.message.into()),
        ("hint", error.hint.unwrap_or_default().into()),
        ("retriable", error.retriable.into()),
    ])
}

fn all_ok(context: NativeCallContext, outcomes: Array) -> RhaiResultOf<Array> {
    values_of(&outcomes).map_err(|error| raise(&context, error))
}

fn values_of(outcomes: &[Dynamic]) -> Result<Array, Error> {
    let (mut values, mut failed, mut not_started) = (Array::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        let Some(one) = outcome.read_lock::<Map>().filter(|one| one.contains_key("item")) else {
            return Err(Error::new("INVALID_ARGUMENT", "`all_ok` takes what `parallel` gave"));
        };
        let text = |key: &str| one.get(key).map(ToString::to_string).unwrap_or_default();
        match text("outcome").as_str() {
            "ok" => values.push(one.get("value").cloned().unwrap_or(Dynamic::UNIT)),
            "not_started" => not_started.push(text("item")),
            how => {
                let message =
                    one.get("error").and_then(|error| Some(error.read_lock::<Map>()?.get("message")?.to_string()));
                failed.push(format!("{} ({how}: {})", text("item"), message.unwrap_or_default()));
            }
        }
    }
    if failed.is_empty() && not_started.is_empty() {
        return Ok(values);
    }
    let number = failed.len() + not_started.len();
    let mut text = format!("{number} of {} items did not go through: {}", outcomes.len(), failed.join("; "));
    if !not_started.is_empty() {
        let begin = if failed.is_empty() { "" } else { "; " };
        text.extend([begin, "not started: ", &not_started.join(", ")]);
    }
    Err(Error::new("ITEMS_FAILED", text)
        .hint("mend what failed, then `krun resume`: what went through is not done again"))
}
