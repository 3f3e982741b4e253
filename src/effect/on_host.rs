//! What effects on hosts have in common: which machine, and what of it.

use crate::effect::connection::Connection;
use crate::error::{Error, Failure};
use crate::host::{Machine, Which};
use serde_json::Value;
use std::sync::Arc;

pub(super) const HOST: &str = "host";

/// The machine that an effect is about.
pub(super) fn machine(connection: &Connection, args: &Value) -> Result<Arc<dyn Machine>, Error> {
    connection.hosts.machine(&which(args)?)
}

/// The same for an act: a machine that cannot be found was not touched.
pub(super) fn machine_to_change(connection: &Connection, args: &Value) -> Result<Arc<dyn Machine>, Failure> {
    machine(connection, args).map_err(Failure::Refused)
}

pub(super) fn which(args: &Value) -> Result<Which, Error> {
    text(args, HOST).parse()
}

pub(super) fn text<'a>(args: &'a Value, key: &str) -> &'a str {
    args[key].as_str().unwrap_or_default()
}

/// `broker/1/usr/local/kafka`: one thing on a machine.
pub(super) fn target(args: &Value, key: &str) -> String {
    let (host, thing) = (text(args, HOST), text(args, key));
    format!("{host}{}{thing}", if thing.starts_with('/') { "" } else { "/" })
}

/// A host for people: `broker 1`, `peter-kafka01`, `this machine`.
pub(super) fn name(args: &Value) -> String {
    match which(args) {
        Ok(Which::Broker(id)) => format!("host of broker {id}"),
        Ok(Which::Ssh(destination)) => destination,
        Ok(Which::Local) => "this machine".to_owned(),
        Err(_) => text(args, HOST).to_owned(),
    }
}
