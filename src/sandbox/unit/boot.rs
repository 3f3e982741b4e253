//! A broker that starts reads its host: the jar behind the link is the release that it is of, the file behind the link says the rest.
//! What does not fit ends it at once, and `server.log` has Kafka's words for it.

use super::furnish::{meta, put};
use super::server_log::line;
use super::settings::{self, Settings};
use crate::edit::properties::Properties;
use crate::sandbox::guise::Guise;
use crate::sandbox::host::path::Root;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a broker finds in the world around its host.
pub(super) struct Around {
    /// Whose host it is.
    pub(super) id: i32,
    /// Where clients look for it; none before it was there for the first time.
    pub(super) port: Option<u16>,
    pub(super) cluster_id: String,
    /// What the cluster began as: what holds it together, and with `KRaft` the level of its metadata.
    pub(super) cluster: Guise,
    pub(super) disk_is_full: bool,
    pub(super) port_is_taken: bool,
}

/// A broker that came up.
#[derive(Debug)]
pub(super) struct Booted {
    pub(super) guise: Guise,
    /// What its brokers' protocol is; the release's own with `KRaft`.
    pub(super) protocol: crate::sandbox::guise::Line,
    pub(super) file: BTreeMap<String, String>,
    pub(super) defaults: BTreeMap<String, String>,
    /// By its real path.
    pub(super) jar: String,
    pub(super) port: u16,
    /// It is reached where the cluster's clients look for it.
    pub(super) is_at_its_address: bool,
    pub(super) says: Vec<String>,
}

/// A broker that did not.
#[derive(Debug)]
pub(super) struct Died {
    pub(super) status: i32,
    pub(super) says: Vec<String>,
}

impl Died {
    fn of(status: i32, says: Vec<String>) -> Self {
        Self { status, says }
    }

    /// Before the server is there.
    fn early(says: String) -> Self {
        Self::of(1, vec![line("ERROR", "Exiting Kafka due to fatal exception", "kafka.Kafka$"), says])
    }

    /// While it starts.
    fn starting(id: i32, says: String) -> Self {
        let text = format!("[KafkaServer id={id}] Fatal error during KafkaServer startup. Prepare to shutdown");
        Self::of(1, vec![line("ERROR", &text, "kafka.server.KafkaServer"), says])
    }
}

/// `command` is what the unit starts: the start script, and the file that it is given.
pub(super) fn boot(root: &Root, command: &str, around: &Around) -> Result<Booted, Died> {
    let mut words = command.split_whitespace();
    let (script, config) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let script_there = root.place(script).ok().filter(|place| place.is_file());
    let Some(script_there) = script_there else {
        let text = format!("kafka-server.service: Failed to locate executable {script}: No such file or directory");
        return Err(Died::of(203, vec![text]));
    };
    let Some((jar, version)) = jar_of(&script_there) else {
        return Err(Died::of(1, vec!["Error: Could not find or load main class kafka.Kafka".to_owned()]));
    };
    let Some(guise) = around.cluster.with_jar(&version) else {
        let key = if around.cluster.has_zookeeper() { "process.roles" } else { "zookeeper.connect" };
        let text = format!("Missing required configuration \"{key}\" which has no default value.");
        return Err(Died::early(format!("org.apache.kafka.common.config.ConfigException: {text}")));
    };
    let settings = read_settings(root, config, guise)?;
    let id = check_log_dirs(root, &settings, guise, around)?;
    check_metadata_version(guise, around, id)?;
    if around.port_is_taken {
        let why = format!("Socket server failed to bind to 127.0.0.1:{}: Address already in use.", settings.port);
        return Err(Died::starting(id, format!("org.apache.kafka.common.KafkaException: {why}")));
    }
    let is_at_its_address = id == around.id
        && settings.port == settings.advertised_port
        && around.port.is_none_or(|port| port == settings.port);
    Ok(Booted {
        guise,
        protocol: settings.protocol.unwrap_or(guise.line()),
        says: said(&settings, guise, id),
        file: settings.values,
        defaults: settings::defaults(guise),
        jar: root.on_host(&jar),
        port: settings.port,
        is_at_its_address,
    })
}

/// The jar that the script's `bin/../libs/` has, and its version.
fn jar_of(script: &Path) -> Option<(PathBuf, String)> {
    let libs = script.parent()?.parent()?.join("libs");
    let mut jars: Vec<PathBuf> = std::fs::read_dir(libs).ok()?.filter_map(Result::ok).map(|one| one.path()).collect();
    jars.sort();
    jars.into_iter().find_map(|jar| {
        let version = jar.file_name()?.to_str()?.strip_prefix("kafka_")?.strip_suffix(".jar")?.split_once('-')?.1;
        (!version.contains('-')).then(|| (jar.clone(), version.to_owned()))
    })
}

