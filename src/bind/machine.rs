//! `cluster.host(id)`, `ssh::host(name)`, `local::host()`: machines, and what can be asked of them.

use crate::bind::cluster::Cluster;
use crate::bind::host::Host;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::host::machine::{Kind, Service};
use crate::host::{Command, Machine, Which};
use rhai::{Array, Dynamic, Engine, INT, Module, NativeCallContext};
use serde_json::json;
use std::sync::Arc;

/// A machine as a script holds it. A handle: it holds no data, so it may be captured by any closure.
#[derive(Clone)]
pub struct OnHost {
    pub(crate) host: Host,
    pub(crate) which: Which,
}

impl OnHost {
    pub(crate) fn machine(&self) -> Result<Arc<dyn Machine>, Error> {
        self.host.connection.hosts.machine(&self.which)
    }
}

pub(crate) fn register(engine: &mut Engine) {
    let mut ssh = Module::new();
    function("host(destination: string) -> Host", "A machine by its SSH destination, as `ssh` would take it.")
        .set_into_module(&mut ssh, |context: NativeCallContext, destination: &str| {
            Ok::<_, Box<rhai::EvalAltResult>>(OnHost {
                host: Host::of(&context)?,
                which: Which::Ssh(destination.to_owned()),
            })
        });
    engine.register_static_module("ssh", ssh.into());
    let mut local = Module::new();
    function("host() -> Host", "The machine that krun runs on.").set_into_module(
        &mut local,
        |context: NativeCallContext| {
            Ok::<_, Box<rhai::EvalAltResult>>(OnHost { host: Host::of(&context)?, which: Which::Local })
        },
    );
    engine.register_static_module("local", local.into());
    function(
        "Cluster.host(broker: int) -> Host",
        "The machine on which a broker lives: as `krun.toml` says, else at its advertised name.",
    )
    .register_into_engine(engine, of_broker);
    engine
        .register_type_with_name::<OnHost>("Host")
        .register_fn("to_string", |on: &mut OnHost| on.which.to_string())
        .register_fn("to_debug", |on: &mut OnHost| on.which.to_string())
        .register_get("name", |on: &mut OnHost| on.which.for_people())
        .register_get("home", home);
    function(
        "Host.read(script: string) -> string",
        "What a script of a POSIX shell writes that changes nothing there. It must end with 0.",
    )
    .register_into_engine(engine, read);
    function("Host.exists(path: string) -> bool", "Whether anything is at a path.")
        .register_into_engine(engine, exists);
    function("Host.kind(path: string) -> string", "What is at a path: `file`, `folder`, `link`, `missing`.")
        .register_into_engine(engine, kind);
    function("Host.read_file(path: string) -> string", "The text of a file.").register_into_engine(engine, read_file);
    function(
        "Host.read_link(path: string) -> string",
        "Where a link points to, as it says; () where there is nothing.",
    )
    .register_into_engine(engine, read_link);
    function("Host.checksum(path: string) -> string", "The SHA-256 of a file; () where there is nothing.")
        .register_into_engine(engine, checksum);
    function("Host.glob(pattern: string) -> array", "The paths that match a pattern of the shell, sorted.")
        .register_into_engine(engine, glob);
    function(
        "Host.files(folder: string) -> map",
        "The files of a folder and below, each by its path there with its SHA-256; () where there is none.",
    )
    .register_into_engine(engine, files);
    function("Host.disk(path: string) -> map", "The filesystem of a path: `total_bytes`, `free_bytes`.")
        .register_into_engine(engine, disk);
    function(
        "Host.service(unit: string) -> map",
        "A unit of systemd: `load`, `active`, `sub`, `result`, `main_pid`, `invocation`, `restarts`, `exit_status`, `needs_reload`, `unit_file`, `command`.",
    )
    .register_into_engine(engine, service);
    function("Host.service_log(unit: string, lines: int) -> string", "The last lines that a unit wrote.")
        .register_into_engine(engine, service_log);
    function(
        "Host.process(pid: int) -> map",
        "What a process has open: its `jars`, by their real paths, and the `ports` on which it listens.",
    )
    .register_into_engine(engine, process);
    function("Host.clock() -> int", "Milliseconds since 1970, by its own clock.").register_into_engine(engine, clock);
}

fn of_broker(context: NativeCallContext, cluster: &mut Cluster, broker: INT) -> RhaiResultOf<OnHost> {
    let id = i32::try_from(broker).unwrap_or(-1);
    cluster.0.connection.hosts.home(id).map_err(|error| raise(&context, error))?;
    Ok(OnHost { host: cluster.0.clone(), which: Which::Broker(id) })
}

