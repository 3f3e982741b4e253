//! Changes of machines. Each is an effect, so each stands in a step.

use crate::bind::machine::OnHost;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::effect::{copy_file, link, service, write_file};
use crate::error::Error;
use rhai::{Engine, Map, NativeCallContext};
use serde_json::Value;
use std::time::Duration;

/// How long a unit that was started is watched, where a script says nothing: a broker that cannot read its configuration dies
/// within a second or two.
const STEADY: Duration = Duration::from_secs(5);

pub(crate) fn register(engine: &mut Engine) {
    function("Host.write_file(path: string, text: string)", "Another text for a file, as a whole or not at all; owner and mode stay. What it replaces stays beside it until it is taken away. An effect.")
        .register_into_engine(engine, write);
    function("Host.upload(from: string, to: string)", "A file of this machine in the place of one there, as `write_file` writes it: 64 MiB at most (`install` brings releases). An effect.")
        .register_into_engine(engine, upload);
    function("Host.copy(from: string, to: string)", "A file of the host in the place of another one there, with owner and mode. What it replaces stays beside it. An effect.")
        .register_into_engine(engine, copy);
    function("Host.link(path: string, target: string)", "Points a link elsewhere, in one instant. An effect.")
        .register_into_engine(engine, point);
    let start = "Starts a unit of systemd and watches it for `steady` (\"5s\"): one that dies is an error with its last lines. An effect.";
    function("Host.start_service(unit: string)", start)
        .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, unit: &str| {
            start_with(context, on, unit, Map::new())
        });
    function("Host.start_service(unit: string, options: map)", start).register_into_engine(engine, start_with);
    function(
        "Host.stop_service(unit: string)",
        "Stops a unit of systemd and waits until its main process is gone. An effect.",
    )
    .register_into_engine(engine, stop);
}

pub(super) fn perform(context: &NativeCallContext, on: &OnHost, effect: &str, args: &Value) -> RhaiResultOf<Value> {
    on.host.session.perform(effect, args).map_err(|trouble| leave(context, trouble))
}

fn write(context: NativeCallContext, on: &mut OnHost, path: &str, text: &str) -> RhaiResultOf<()> {
    let args = write_file::args(&on.host.connection, &on.which, path, text.as_bytes().to_vec());
    perform(&context, on, write_file::NAME, &args).map(drop)
}

fn upload(context: NativeCallContext, on: &mut OnHost, from: &str, to: &str) -> RhaiResultOf<()> {
    let args = write_file::args_of_local(&on.host.connection, &on.which, from, to);
    let args = args.map_err(|error| raise(&context, error))?;
    perform(&context, on, write_file::NAME, &args).map(drop)
}

fn copy(context: NativeCallContext, on: &mut OnHost, from: &str, to: &str) -> RhaiResultOf<()> {
    perform(&context, on, copy_file::NAME, &copy_file::args(&on.which, from, to)).map(drop)
}

fn point(context: NativeCallContext, on: &mut OnHost, path: &str, target: &str) -> RhaiResultOf<()> {
    if target.is_empty() {
        let error = Error::new("INVALID_ARGUMENT", format!("{path} is to point to nothing"));
        return Err(raise(&context, error.hint("link(PATH, TARGET)")));
    }
    perform(&context, on, link::NAME, &link::args(&on.which, path, Some(target))).map(drop)
}

fn start_with(context: NativeCallContext, on: &mut OnHost, unit: &str, options: Map) -> RhaiResultOf<()> {
    let mut options = Options::new("start_service", options);
    let steady = options.duration("steady").and_then(|steady| options.finish().map(|()| steady));
    let steady = steady.map_err(|error| raise(&context, error))?;
    perform(&context, on, service::START, &service::args(&on.which, unit, steady.unwrap_or(STEADY))).map(drop)
}

fn stop(context: NativeCallContext, on: &mut OnHost, unit: &str) -> RhaiResultOf<()> {
    perform(&context, on, service::STOP, &service::args(&on.which, unit, STEADY)).map(drop)
}
