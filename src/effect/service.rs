//! `start_service` and `stop_service`: a unit of systemd on a host. Each is the undo of the other.
//!
//! Stopped means that the main process is gone, whatever systemd calls that: a JVM that was stopped well ends with 143, and the
//! unit may be `failed`. Started means that it is up and stays up for a while: `systemctl start` gives 0 for a broker that dies of its
//! configuration a second later.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::host::machine::{Machine, Service};
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const START: &str = "start_service";
pub const STOP: &str = "stop_service";

const RUNNING: &str = "running";
const STOPPED: &str = "stopped";

/// A unit file may allow minutes; what takes longer is looked at again.
const LIMIT: Duration = Duration::from_mins(10);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How many lines a unit that died is quoted with.
const LAST_LINES: u32 = 12;

/// One of the two.
pub struct Turn {
    pub connection: Connection,
    pub to: Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Running,
    Stopped,
}

/// What `perform` takes. A unit that is started is watched for `steady`.
pub fn args(which: &Which, unit: &str, steady: Duration) -> Value {
    json!({ HOST: which.to_string(), "unit": unit, "steady_ms": u64::try_from(steady.as_millis()).unwrap_or(u64::MAX) })
}

impl Effect for Turn {
    fn name(&self) -> &'static str {
        match self.to {
            Wanted::Running => START,
            Wanted::Stopped => STOP,
        }
    }

    /// A stop takes a broker away from its cluster: each is looked at.
    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        let look = if self.to == Wanted::Stopped { Look::Again } else { Look::Once };
        host_guard::admit(&self.connection, args, run, look)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "unit")
    }

    /// Errors: `NO_SYSTEMD`, `NO_SUCH_SERVICE`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.connection, args)?;
        let service = machine.service(text(args, "unit"))?;
        if service.load != "loaded" {
            let text = format!(
                "{}: systemd has no unit {} to start: it is {}",
                machine.name(),
                text(args, "unit"),
                service.load
            );
            return Err(Error::new("NO_SUCH_SERVICE", text).hint("service = \"…\" in krun.toml names the unit"));
        }
        Ok(json!(state_of(&service)))
    }

    fn after(&self, _args: &Value, _before: &Value) -> Value {
        json!(match self.to {
            Wanted::Running => RUNNING,
            Wanted::Stopped => STOPPED,
        })
    }

    fn summary(&self, args: &Value, _before: &Value) -> String {
        let verb = match self.to {
            Wanted::Running => "start",
            Wanted::Stopped => "stop",
        };
        format!("{}: {verb} {}", name(args), text(args, "unit"))
    }

    /// Errors: `SERVICE_DIED`, with the last lines that it wrote; `SERVICE_RUNS_ON`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let machine = machine_to_change(&self.connection, &intent.args)?;
        let unit = text(&intent.args, "unit");
        match self.to {
            Wanted::Running => {
                let steady = Duration::from_millis(intent.args["steady_ms"].as_u64().unwrap_or(0));
                start(&*machine, unit, steady)
            }
            Wanted::Stopped => stop(&*machine, unit),
        }
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = json!(state_of(&machine(&self.connection, &intent.args)?.service(text(&intent.args, "unit"))?));
        Ok(if now == intent.after { Settled::Done(Value::Null) } else { Settled::NotDone })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let effect = match self.to {
            Wanted::Running => STOP,
            Wanted::Stopped => START,
        };
        Some(Undo { effect, args: intent.args.clone() })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let verb = match self.to {
            Wanted::Running => "stop",
            Wanted::Stopped => "start",
        };
        vec![format!("# on the {}\nsystemctl {verb} {}", name(&intent.args), text(&intent.args, "unit"))]
    }
}

/// A unit that systemd starts again and again has a process now and then: it is no running one.
fn state_of(service: &Service) -> &'static str {
    if service.main_pid.is_some() && service.active != "failed" { RUNNING } else { STOPPED }
}

fn stop(machine: &dyn Machine, unit: &str) -> Result<Value, Failure> {
    machine.stop_service(unit, LIMIT)?;
    let since = Instant::now();
    loop {
        let service = machine.service(unit).map_err(Failure::Unknown)?;
        let Some(pid) = service.main_pid else { return Ok(Value::Null) };
        if since.elapsed() > LIMIT {
            let text = format!("{}: {unit} was stopped, and its process {pid} runs on", machine.name());
            return Err(Failure::Unknown(
                Error::new("SERVICE_RUNS_ON", text).hint("what does its log say? It may still be writing to its disks"),
            ));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn start(machine: &dyn Machine, unit: &str, steady: Duration) -> Result<Value, Failure> {
    machine.start_service(unit, LIMIT)?;
    let look = || machine.service(unit).map_err(Failure::Unknown);
    let first = look()?;
    let since = Instant::now();
    loop {
        let now = look()?;
        let is_first = now.main_pid.is_some() && now.main_pid == first.main_pid && now.restarts == first.restarts;
        if !is_first {
            return Err(died(machine, unit, &now));
        }
        if since.elapsed() >= steady {
            return Ok(json!({ "pid": now.main_pid, "invocation": now.invocation }));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// One that did not stay up is not left to be started again and again: it is stopped, as it was before.
fn died(machine: &dyn Machine, unit: &str, service: &Service) -> Failure {
    let log = machine.service_log(unit, LAST_LINES).unwrap_or_default();
    let how = match service.exit_status {
        Some(status) => format!("{}, exit status {status}", service.result),
        None => service.result.clone(),
    };
    let text = format!("{}: {unit} was started and did not stay up ({how}); its last lines:\n{log}", machine.name());
    let error = Error::new("SERVICE_DIED", text).hint("mend what its log says, then go on");
    match machine.stop_service(unit, LIMIT) {
        Ok(()) => Failure::Refused(error),
        Err(_) => Failure::Unknown(error),
    }
}