/// Where a broker lives on its host; () of another machine.
fn home(on: &mut OnHost) -> Dynamic {
    let Which::Broker(id) = on.which else { return Dynamic::UNIT };
    let Ok(home) = on.host.connection.hosts.home(id) else { return Dynamic::UNIT };
    to_script(&json!({
        "destination": home.destination,
        "service": home.service,
        "install_root": home.install_root,
        "link": home.link_path(),
        "config": home.config_path(),
    }))
}

/// One question to a machine.
fn ask<T>(
    context: &NativeCallContext,
    on: &OnHost,
    question: impl FnOnce(&dyn Machine) -> Result<T, Error>,
) -> RhaiResultOf<T> {
    on.machine().and_then(|machine| question(&*machine)).map_err(|error| raise(context, error))
}

fn read(context: NativeCallContext, on: &mut OnHost, script: &str) -> RhaiResultOf<String> {
    ask(&context, on, |machine| {
        let output = machine.run(&Command::new(script))?;
        if output.status == 0 {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let text = format!("{}: it ended with {}: {}", machine.name(), output.status, said.trim());
        Err(Error::new("COMMAND_FAILED", text))
    })
}

fn exists(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<bool> {
    ask(&context, on, |machine| Ok(machine.kind(path)? != Kind::Missing))
}

fn kind(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<String> {
    ask(&context, on, |machine| {
        Ok(match machine.kind(path)? {
            Kind::Missing => "missing",
            Kind::File => "file",
            Kind::Folder => "folder",
            Kind::Link => "link",
        }
        .to_owned())
    })
}

fn read_file(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<String> {
    ask(&context, on, |machine| {
        let bytes = machine.read_file(path)?.ok_or_else(|| missing(machine, path))?;
        String::from_utf8(bytes)
            .map_err(|_| Error::new("NOT_TEXT", format!("{}: {path} is not UTF-8 text", machine.name())))
    })
}

pub(super) fn missing(machine: &dyn Machine, path: &str) -> Error {
    Error::new("NO_SUCH_FILE", format!("{}: there is no {path}", machine.name()))
}

fn read_link(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<Dynamic> {
    ask(&context, on, |machine| Ok(machine.read_link(path)?.map_or(Dynamic::UNIT, Dynamic::from)))
}

fn checksum(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<Dynamic> {
    ask(&context, on, |machine| Ok(machine.checksum(path)?.map_or(Dynamic::UNIT, Dynamic::from)))
}

fn glob(context: NativeCallContext, on: &mut OnHost, pattern: &str) -> RhaiResultOf<Array> {
    ask(&context, on, |machine| Ok(machine.glob(pattern)?.into_iter().map(Dynamic::from).collect()))
}

fn files(context: NativeCallContext, on: &mut OnHost, folder: &str) -> RhaiResultOf<Dynamic> {
    ask(&context, on, |machine| {
        Ok(machine.provision().files_below(folder, &[])?.map_or(Dynamic::UNIT, |files| to_script(&json!(files))))
    })
}

fn disk(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<Dynamic> {
    ask(&context, on, |machine| {
        let disk = machine.disk(path)?;
        Ok(to_script(&json!({ "total_bytes": disk.total_bytes, "free_bytes": disk.free_bytes })))
    })
}

fn service(context: NativeCallContext, on: &mut OnHost, unit: &str) -> RhaiResultOf<Dynamic> {
    ask(&context, on, |machine| Ok(to_script(&service_json(&machine.service(unit)?))))
}

fn service_json(service: &Service) -> serde_json::Value {
    json!({
        "load": service.load,
        "active": service.active,
        "sub": service.sub,
        "result": service.result,
        "main_pid": service.main_pid,
        "invocation": service.invocation,
        "restarts": service.restarts,
        "exit_status": service.exit_status,
        "needs_reload": service.needs_reload,
        "unit_file": service.unit_file,
        "command": service.command,
    })
}

fn service_log(context: NativeCallContext, on: &mut OnHost, unit: &str, lines: INT) -> RhaiResultOf<String> {
    let lines = u32::try_from(lines).unwrap_or(1);
    ask(&context, on, |machine| machine.service_log(unit, lines))
}

fn process(context: NativeCallContext, on: &mut OnHost, pid: INT) -> RhaiResultOf<Dynamic> {
    let pid = u32::try_from(pid).unwrap_or(0);
    ask(&context, on, |machine| {
        let process = machine.process(pid)?;
        Ok(to_script(&json!({ "jars": process.jars, "ports": process.ports })))
    })
}

fn clock(context: NativeCallContext, on: &mut OnHost) -> RhaiResultOf<INT> {
    ask(&context, on, |machine| machine.clock())
}
