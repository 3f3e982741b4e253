//! `run_command`: a command on a host that changes something, with a receipt. With `unless` it is guarded: that tells whether it is
//! needed. Otherwise only its receipt tells whether it happened, and without one nobody but a person does.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::write_file::sha256;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::receipt::{self, Standing};
use crate::host::{Command, Machine, Which};
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};
use std::time::Duration;

pub const NAME: &str = "run_command";

/// So often in a row the connection may be lost while a command is waited for.
const MOST_FAULTS: u32 = 20;
/// How long one look lasts.
const LOOK: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// So much of a command is shown.
const SHOWN: usize = 80;

pub struct RunCommand(pub Connection);

/// What a script asks for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub command: String,
    /// A command that ends with 0 where nothing needs to be done.
    pub unless: Option<String>,
    /// The command that takes it back.
    pub undo: Option<String>,
    /// How long it is waited for.
    pub limit: Duration,
}

/// What `perform` takes.
pub fn args(which: &Which, run: &str, wish: &Wish) -> Value {
    let limit_ms = u64::try_from(wish.limit.as_millis()).unwrap_or(u64::MAX);
    let Wish { command, unless, undo, .. } = wish;
    json!({ HOST: which.to_string(), "run": run, "command": command, "unless": unless, "undo": undo, "limit_ms": limit_ms })
}

const TO_DO: &str = "to do";
const DONE: &str = "done";

impl Effect for RunCommand {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "command").lines().next().unwrap_or_default().to_owned()
    }

    /// Nobody knows what a command changes.
    fn resources(&self, _args: &Value) -> Vec<String> {
        Vec::new()
    }

    /// Makes the folder for receipts, too: one that is gone later is no proof that nothing was begun.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.0, args)?;
        receipt::prepare(&*machine, text(args, "run"))?;
        Ok(json!(if is_needless(&*machine, args)? == Some(true) { DONE } else { TO_DO }))
    }

    fn after(&self, _args: &Value, _before: &Value) -> Value {
        json!(DONE)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let line = text(args, "command").trim().lines().next().unwrap_or_default();
        let shown: String = line.chars().take(SHOWN).collect();
        let more = if shown.len() < text(args, "command").trim().len() { " …" } else { "" };
        let needless = if before == DONE { " (not needed)" } else { "" };
        format!("{}: run {shown}{more}{needless}", name(args))
    }

    /// Any status is an answer. Error: `COMMAND_RUNS_ON`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.0, &intent.args)?;
        let (run, key) = (text(&intent.args, "run"), key(intent));
        match receipt::start(&*machine, run, &key, text(&intent.args, "command")) {
            // It may have arrived: then its receipt is found.
            Ok(()) | Err(Failure::Unknown(_)) => {}
            Err(refused) => return Err(refused),
        }
        match self.standing(&*machine, intent).map_err(Failure::Unknown)? {
            Standing::Ended { status, stdout, stderr } => Ok(value(status, &stdout, &stderr)),
            Standing::Runs(_) => Err(Failure::Unknown(runs_on(&*machine, intent))),
            other => {
                let text = format!("{}: the command left no end: {other:?}", machine.name());
                Err(Failure::Unknown(Error::new("COMMAND_CUT_OFF", text)))
            }
        }
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let machine = machine(&self.0, &intent.args)?;
        let standing = self.standing(&*machine, intent)?;
        if let Standing::Ended { status, stdout, stderr } = standing {
            return Ok(Settled::Done(value(status, &stdout, &stderr)));
        }
        if matches!(standing, Standing::Runs(_)) {
            return Err(runs_on(&*machine, intent).retriable());
        }
        match is_needless(&*machine, &intent.args)? {
            Some(true) => return Ok(Settled::Done(value(0, "", ""))),
            Some(false) => return Ok(Settled::NotDone),
            None => {}
        }
        let why = match standing {
            Standing::Gone => "its receipt is gone: it may have run",
            Standing::Died => {
                "it was begun, and neither runs nor says how it ended: it was killed, or its host was started again"
            }
            _ => return Ok(Settled::NotDone),
        };
        Ok(Settled::CannotTell { evidence: format!("{}: {why}", intent.summary) })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let command = intent.args["undo"].as_str()?;
        let args = &intent.args;
        let args = json!({ HOST: args[HOST], "run": args["run"], "command": command, "limit_ms": args["limit_ms"] });
        Some(Undo { effect: NAME, args })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let undo = intent.args["undo"].as_str();
        undo.map(|undo| format!("# on the {}\n{undo}", name(&intent.args))).into_iter().collect()
    }

    /// Only a guard shows whether it is still so.
    fn shows_itself(&self, intent: &Intent) -> Result<bool, Error> {
        Ok(intent.args["unless"].is_string())
    }
}

impl RunCommand {
    /// How a command stands, once it has ended or its limit is over. A connection that is lost meanwhile is made again.
    fn standing(&self, machine: &dyn Machine, intent: &Intent) -> Result<Standing, Error> {
        let limit = Duration::from_millis(intent.args["limit_ms"].as_u64().unwrap_or(0));
        let (run, key) = (text(&intent.args, "run"), key(intent));
        let (mut faults, mut look) = (0, LOOK.min(limit));
        loop {
            match receipt::watch(machine, run, &key, look) {
                Ok(Standing::Runs(age)) if age < limit => {
                    faults = 0;
                    look = LOOK.min(limit.saturating_sub(age));
                }
                Ok(standing) => return Ok(standing),
                Err(error) => {
                    faults += 1;
                    if faults > MOST_FAULTS || self.0.is_stopped() {
                        return Err(error);
                    }
                    std::thread::sleep(LOOK_AGAIN);
                }
            }
        }
    }
}

/// The same for the same effect of the same run, also in another process.
fn key(intent: &Intent) -> String {
    let of = json!([intent.path, intent.attempt, intent.args, intent.nth, intent.undoes]);
    sha256(of.to_string().as_bytes()).get(..16).unwrap_or_default().to_owned()
}

/// What `unless` says; `None` where there is none.
fn is_needless(machine: &dyn Machine, args: &Value) -> Result<Option<bool>, Error> {
    let Some(unless) = args["unless"].as_str() else { return Ok(None) };
    Ok(Some(machine.run_with_rights(&Command::new(unless))?.status == 0))
}

fn value(status: i32, stdout: &str, stderr: &str) -> Value {
    json!({ "status": status, "stdout": stdout, "stderr": stderr })
}

fn runs_on(machine: &dyn Machine, intent: &Intent) -> Error {
    let text = format!("{}: the command still runs after its limit: {}", machine.name(), intent.summary);
    Error::new("COMMAND_RUNS_ON", text).hint("a longer one: #{ limit: \"30m\" }; what it does meanwhile is not known")
}
