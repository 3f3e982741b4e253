//! `kafka::distribution(path)` and `host.install(…)`: releases on the operator's machine, and on hosts.

use crate::bind::host::Host;
use crate::bind::machine::OnHost;
use crate::bind::machine_change::perform;
use crate::bind::options::Options;
use crate::bind::provision::owner_of;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::effect::install::{self, Place};
use crate::error::Error;
use crate::host::Which;
use rhai::{Dynamic, Engine, Map, Module, NativeCallContext};
use serde_json::json;

/// Adds to the functions of `kafka::`.
pub(super) fn into(kafka: &mut Module) {
    let about = "A release of Kafka on this machine, an archive as Apache publishes it or a folder, read to its end: `name`, `version`, `path` (absolute), `bytes` (unpacked), `files` (those below bin, config and libs, each with its SHA-256). Options: `sha512`, of an archive.";
    function("distribution(path: string) -> map", about)
        .set_into_module(kafka, |context: NativeCallContext, path: &str| distribution(context, path, Map::new()));
    function("distribution(path: string, options: map) -> map", about).set_into_module(kafka, distribution);
}

pub(crate) fn register(engine: &mut Engine) {
    let about = "A release of Kafka beside those that a host has: sent, unpacked, compared, and only then given its name. Gives its folder. One that is there already, and whole, is left as it is. Options: `sha512`, of an archive; `into` (a folder; where the host is a broker's: its install root), `owner` (as `owner(path)` gives it; else that of the version in use). An effect.";
    function("Host.install(path: string) -> string", about)
        .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, path: &str| {
            install_with(context, on, path, Map::new())
        });
    function("Host.install(path: string, options: map) -> string", about).register_into_engine(engine, install_with);
}

fn distribution(context: NativeCallContext, path: &str, options: Map) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let mut options = Options::new("distribution", options);
    let sha512 = options.text("sha512").and_then(|sha512| options.finish().map(|()| sha512));
    let found = sha512
        .and_then(|sha512| host.connection.hosts.open_distribution(path, sha512.as_deref()))
        .map_err(|error| raise(&context, error))?;
    Ok(to_script(&json!({
        "name": found.name,
        "version": found.version.to_string(),
        "path": found.path,
        "bytes": found.unpacked_bytes,
        "files": found.files,
    })))
}

fn install_with(context: NativeCallContext, on: &mut OnHost, path: &str, options: Map) -> RhaiResultOf<String> {
    let asked = || {
        let mut options = Options::new("install", options);
        let (sha512, into, owner) = (options.text("sha512")?, options.text("into")?, options.map("owner")?);
        options.finish()?;
        let place = Place { owner: owner.map(owner_of).transpose()?, ..place(on, into)? };
        let distribution = on.host.connection.hosts.open_distribution(path, sha512.as_deref())?;
        Ok(install::args(&on.which, &distribution, &place))
    };
    let args = asked().map_err(|error| raise(&context, error))?;
    perform(&context, on, install::NAME, &args)?;
    Ok(args["path"].as_str().unwrap_or_default().to_owned())
}

/// The folder that it comes into, and what is owned as it shall be.
fn place(on: &OnHost, into: Option<String>) -> Result<Place, Error> {
    match (&on.which, into) {
        (_, Some(into)) => Ok(Place { root: into.clone(), like: into, owner: None }),
        (Which::Broker(id), None) => {
            let home = on.host.connection.hosts.home(*id)?;
            Ok(Place { root: home.install_root.clone(), like: home.link_path(), owner: None })
        }
        (which, None) => {
            let text = format!("nobody says below which folder releases lie on {which}");
            Err(Error::new("INVALID_ARGUMENT", text).hint("install(PATH, #{ into: \"/usr/local\" })"))
        }
    }
}
