//! What Kafka's own tools print, as data. Pure; the tests below are outputs of Kafka 3.9.2, as they came.
//!
//! A line that is not understood is an error that shows it, never a shorter answer.

use super::partition::{Partition, in_order};
use serde_json::Value;
use std::collections::BTreeMap;

type Parsed<T> = Result<T, String>;

/// A partition on the move, from `--list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reassignment {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) replicas: Vec<i32>,
    pub(crate) adding: Vec<i32>,
    pub(crate) removing: Vec<i32>,
}

/// What `--verify` says of one partition of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MoveStatus {
    Completed,
    InProgress,
    /// Not on the move and not where the plan wants it: the tool's own words.
    Elsewhere(String),
}

/// A replica on a broker's disk, from `LogDirsCommand`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplicaSize {
    pub(crate) broker: i32,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) bytes: u64,
    /// On its way to another log dir of the same broker.
    pub(crate) future: bool,
}

/// The dynamic configs of entities (`topic orders`, `broker 1`, `brokers in the cluster`): the tool's own lines, sorted,
/// so that equality is equality of every byte that it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Configs(pub(crate) BTreeMap<String, Vec<String>>);

impl Configs {
    pub(crate) fn value(&self, entity: &str, key: &str) -> Option<&str> {
        let prefix = format!("{key}=");
        let rest = self.0.get(entity)?.iter().find_map(|line| line.strip_prefix(&prefix))?;
        rest.split_once(" sensitive=").map(|(value, _)| value)
    }

    /// Every line that throttles replication, with its entity: a rate, or a list that names a replica.
    pub(crate) fn throttles(&self) -> Vec<String> {
        let lines = self.0.iter().flat_map(|(entity, lines)| lines.iter().map(move |line| (entity, line)));
        let throttling = lines.filter(|(_, line)| {
            let (key, rest) = line.split_once('=').unwrap_or((line.as_str(), ""));
            key.contains("replication.throttled.") && !rest.starts_with(" sensitive=")
        });
        throttling.map(|(entity, line)| format!("{entity}: {line}")).collect()
    }
}

/// `TopicCommand --describe`
pub(crate) fn topics(text: &str) -> Parsed<Vec<Partition>> {
    let lines = text.lines().filter(|line| line.starts_with('\t'));
    lines.map(|line| partition(line).ok_or_else(|| unclear("TopicCommand", line))).collect::<Parsed<_>>().map(in_order)
}

fn partition(line: &str) -> Option<Partition> {
    let field = |name: &str| line.split('\t').find_map(|field| field.strip_prefix(name)?.strip_prefix(": "));
    let leader = match field("Leader")? {
        "none" => None,
        id => Some(id.parse().ok()?),
    };
    Some(Partition {
        topic: field("Topic")?.to_owned(),
        id: field("Partition")?.parse().ok()?,
        leader,
        replicas: ids(field("Replicas")?)?,
        isr: ids(field("Isr")?)?,
    })
}

/// `ConfigCommand --describe` of all topics or all brokers.
pub(crate) fn configs(text: &str) -> Parsed<Configs> {
    let mut configs = Configs::default();
    let mut entity = None;
    for line in text.lines() {
        if let Some(line) = line.strip_prefix("  ") {
            let lines: &mut Vec<String> = entity
                .as_ref()
                .and_then(|name| configs.0.get_mut(name))
                .ok_or_else(|| unclear("ConfigCommand", line))?;
            lines.push(line.to_owned());
            lines.sort();
        } else {
            let name = line.split_once(" configs for ").and_then(|(_, rest)| rest.strip_suffix(" are:"));
            let name = name.ok_or_else(|| unclear("ConfigCommand", line))?.to_owned();
            configs.0.insert(name.clone(), Vec::new());
            entity = Some(name);
        }
    }
    Ok(configs)
}

/// `ReassignPartitionsCommand --list`
pub(crate) fn reassignments(text: &str) -> Parsed<Vec<Reassignment>> {
    match text.trim() {
        "No partition reassignments found." => Ok(Vec::new()),
        text => match text.strip_prefix("Current partition reassignments:") {
            Some(list) => {
                list.trim().lines().map(|line| reassignment(line).ok_or_else(|| unclear("--list", line))).collect()
            }
            None => Err(unclear("--list", text)),
        },
    }
}

