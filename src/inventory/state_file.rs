//! State files, version 1: a cluster at one moment, for planning without it. Written and read.

use super::file_text::Unreadable;
use super::json::{Node, Shape, Value, diagnose};
use crate::plan::State;
use crate::suggestion::did_you_mean;
use serde::Serialize;
use std::io::{self, Write};

/// The newest version that this krun reads, and the one that it writes.
pub const VERSION: u64 = 1;

const CODE: &str = "INVALID_STATE_FILE";
const STATES: [&str; 3] = ["old", "new", "leaving"];
const ID: std::ops::RangeInclusive<i128> = 0..=i32::MAX as i128;
const SIZE: std::ops::RangeInclusive<i128> = 0..=u64::MAX as i128;

/// The state in a text that came from `file`. A text that is none is told with every fault in it.
pub fn read(file: &str, text: String) -> Result<State, Unreadable> {
    let parsed = serde_json::from_str::<State>(&text);
    match parsed {
        Ok(state) if is_sound(&state) => Ok(state),
        parsed => Err(diagnose(file, text, CODE, parsed.as_ref().err(), check).into()),
    }
}

/// What the types do not say.
fn is_sound(state: &State) -> bool {
    let version = state.more.get("version");
    version.is_none_or(|version| version.as_u64() == Some(VERSION))
        && state.brokers.iter().all(|broker| broker.id >= 0)
        && state.topics.iter().all(|topic| topic.bytes.is_empty() || topic.bytes.len() == topic.replicas.len())
}

fn check(root: &Node, shape: &mut Shape<'_>) {
    let Some(object) = shape.object(root, "the state") else { return };
    if let Some(node) = object.get("version") {
        let newest = i128::from(VERSION);
        let newer = matches!(&node.value, Value::Number(number) if number.parse().is_ok_and(|n: i128| n > newest));
        if newer {
            let hint = format!("this krun reads version {VERSION}: use the krun that wrote it, or a newer one");
            return shape.fault(&node.span, "the state file is of a newer version", hint);
        }
        shape.whole(node, "\"version\"", &(newest..=newest));
    }
    for (key, told) in [
        ("partitions", "this is a file for --reassignment-json-file: a state file has \"brokers\" and \"topics\""),
        ("clusters", "a state file is what `krun snapshot` writes: it has \"brokers\" and \"topics\""),
    ] {
        if let (Some(node), None) = (object.get(key), object.get("brokers")) {
            return shape.fault(&node.span, "this is no state file", told);
        }
    }
    if let Some(node) = shape.required(object, "the state", "brokers", false) {
        for (nth, broker) in shape.list(node, "\"brokers\"").unwrap_or_default().iter().enumerate() {
            check_broker(broker, nth, shape);
        }
    }
    if let Some(node) = shape.required(object, "the state", "topics", false) {
        for (nth, topic) in shape.list(node, "\"topics\"").unwrap_or_default().iter().enumerate() {
            check_topic(topic, nth, shape);
        }
    }
}

fn check_broker(node: &Node, nth: usize, shape: &mut Shape<'_>) {
    let Some(object) = shape.object(node, &format!("brokers[{nth}]")) else { return };
    let what = match object.get("id").map(|id| &id.value) {
        Some(Value::Number(id)) => format!("broker {id}"),
        _ => format!("brokers[{nth}]"),
    };
    if let Some(id) = shape.required(object, &what, "id", false) {
        shape.whole(id, &format!("the id of {what}"), &ID);
    }
    if let Some(rack) = object.get("rack").filter(|rack| rack.value != Value::Null) {
        shape.text(rack, &format!("the rack of {what}"));
    }
    if let Some(state) = object.get("state") {
        let word = shape.text(state, &format!("the state of {what}"));
        if let Some(word) = word.filter(|word| !STATES.contains(word)) {
            let words = format!("it is one of {}", STATES.join(", "));
            let hint = did_you_mean(word, STATES).map_or(words.clone(), |meant| format!("{meant} {words}"));
            shape.fault(&state.span, format!("the state of {what} is \"{word}\""), hint);
        }
    }
    if let Some(registered) = object.get("registered") {
        shape.truth(registered, &format!("\"registered\" of {what}"));
    }
    if let Some(dirs) = object.get("log_dirs") {
        for dir in shape.list(dirs, &format!("\"log_dirs\" of {what}")).unwrap_or_default() {
            let what = format!("a log dir of {what}");
            let Some(object) = shape.object(dir, &what) else { continue };
            if let Some(path) = shape.required(object, &what, "path", false) {
                shape.text(path, &format!("the path of {what}"));
            }
            for key in ["total_bytes", "usable_bytes", "replicas"] {
                if let Some(size) = object.get(key).filter(|size| size.value != Value::Null) {
                    shape.whole(size, &format!("\"{key}\" of {what}"), &SIZE);
                }
            }
        }
    }
}

fn check_topic(node: &Node, nth: usize, shape: &mut Shape<'_>) {
    let Some(object) = shape.object(node, &format!("topics[{nth}]")) else { return };
    let what = match object.get("name").and_then(Node::as_text) {
        Some(name) => format!("topic \"{name}\""),
        None => format!("topics[{nth}]"),
    };
    if let Some(name) = shape.required(object, &what, "name", false) {
        shape.text(name, &format!("the name of {what}"));
    }
    let mut partitions = None;
    if let Some(replicas) = shape.required(object, &what, "replicas", false) {
        let lists = shape.list(replicas, &format!("\"replicas\" of {what}"));
        partitions = lists.map(<[Node]>::len);
        for (partition, list) in lists.unwrap_or_default().iter().enumerate() {
            let what = format!("partition {partition} of {what}");
            for id in shape.list(list, &format!("the replicas of {what}")).unwrap_or_default() {
                shape.whole(id, &format!("a replica of {what}"), &ID);
            }
        }
    }
    let Some(bytes) = object.get("bytes") else { return };
    let Some(sizes) = shape.list(bytes, &format!("\"bytes\" of {what}")) else { return };
    if let Some(partitions) = partitions.filter(|partitions| *partitions != sizes.len() && !sizes.is_empty()) {
        let message = format!("{what} has {partitions} partitions and {} sizes", sizes.len());
        shape.fault(&bytes.span, message, "give one size for each partition, null where it is not known");
    }
    for (partition, size) in sizes.iter().enumerate().filter(|(_, size)| size.value != Value::Null) {
        shape.whole(size, &format!("the size of partition {partition} of {what}"), &SIZE);
    }
}

/// Writes a state so that a person can read it and two can be compared: a broker a line, a topic a line.
pub fn write(state: &State, mut out: impl Write) -> io::Result<()> {
    out.write_all(b"{\n")?;
    let known = serde_json::Map::from_iter([("version".to_owned(), VERSION.into())]);
    for (key, value) in known.iter().chain(state.more.iter().filter(|(key, _)| *key != "version")) {
        writeln!(out, "{}:{value},", serde_json::Value::from(key.as_str()))?;
    }
    list("brokers", &state.brokers, &mut out)?;
    out.write_all(b",\n")?;
    list("topics", &state.topics, &mut out)?;
    out.write_all(b"\n}\n")
}

fn list<T: Serialize>(key: &str, items: &[T], mut out: impl Write) -> io::Result<()> {
    write!(out, "\"{key}\":[")?;
    for (nth, item) in items.iter().enumerate() {
        out.write_all(if nth == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, item)?;
    }
    out.write_all(if items.is_empty() { b"]" } else { b"\n]" })
}
