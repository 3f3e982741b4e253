//! What a plan is asked for: which topics, which brokers, and what is to become of them.

use super::state::{State, Topic};
use crate::error::Error;
use crate::suggestion::did_you_mean;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The wish. Its default levels every topic over every broker that is not leaving.
///
/// Topics outside the scope stay where they are and do not count: the level is that of the chosen topics alone, so a topic
/// that is planned on its own spreads over all brokers, whatever the others do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// These topics only; all without it.
    pub topics: Option<Vec<String>>,
    /// Not the topics whose whole name one of these regular expressions matches.
    pub exclude: Vec<String>,
    /// The brokers that may hold the topics afterwards; without it all that are not leaving.
    pub brokers: Option<Vec<i32>>,
    /// Brokers that must end empty, beside those that the state marks as leaving.
    pub drain: Vec<i32>,
    /// Brokers that must end empty, each with the one that takes its place.
    pub replace: Vec<Replacement>,
    /// How many replicas each partition is to have; as many as before without it.
    pub replication_factor: Option<u16>,
    /// At most so many bytes are copied: a part of the whole plan that is balanced in itself.
    pub max_bytes: Option<u64>,
    /// What is levelled.
    pub by: Aim,
    /// Per cent of each disk that stay free; 15 without it.
    pub spare: Option<u8>,
    /// Move only what has to leave its broker or has to be added; the others keep what they have, level or not.
    pub forced_only: bool,
    /// Level the leaders, and move no replica that does not have to.
    pub leaders_only: bool,
}

/// One broker in the place of another, which may be down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    pub broker: i32,
    pub with: i32,
}

impl FromStr for Replacement {
    type Err = Error;

    /// `5=7`: broker 7 takes the place of broker 5.
    fn from_str(text: &str) -> Result<Self, Error> {
        let pair = text.split_once('=').and_then(|(broker, with)| {
            Some(Self { broker: broker.trim().parse().ok()?, with: with.trim().parse().ok()? })
        });
        pair.ok_or_else(|| {
            Error::new("INVALID_REPLACEMENT", format!("`{text}` does not say which broker takes whose place"))
                .hint("write 5=7 for broker 7 in the place of broker 5")
        })
    }
}

/// What every broker should have alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// Replicas, within one; bytes as far as that allows.
    #[default]
    Counts,
    /// Bytes, within so many per cent of the level, with as few of them moved as can be.
    Bytes { tolerance: u8 },
}

/// Per cent of a disk that a plan leaves free where nothing else is said.
const SPARE: u8 = 15;

impl Scope {
    /// Whether every broker keeps what it has.
    pub(super) fn keeps(&self) -> bool {
        self.forced_only || self.leaders_only
    }

    pub(super) fn spare(&self) -> u8 {
        self.spare.unwrap_or(SPARE).min(100)
    }

    /// The chosen topics, those of Kafka itself last, each group by name.
    pub(super) fn choose<'a>(&self, state: &'a State) -> Result<Vec<&'a Topic>, Error> {
        let mut names = BTreeSet::new();
        for topic in &state.topics {
            if !names.insert(topic.name.as_str()) {
                return Err(malformed(format!("topic \"{}\" is in the state twice", topic.name)));
            }
        }
        for name in self.topics.iter().flatten() {
            if !names.contains(name.as_str()) {
                let error = Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no topic \"{name}\""));
                let hint = did_you_mean(name, names.iter().copied());
                return Err(error.hint(hint.unwrap_or_else(|| format!("the cluster has {} topics", names.len()))));
            }
        }
        let excluded = self.excluded(&names)?;
        let wanted: Option<BTreeSet<&str>> =
            self.topics.as_ref().map(|topics| topics.iter().map(String::as_str).collect());
        let chosen = |topic: &&Topic| {
            let name = topic.name.as_str();
            wanted.as_ref().is_none_or(|wanted| wanted.contains(name)) && !excluded.contains(name)
        };
        let mut topics: Vec<&Topic> = state.topics.iter().filter(chosen).collect();
        topics.sort_by_key(|topic| (topic.is_internal(), topic.name.as_str()));
        Ok(topics)
    }

    /// What `exclude` leaves out. One that matches nothing is a mistake: it protects nothing.
    fn excluded<'a>(&self, names: &BTreeSet<&'a str>) -> Result<BTreeSet<&'a str>, Error> {
        let mut excluded = BTreeSet::new();
        for pattern in &self.exclude {
            let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
                Error::new("INVALID_REGEX", format!("`{pattern}` is no regular expression: {error}"))
                    .hint("it has to match a topic's whole name, such as `metrics-.*`")
            })?;
            let matched: Vec<&str> = names.iter().copied().filter(|name| whole.is_match(name)).collect();
            if matched.is_empty() {
                let error = Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("no topic is named like `{pattern}`"));
                let hint = did_you_mean(pattern, names.iter().copied());
                return Err(error.hint(hint.unwrap_or_else(|| "it has to match a topic's whole name".to_owned())));
            }
            excluded.extend(matched);
        }
        Ok(excluded)
    }
}

pub(super) fn malformed(message: String) -> Error {
    Error::new("INVALID_STATE", message).hint("take the state of the cluster anew, or correct the state file")
}