fn reassignment(line: &str) -> Option<Reassignment> {
    let (name, rest) = line.split_once(": replicas: ")?;
    let (topic, partition) = topic_partition(name)?;
    let mut fields = rest.strip_suffix('.')?.split(". ");
    let replicas = ids(fields.next()?)?;
    let (mut adding, mut removing) = (Vec::new(), Vec::new());
    for field in fields {
        match field.split_once(": ")? {
            ("adding", list) => adding = ids(list)?,
            ("removing", list) => removing = ids(list)?,
            _ => return None,
        }
    }
    Some(Reassignment { topic, partition, replicas, adding, removing })
}

/// `ReassignPartitionsCommand --verify --preserve-throttles`, by `topic-partition`.
pub(crate) fn verified(text: &str) -> Parsed<BTreeMap<String, MoveStatus>> {
    let lines = text.lines().filter(|line| !line.is_empty() && *line != "Status of partition reassignment:");
    lines.map(|line| move_status(line).ok_or_else(|| unclear("--verify", line))).collect()
}

fn move_status(line: &str) -> Option<(String, MoveStatus)> {
    if let Some(rest) = line.strip_prefix("Reassignment of partition ") {
        return match rest.split_once(" is ")? {
            (name, "completed.") => Some((name.to_owned(), MoveStatus::Completed)),
            (name, "still in progress.") => Some((name.to_owned(), MoveStatus::InProgress)),
            _ => None,
        };
    }
    let (name, _) = line.strip_prefix("There is no active reassignment of partition ")?.split_once(',')?;
    Some((name.to_owned(), MoveStatus::Elsewhere(line.to_owned())))
}

/// `ReassignPartitionsCommand --generate`: the assignment as it is and the proposed one, as JSON.
pub(crate) fn generated(text: &str) -> Parsed<(Value, Value)> {
    let mut plans = text.lines().filter(|line| line.starts_with('{')).map(serde_json::from_str);
    match (plans.next(), plans.next()) {
        (Some(Ok(current)), Some(Ok(proposed))) => Ok((current, proposed)),
        _ => Err(unclear("--generate", text)),
    }
}

/// `LogDirsCommand --describe`: its last line. A log dir with an error is an error.
pub(crate) fn replica_sizes(text: &str) -> Parsed<Vec<ReplicaSize>> {
    let line = text.lines().find(|line| line.starts_with('{')).ok_or_else(|| unclear("LogDirsCommand", text))?;
    let json: Value = serde_json::from_str(line).map_err(|error| format!("LogDirsCommand: {error}"))?;
    let mut sizes = Vec::new();
    for broker in items(&json["brokers"]) {
        for dir in items(&broker["logDirs"]) {
            if !dir["error"].is_null() {
                return Err(format!("broker {} cannot read a log dir: {dir}", broker["broker"]));
            }
            for replica in items(&dir["partitions"]) {
                let size = replica_size(&broker["broker"], replica);
                sizes.push(size.ok_or_else(|| unclear("LogDirsCommand", &replica.to_string()))?);
            }
        }
    }
    Ok(sizes)
}

fn replica_size(broker: &Value, replica: &Value) -> Option<ReplicaSize> {
    let (topic, partition) = topic_partition(replica["partition"].as_str()?)?;
    let broker = i32::try_from(broker.as_i64()?).ok()?;
    Some(ReplicaSize {
        broker,
        topic,
        partition,
        bytes: replica["size"].as_u64()?,
        future: replica["isFuture"].as_bool()?,
    })
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The name of a topic may hold dashes itself.
fn topic_partition(text: &str) -> Option<(String, i32)> {
    let (topic, partition) = text.rsplit_once('-')?;
    Some((topic.to_owned(), partition.parse().ok()?))
}

/// `1,2,3`, or nothing at all.
fn ids(text: &str) -> Option<Vec<i32>> {
    text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(|id| id.parse().ok()).collect()
}

fn unclear(tool: &str, text: &str) -> String {
    format!("{tool} says what this test cannot read: {text:?}")
}

#[cfg(test)]
#[path = "tool_output_recorded.rs"]
mod recorded;
