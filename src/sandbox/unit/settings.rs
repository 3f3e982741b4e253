//! What a broker makes of its `server.properties`, and what it dies of.

use super::protocol;
use crate::edit::properties::Properties;
use crate::sandbox::guise::{Guise, Line};
use std::collections::BTreeMap;

/// Where a broker listens of which nothing is said.
const USUAL_PORT: u16 = 9092;
/// Keys that brokers do not read any more since 3.0 (KAFKA-12945).
const REMOVED: [&str; 4] = ["port", "host.name", "advertised.port", "advertised.host.name"];
const REMOVED_IN: Line = (3, 0);
/// Since when there are no protocols of brokers in files, nor `ZooKeeper`.
const ONLY_KRAFT: Line = (4, 0);
const PROTOCOL: &str = "inter.broker.protocol.version";
const FORMAT: &str = "log.message.format.version";

/// A file that a broker can work with.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) values: BTreeMap<String, String>,
    /// `broker.id`, or `node.id`; without it the log dir decides.
    pub(super) id: Option<i32>,
    pub(super) log_dirs: Vec<String>,
    pub(super) port: u16,
    pub(super) advertised_port: u16,
    /// Nothing with `KRaft`, where the cluster has one for all.
    pub(super) protocol: Option<Line>,
    /// Keys that this release ignores.
    pub(super) ignored: Vec<&'static str>,
}

impl Settings {
    /// Or what the exception says.
    pub(super) fn read(file: &Properties, guise: Guise) -> Result<Self, String> {
        let values: BTreeMap<String, String> =
            file.keys().into_iter().map(|key| (key.to_owned(), file.get(key).unwrap_or_default().to_owned())).collect();
        let get = |key: &str| values.get(key).map(String::as_str).filter(|value| !value.trim().is_empty());
        let exception = |text: String| format!("org.apache.kafka.common.config.ConfigException: {text}");
        let missing =
            |key: &str| exception(format!("Missing required configuration \"{key}\" which has no default value."));
        let number = |key: &str| -> Result<Option<i32>, String> {
            let wrong = |value: &str| {
                exception(format!("Invalid value {value} for configuration {key}: Not a number of type INT"))
            };
            get(key).map(|value| value.trim().parse().map_err(|_| wrong(value))).transpose()
        };
        if guise.has_zookeeper() && get("zookeeper.connect").is_none() {
            return Err(missing("zookeeper.connect"));
        }
        if !guise.has_zookeeper() && get("process.roles").is_none() {
            return Err(missing("process.roles"));
        }
        let id = match number("node.id")?.filter(|_| !guise.has_zookeeper()) {
            Some(id) => Some(id),
            None => number("broker.id")?,
        };
        let release = guise.line();
        let line = |key: &str| -> Result<Option<Line>, String> {
            let Some(value) = get(key).filter(|_| guise.has_zookeeper()) else { return Ok(None) };
            let known = protocol::line_of(value, release);
            known.map(Some).ok_or_else(|| {
                let why = format!("Version `{value}` is not a valid version");
                exception(format!("Invalid value {value} for configuration {key}: {why}"))
            })
        };
        line(FORMAT)?;
        let protocol = line(PROTOCOL)?.or_else(|| guise.has_zookeeper().then_some(release));
        let is_old = release < REMOVED_IN;
        let own_port = number("port")?.filter(|_| is_old).and_then(|port| u16::try_from(port).ok());
        let port = get("listeners").and_then(port_of).or(own_port).unwrap_or(USUAL_PORT);
        let advertised = number("advertised.port")?.filter(|_| is_old).and_then(|port| u16::try_from(port).ok());
        let advertised_port = get("advertised.listeners").and_then(port_of).or(advertised).unwrap_or(port);
        let dirs = get("log.dirs").or_else(|| get("log.dir")).unwrap_or("/tmp/kafka-logs");
        let log_dirs = dirs.split(',').map(|dir| dir.trim().to_owned()).filter(|dir| !dir.is_empty()).collect();
        let ignored = REMOVED.into_iter().filter(|key| !is_old && values.contains_key(*key)).collect();
        Ok(Self { values, id, log_dirs, port, advertised_port, protocol, ignored })
    }
}

/// The port of the first of `PLAINTEXT://host:9092,SSL://…`.
fn port_of(listeners: &str) -> Option<u16> {
    listeners.split(',').next()?.rsplit_once(':')?.1.trim().parse().ok()
}

/// What a broker of this release takes where its file says nothing.
pub(super) fn defaults(guise: Guise) -> BTreeMap<String, String> {
    let own = protocol::default_of(guise.line()).filter(|_| guise.has_zookeeper() && !guise.is_at_least(ONLY_KRAFT));
    let Some(own) = own else { return BTreeMap::new() };
    // From 3.0 on the format of records is always that one (KIP-724).
    let format = if guise.is_at_least(REMOVED_IN) { "3.0-IV1".to_owned() } else { own.clone() };
    BTreeMap::from([(PROTOCOL.to_owned(), own), (FORMAT.to_owned(), format)])
}
