//! `step`, `preflight`, `temporarily`, `all_or_nothing`, `begun`, `finished`.

use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{Raised, RhaiResultOf, leave, place_of, raise, trouble_of};
use crate::bind::signature::function;
use crate::bind::value::{decode, encode};
use crate::error::Error;
use crate::run::trouble::Trouble;
use rhai::{Array, Dynamic, Engine, FnPtr, FuncArgs, Map, NativeCallContext};
use serde_json::Value;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "step(name: string, body: closure) -> any value",
        "Runs `body` once per run and records what it gives; a finished step gives that again on resume.",
    )
    .register_into_engine(engine, step);
    function(
        "preflight(name: string, body: closure) -> any value",
        "Looks whether all is well; runs again at every resume, before anything is changed.",
    )
    .register_into_engine(engine, preflight);
    let while_it_lasts =
        "Makes `change`, does `work`, and puts the change back. Option: `keep` (false): stays where the work fails.";
    function("temporarily(name: string, change: closure, work: closure) -> any value", while_it_lasts)
        .register_into_engine(engine, temporarily);
    function("temporarily(name: string, options: map, change: closure, work: closure) -> any value", while_it_lasts)
        .register_into_engine(engine, temporarily_with);
    function(
        "all_or_nothing(name: string, body: closure) -> any value",
        "Is not stopped in between; where `body` fails, its effects are undone, newest first.",
    )
    .register_into_engine(engine, all_or_nothing);
    function(
        "begun(name: string) -> bool",
        "Whether the step of this name was begun here, in this session or an earlier one; of an `all_or_nothing`, whether it has changed anything that was not undone.",
    )
    .register_into_engine(engine, begun);
    function(
        "finished(name: string) -> bool",
        "Whether the step of this name was finished here, in this session or an earlier one.",
    )
    .register_into_engine(engine, finished);
    function(
        "stop_if_held(resources: array)",
        "Ends the run where another run left one of these changed, such as `topic/orders/retention.ms`.",
    )
    .register_into_engine(engine, stop_if_held);
}

/// Calls a closure of the script.
pub(crate) fn call(
    host: &Host,
    context: &NativeCallContext,
    body: &FnPtr,
    args: impl FuncArgs,
) -> Result<Dynamic, Trouble> {
    body.call_within_context::<Dynamic>(context, args).map_err(|error| trouble_of(host, error))
}

fn step(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let here = |error| Trouble::Failed(Box::new(Raised { place: place_of(&host, &context), ..Raised::new(error) }));
    let value = host.session.step(name, || {
        let captured = captured(&body);
        let value = call(&host, &context, &body, ())?;
        refuse_changed_captures(name, &captured, &body).map_err(here)?;
        encode(&value).map_err(here)
    });
    let value = value.map_err(|trouble| leave(&context, trouble))?;
    // What comes back is what the journal gives, live too.
    decode(&value).map_err(|error| raise(&context, error))
}

fn preflight(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let result = host.session.preflight(name, || call(&host, &context, &body, ()));
    result.map_err(|trouble| leave(&context, trouble))
}

fn temporarily(context: NativeCallContext, name: &str, change: FnPtr, work: FnPtr) -> RhaiResultOf<Dynamic> {
    temporarily_with(context, name, Map::new(), change, work)
}

fn temporarily_with(
    context: NativeCallContext,
    name: &str,
    options: Map,
    change: FnPtr,
    work: FnPtr,
) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let mut options = Options::new("temporarily", options);
    let keep = options.flag("keep").and_then(|keep| options.finish().map(|()| keep));
    let keep = keep.map_err(|error| raise(&context, error))?;
    let change = || call(&host, &context, &change, ()).map(drop);
    let result = host.session.temporarily(name, keep, change, || call(&host, &context, &work, ()));
    result.map_err(|trouble| leave(&context, trouble))
}

fn all_or_nothing(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let result = host.session.all_or_nothing(name, || call(&host, &context, &body, ()));
    result.map_err(|trouble| leave(&context, trouble))
}

fn begun(context: NativeCallContext, name: &str) -> RhaiResultOf<bool> {
    Ok(Host::of(&context)?.session.begun(name))
}

fn finished(context: NativeCallContext, name: &str) -> RhaiResultOf<bool> {
    Ok(Host::of(&context)?.session.finished(name))
}

/// Ends the run (exit 5) where another run left one of these resources changed.
fn stop_if_held(context: NativeCallContext, resources: Array) -> RhaiResultOf<()> {
    let resources: Vec<String> = resources.iter().map(ToString::to_string).collect();
    let held = Host::of(&context)?.session.stop_if_held(&resources);
    held.map_err(|halt| leave(&context, halt.into()))
}

/// The captured variables that are data, before the body runs. Handles hold nothing that a resume could miss.
pub(crate) fn captured(body: &FnPtr) -> Vec<Option<Value>> {
    body.curry().iter().map(|value| encode(value).ok()).collect()
}

pub(crate) fn refuse_changed_captures(name: &str, before: &[Option<Value>], body: &FnPtr) -> Result<(), Error> {
    if captured(body) == before {
        return Ok(());
    }
    Err(Error::new("STEP_CHANGED_A_CAPTURE", format!("the step `{name}` changed a variable of the script around it"))
        .hint("on resume a finished step does not run, and the change would be lost: return the value instead"))
}
