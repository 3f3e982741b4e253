//! All that is worth knowing of a broker's host: who one is there, the unit, what runs and what would run after a restart, the
//! log dirs and whose they are, Java, the clock.

use super::hosts::Home;
use super::jar;
use super::machine::{Disk, Kind, Machine, Service};
use crate::error::Error;
use crate::quantity::Version;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Facts {
    /// As whom krun changes things there; empty where that cannot be asked.
    pub user: String,
    /// None where there is no systemd.
    pub service: Option<Service>,
    /// Where the link points to, as it says.
    pub link: Option<String>,
    /// Of the jar behind the link: what a restart would run.
    pub link_version: Option<String>,
    /// The folders `kafka_…` below the install root.
    pub installed: Vec<String>,
    /// Of the jar that the unit's main process has open: what runs, wherever the link points to by now.
    pub running_version: Option<String>,
    /// What its log said last.
    pub logged_version: Option<String>,
    /// Jars that the main process has open.
    pub jars: Vec<String>,
    /// TCP ports on which the main process listens.
    pub ports: Vec<u16>,
    /// What the broker's `server.properties` says.
    pub config: Config,
    pub log_dirs: Vec<LogDir>,
    /// Of the Java that runs the main process.
    pub java: Option<String>,
    pub clock: Clock,
}

/// Of `server.properties`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Whether the file is there and can be read.
    pub found: bool,
    /// `node.id`, or `broker.id` where there is none.
    pub broker_id: Option<i32>,
    /// Of `listeners` and `advertised.listeners`.
    pub ports: Vec<u16>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LogDir {
    pub path: String,
    /// Of its `meta.properties`: `node.id` or `broker.id`. None before a broker has started there.
    pub broker_id: Option<i32>,
    /// Kafka before 2.4 writes none.
    pub cluster_id: Option<String>,
    pub disk: Option<Disk>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// By how many milliseconds it is ahead of this machine's.
    pub ahead_ms: i64,
    /// How exact that is: half the time that the question was on its way.
    pub within_ms: i64,
}

impl Clock {
    /// From this machine's clock before and after the question, and the host's at its begin and end.
    pub(super) fn compared((before, after): (i64, i64), (begin, end): (i64, i64)) -> Self {
        let under_way = (after - before) - (end - begin);
        Self { at_ms: end, ahead_ms: (begin + end - before - after) / 2, within_ms: (under_way / 2).max(0) }
    }
}

impl Config {
    pub(super) fn of(text: &str) -> Self {
        let mut ports = BTreeSet::new();
        for key in ["listeners", "advertised.listeners"] {
            let listeners = value_of(text, key).unwrap_or_default();
            ports.extend(listeners.split(',').filter_map(|one| one.trim().rsplit(':').next()?.parse::<u16>().ok()));
        }
        Self { found: true, broker_id: id_of(text), ports: ports.into_iter().collect() }
    }
}

impl LogDir {
    pub(super) fn of(path: String, meta: &str, disk: Option<Disk>) -> Self {
        Self { path, broker_id: id_of(meta), cluster_id: value_of(meta, "cluster.id"), disk }
    }
}

impl Facts {
    /// The version in the last line of a log that names one: `Kafka version : 2.1.1 (…)`, `Kafka version: 2.6.3 (…)`.
    pub(super) fn version_in_log(line: &str) -> Option<String> {
        let rest = line.rsplit_once("Kafka version")?.1.trim_start_matches([' ', ':']);
        let word = rest.split([' ', '(']).next()?;
        word.parse::<Version>().ok().map(|version| version.to_string())
    }
}

/// The version of the first of these jars, or of the folder that a link points to.
pub(super) fn version_behind<'a>(jars: impl IntoIterator<Item = &'a str>, link: Option<&str>) -> Option<String> {
    jar::running_version(jars).or_else(|| jar::version_of(link?.trim_end_matches('/'))).map(|it| it.to_string())
}