fn read_settings(root: &Root, config: &str, guise: Guise) -> Result<Settings, Died> {
    let bytes = root.place(config).ok().and_then(|place| std::fs::read(place).ok());
    let bytes = bytes.ok_or_else(|| Died::early(format!("java.nio.file.NoSuchFileException: {config}")))?;
    let file = Properties::parse(&bytes)
        .map_err(|_| Died::early("java.lang.IllegalArgumentException: Malformed \\uxxxx encoding.".to_owned()))?;
    Settings::read(&file, guise).map_err(Died::early)
}

/// Gives the id that the broker has, as its file and its log dirs say alike.
fn check_log_dirs(root: &Root, settings: &Settings, guise: Guise, around: &Around) -> Result<i32, Died> {
    let none_left = |why: Vec<String>| {
        let dirs = settings.log_dirs.join(", ");
        let text =
            format!("Shutdown broker because none of the specified log dirs from {dirs} can be created or validated");
        let last = line("ERROR", &text, "kafka.log.LogManager");
        Died::of(1, why.into_iter().chain([last]).collect())
    };
    let bad = |dir: &String, why: &str| {
        let text = format!("Failed to create or validate data directory {dir}");
        [line("ERROR", &text, "kafka.server.LogDirFailureChannel"), format!("java.io.IOException: {why}")]
    };
    let (mut whys, mut good) = (Vec::new(), Vec::new());
    for dir in &settings.log_dirs {
        match root.place(dir).ok().filter(|place| place.is_dir()) {
            None => whys.extend(bad(dir, &format!("Failed to load {dir} during broker startup"))),
            Some(_) if around.disk_is_full => whys.extend(bad(dir, "No space left on device")),
            Some(place) => good.push(place),
        }
    }
    if good.is_empty() {
        return Err(none_left(whys));
    }
    let mut id = settings.id.filter(|id| *id >= 0);
    for place in good {
        let file = place.join("meta.properties");
        let stored = std::fs::read(&file).ok().and_then(|bytes| Properties::parse(&bytes).ok());
        let stored_number = |key| stored.as_ref().and_then(|stored| stored.get(key)?.trim().parse::<i32>().ok());
        let stored_id = stored_number("node.id").or_else(|| stored_number("broker.id"));
        let own = id.or(stored_id).unwrap_or(around.id);
        id = Some(own);
        if let Some(other) = stored_id.filter(|other| *other != own) {
            let class = "kafka.common.InconsistentBrokerIdException";
            return Err(Died::starting(
                own,
                format!(
                    "{class}: Configured broker.id {own} doesn't match stored broker.id {other} in meta.properties. If you moved \
                 your data, make sure your configured broker.id matches. If you intend to create a new broker, you should \
                 remove all data in your data directories (log.dirs)."
                ),
            ));
        }
        let stored_cluster = stored.as_ref().and_then(|stored| stored.get("cluster.id"));
        match stored_cluster {
            Some(other) if other != around.cluster_id => {
                let class = "kafka.common.InconsistentClusterIdException";
                return Err(Died::starting(
                    own,
                    format!(
                        "{class}: The Cluster ID {} doesn't match stored clusterId Some({other}) in meta.properties. The broker \
                     is trying to join the wrong cluster. Configured zookeeper.connect may be wrong.",
                        around.cluster_id
                    ),
                ));
            }
            Some(_) => {}
            None => drop(put(&file, &meta(own, &around.cluster_id, guise))),
        }
    }
    Ok(id.unwrap_or(around.id))
}

/// With `KRaft`, a release that is older than the metadata of the cluster does not understand them.
fn check_metadata_version(guise: Guise, around: &Around, id: i32) -> Result<(), Died> {
    match (guise.metadata_version(), around.cluster.metadata_version()) {
        (Some(highest), Some(level)) if highest < level => Err(Died::starting(
            id,
            format!(
                "java.lang.IllegalArgumentException: No MetadataVersion with feature level {level}. \
                 Valid feature levels are from 1 to {highest}."
            ),
        )),
        _ => Ok(()),
    }
}

fn said(settings: &Settings, guise: Guise, id: i32) -> Vec<String> {
    let ignored = |key: &&str| {
        let text = format!("The configuration '{key}' was supplied but isn't a known config.");
        line("WARN", &text, "kafka.server.KafkaConfig")
    };
    let mut says: Vec<String> = settings.ignored.iter().map(ignored).collect();
    let colon = if guise.is_at_least((2, 2)) { ":" } else { " :" };
    let parser = "org.apache.kafka.common.utils.AppInfoParser";
    says.push(line(
        "INFO",
        &format!("Awaiting socket connections on 0.0.0.0:{}.", settings.port),
        "kafka.network.Acceptor",
    ));
    says.push(line("INFO", &format!("Kafka version{colon} {guise}"), parser));
    says.push(if guise.has_zookeeper() {
        line("INFO", &format!("[KafkaServer id={id}] started"), "kafka.server.KafkaServer")
    } else {
        line("INFO", &format!("[KafkaRaftServer nodeId={id}] Kafka Server started"), "kafka.server.KafkaRaftServer")
    });
    says
}
