//! `host.run(command)`: commands that change something. Each is an effect with a receipt.

use crate::bind::machine::OnHost;
use crate::bind::machine_change::perform;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::effect::run_command::{self, Wish};
use crate::error::Error;
use rhai::{Dynamic, Engine, Map, NativeCallContext};
use serde_json::Value;
use std::time::Duration;

/// Where a script says nothing.
const LIMIT: Duration = Duration::from_mins(10);

pub(crate) fn register(engine: &mut Engine) {
    let run = "Runs a script of a POSIX shell that changes something, and gives `status`, `stdout` and `stderr` (the last 4 KiB of each); a status other than 0 is an error. It goes on without its connection, and is never run twice. Options: `unless` (a command: where it ends with 0, nothing is to be done), `undo` (the command that takes it back), `limit` (\"10m\"). An effect.";
    function("Host.run(command: string) -> map", run)
        .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, command: &str| {
            run_with(context, on, command, Map::new())
        });
    function("Host.run(command: string, options: map) -> map", run).register_into_engine(engine, run_with);
    let attempt = "The same as `run`, where a status other than 0 is no error. An effect.";
    function("Host.try_run(command: string) -> map", attempt)
        .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, command: &str| {
            try_run_with(context, on, command, Map::new())
        });
    function("Host.try_run(command: string, options: map) -> map", attempt).register_into_engine(engine, try_run_with);
}

fn run_with(context: NativeCallContext, on: &mut OnHost, command: &str, options: Map) -> RhaiResultOf<Dynamic> {
    let ended = carried_out(&context, on, "run", command, options)?;
    let status = ended["status"].as_i64().unwrap_or(0);
    if status == 0 {
        return Ok(to_script(&ended));
    }
    let said = ended["stderr"].as_str().unwrap_or_default().trim();
    let error = Error::new("COMMAND_FAILED", format!("{}: it ended with {status}: {said}", on.which));
    Err(raise(&context, error.hint("`try_run` gives the status instead")))
}

fn try_run_with(context: NativeCallContext, on: &mut OnHost, command: &str, options: Map) -> RhaiResultOf<Dynamic> {
    carried_out(&context, on, "try_run", command, options).map(|ended| to_script(&ended))
}

fn carried_out(context: &NativeCallContext, on: &OnHost, of: &str, command: &str, options: Map) -> RhaiResultOf<Value> {
    let wish = wish(of, command, options).map_err(|error| raise(context, error))?;
    let args = run_command::args(&on.which, &on.host.session.about().run, &wish);
    perform(context, on, run_command::NAME, &args)
}

fn wish(of: &str, command: &str, options: Map) -> Result<Wish, Error> {
    let mut options = Options::new(of, options);
    let (unless, undo) = (options.text("unless")?, options.text("undo")?);
    let limit = options.duration("limit")?.unwrap_or(LIMIT);
    options.finish()?;
    if command.trim().is_empty() {
        return Err(Error::new("INVALID_ARGUMENT", format!("the command of `{of}` is empty")));
    }
    Ok(Wish { command: command.to_owned(), unless, undo, limit })
}