/// With one question for each fact: slower, and the same on every kind of machine.
pub(super) fn asked_one_by_one<M: Machine + ?Sized>(machine: &M, home: &Home) -> Result<Facts, Error> {
    let before = Timestamp::now().as_millisecond();
    let begin = machine.clock()?;
    let clock = Clock::compared((before, Timestamp::now().as_millisecond()), (begin, begin));
    let service = machine.service(&home.service).ok();
    let pid = service.as_ref().and_then(|service| service.main_pid);
    let process = pid.and_then(|pid| machine.process(pid).ok()).unwrap_or_default();
    let root = home.install_root.trim_end_matches('/');
    let mut installed = Vec::new();
    for path in machine.glob(&format!("{root}/kafka_*"))? {
        if machine.kind(&path)? == Kind::Folder {
            installed.push(path.rsplit('/').next().unwrap_or_default().to_owned());
        }
    }
    let link_path = home.link_path();
    let link = if machine.kind(&link_path)? == Kind::Link { machine.read_link(&link_path)? } else { None };
    let behind = machine.glob(&format!("{link_path}/libs/kafka_*.jar"))?;
    let text = machine.read_file(&home.config_path())?;
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mut log_dirs = Vec::new();
    for path in text.as_deref().map(log_dirs_of).unwrap_or_default() {
        let meta = machine.read_file(&format!("{path}/meta.properties")).ok().flatten().unwrap_or_default();
        let disk = machine.disk(&path).ok();
        log_dirs.push(LogDir::of(path, &String::from_utf8_lossy(&meta), disk));
    }
    Ok(Facts {
        user: String::new(),
        service,
        link_version: version_behind(behind.iter().map(String::as_str), link.as_deref()),
        link,
        installed,
        running_version: version_behind(process.jars.iter().map(String::as_str), None),
        logged_version: None,
        jars: process.jars,
        ports: process.ports,
        config: text.as_deref().map(Config::of).unwrap_or_default(),
        log_dirs,
        java: process.java,
        clock,
    })
}

/// Where Kafka would look for its log dirs: `log.dirs`, else `log.dir`, else below `/tmp`.
fn log_dirs_of(text: &str) -> Vec<String> {
    let dirs = value_of(text, "log.dirs").or_else(|| value_of(text, "log.dir"));
    let dirs = dirs.unwrap_or_else(|| "/tmp/kafka-logs".to_owned());
    dirs.split(',').map(|dir| dir.trim().to_owned()).filter(|dir| !dir.is_empty()).collect()
}

fn id_of(text: &str) -> Option<i32> {
    value_of(text, "node.id").or_else(|| value_of(text, "broker.id"))?.parse().ok()
}

/// The value that counts: of several lines with a key, the last. Only what keys and values of brokers have is understood here;
/// whoever edits such a file reads it by `edit`.
fn value_of(text: &str, key: &str) -> Option<String> {
    let joined = text.replace("\r\n", "\n").replace("\\\n", "\u{0}");
    let lines = joined.lines().map(str::trim_start).filter(|line| !line.starts_with(['#', '!']));
    let value = |line: &str| {
        let rest = line.strip_prefix(key).filter(|rest| rest.starts_with([' ', '\t', '=', ':']) || rest.is_empty())?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
        let parts: Vec<&str> = rest.split('\u{0}').map(str::trim_start).collect();
        Some(parts.concat().trim().replace('\\', ""))
    };
    lines.filter_map(value).next_back()
}

#[cfg(test)]
mod tests {
    use super::{Clock, Config, Facts, log_dirs_of, value_of};

    #[test]
    fn what_counts_of_a_properties_file_is_found() {
        let text = "# broker.id=9\nbroker.id = 1\nbroker.id=3\nlisteners=PLAINTEXT://:9092,SSL://[::1]:9093\nlog.dir=/x\nlog.dirs=/a, \\\n  /b\r\n";
        let config = Config::of(text);
        assert_eq!((config.broker_id, config.ports), (Some(3), vec![9092, 9093]));
        assert_eq!(log_dirs_of(text), ["/a", "/b"]);
        assert_eq!(value_of(text, "log"), None);
        assert_eq!(log_dirs_of(""), ["/tmp/kafka-logs"]);
    }

    #[test]
    fn both_spellings_of_the_log_are_read() {
        for (line, version) in [
            (
                "[2026-11-28 09:00:00,1] INFO Kafka version : 2.1.1 (org.apache.kafka.common.utils.AppInfoParser)",
                "2.1.1",
            ),
            (
                "[2026-11-28 09:00:00,1] INFO Kafka version: 3.9.2 (org.apache.kafka.common.utils.AppInfoParser)",
                "3.9.2",
            ),
        ] {
            assert_eq!(Facts::version_in_log(line).as_deref(), Some(version));
        }
        assert_eq!(Facts::version_in_log("INFO started"), None);
    }

    #[test]
    fn a_clock_is_compared_with_the_middle_of_the_question() {
        let clock = Clock::compared((1000, 1100), (6030, 6070));
        assert_eq!((clock.ahead_ms, clock.within_ms), (5000, 30));
    }
}
