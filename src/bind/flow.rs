//! `step`, `preflight`, `temporarily`, `all_or_nothing`, `begun`.

use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{Raised, RhaiResultOf, leave, place_of, raise, trouble_of};
use crate::bind::value::{decode, encode};
use crate::error::Error;
use crate::run::trouble::Trouble;
use rhai::{Array, Dynamic, Engine, FnPtr, FuncArgs, Map, NativeCallContext};
use serde_json::Value;

pub(crate) fn register(engine: &mut Engine) {
    engine
        .register_fn("step", step)
        .register_fn("preflight", preflight)
        .register_fn("temporarily", temporarily)
        .register_fn("temporarily", temporarily_with)
        .register_fn("all_or_nothing", all_or_nothing)
        .register_fn("begun", begun)
        .register_fn("stop_if_held", stop_if_held);
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

/// Ends the run (exit 5) where another run left one of these resources changed.
fn stop_if_held(context: NativeCallContext, resources: Array) -> RhaiResultOf<()> {
    let resources: Vec<String> = resources.iter().map(ToString::to_string).collect();
    let held = Host::of(&context)?.session.stop_if_held(&resources);
    held.map_err(|halt| leave(&context, halt.into()))
}

/// The captured variables that are data, before the body runs. Handles hold nothing that a resume could miss.
fn captured(body: &FnPtr) -> Vec<Option<Value>> {
    body.curry().iter().map(|value| encode(value).ok()).collect()
}

fn refuse_changed_captures(name: &str, before: &[Option<Value>], body: &FnPtr) -> Result<(), Error> {
    if captured(body) == before {
        return Ok(());
    }
    Err(Error::new("STEP_CHANGED_A_CAPTURE", format!("the step `{name}` changed a variable of the script around it"))
        .hint("on resume a finished step does not run, and the change would be lost: return the value instead"))
}
