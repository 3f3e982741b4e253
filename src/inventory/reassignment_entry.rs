//! One partition of a reassignment file.

use super::json::{Node, Shape};
use super::topics_file::TOOL;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

const KEYS: [&str; 4] = ["topic", "partition", "replicas", "log_dirs"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) topic: Cow<'a, str>,
    pub(super) partition: i32,
    pub(super) replicas: Vec<i32>,
    #[serde(default)]
    log_dirs: Option<LogDirs>,
}

/// How many log dirs there are, and the first that is not `any`: all that is to be known of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct LogDirs {
    count: usize,
    named: Option<(usize, String)>,
}

impl LogDirs {
    fn add(&mut self, dir: &str) {
        if dir != "any" && self.named.is_none() {
            self.named = Some((self.count, dir.to_owned()));
        }
        self.count += 1;
    }
}

impl<'de> Deserialize<'de> for LogDirs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(LogDirsVisitor)
    }
}

struct LogDirsVisitor;

impl<'de> Visitor<'de> for LogDirsVisitor {
    type Value = LogDirs;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of log dirs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<LogDirs, A::Error> {
        let mut dirs = LogDirs::default();
        while let Some(dir) = items.next_element::<Cow<'de, str>>()? {
            dirs.add(&dir);
        }
        Ok(dirs)
    }
}

/// What is wrong with an entry.
pub(super) struct Wrong {
    /// Which entry.
    pub(super) entry: usize,
    pub(super) at: At,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Where in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Topic,
    Partition,
    Replicas,
    Replica(usize),
    LogDirs,
    LogDir(usize),
}

impl Wrong {
    /// The node that it is about.
    pub(super) fn place<'n>(&self, entry: &'n Node) -> &'n Node {
        let (key, nth) = match self.at {
            At::Topic => ("topic", None),
            At::Partition => ("partition", None),
            At::Replicas => ("replicas", None),
            At::Replica(nth) => ("replicas", Some(nth)),
            At::LogDirs => ("log_dirs", None),
            At::LogDir(nth) => ("log_dirs", Some(nth)),
        };
        let value = entry.as_object().and_then(|object| object.get(key)).unwrap_or(entry);
        nth.and_then(|nth| value.as_list().get(nth)).unwrap_or(value)
    }
}

impl Entry<'_> {
    /// What is wrong with it on a cluster of these brokers, whatever the topics are.
    pub(super) fn check(&self, brokers: &BTreeSet<i32>, say: &mut impl FnMut(At, String, String)) {
        let what = || format!("partition {} of topic \"{}\"", self.partition, self.topic);
        if self.replicas.is_empty() {
            say(At::Replicas, format!("{} is to have no replicas", what()), "name one broker at least".to_owned());
        }
        for (nth, id) in self.replicas.iter().enumerate() {
            if self.replicas[..nth].contains(id) {
                let hint = "a broker holds one replica of a partition: name each broker once".to_owned();
                say(At::Replica(nth), format!("{} has broker {id} twice in its replicas", what()), hint);
            } else if !brokers.contains(id) {
                let ids: Vec<String> = brokers.iter().take(20).map(i32::to_string).collect();
                let more = brokers.len().saturating_sub(ids.len());
                let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
                say(
                    At::Replica(nth),
                    format!("there is no broker {id}"),
                    format!("the brokers are {}{rest}", ids.join(", ")),
                );
            }
        }
        let Some(dirs) = &self.log_dirs else { return };
        if dirs.count != self.replicas.len() {
            let message = format!("{} has {} replicas and {} log dirs", what(), self.replicas.len(), dirs.count);
            say(At::LogDirs, message, "give \"any\" for each replica, or leave \"log_dirs\" out".to_owned());
        } else if let Some((nth, dir)) = &dirs.named {
            let message = format!("{} is to lie in the log dir \"{dir}\"", what());
            let hint = format!("krun does not choose log dirs: write \"any\", or carry it out with {TOOL}");
            say(At::LogDir(*nth), message, hint);
        }
    }
}

/// An entry of a file that serde refused, where it can be told what it was to be.
pub(super) fn entry_of<'n>(node: &'n Node, nth: usize, shape: &mut Shape<'_>) -> Option<Entry<'n>> {
    let object = shape.object(node, &format!("partitions[{nth}]"))?;
    let what = match object.get("topic").and_then(Node::as_text) {
        Some(topic) => format!("partitions[{nth}] (topic \"{topic}\")"),
        None => format!("partitions[{nth}]"),
    };
    shape.only(object, &what, &KEYS, TOOL);
    let topic = shape.required(object, &what, "topic", true);
    let topic = topic.and_then(|node| shape.text(node, &format!("\"topic\" of partitions[{nth}]")));
    let partition = shape.required(object, &what, "partition", true);
    let partition = partition.and_then(|node| id_of(node, &format!("\"partition\" of {what}"), shape));
    let replicas = shape.required(object, &what, "replicas", true);
    let replicas = replicas.and_then(|node| {
        let items = shape.list(node, &format!("\"replicas\" of {what}"))?;
        let ids = items.iter().map(|item| id_of(item, &format!("a replica of {what}"), shape));
        ids.collect::<Vec<_>>().into_iter().collect()
    });
    let mut log_dirs = None;
    if let Some(node) = object.get("log_dirs") {
        let mut dirs = LogDirs::default();
        for item in shape.list(node, &format!("\"log_dirs\" of {what}"))? {
            dirs.add(shape.text(item, &format!("a log dir of {what}"))?);
        }
        log_dirs = Some(dirs);
    }
    Some(Entry { topic: topic?.into(), partition: partition?, replicas: replicas?, log_dirs })
}

/// A broker's id or a partition's number.
fn id_of(node: &Node, what: &str, shape: &mut Shape<'_>) -> Option<i32> {
    shape.whole(node, what, &(0..=i128::from(i32::MAX))).and_then(|number| i32::try_from(number).ok())
}
