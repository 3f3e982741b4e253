//! The file of `kafka-reassign-partitions.sh --topics-to-move-json-file`: which topics are meant.

use super::file_text::Unreadable;
use super::json::{Node, Shape, Value, diagnose};
use super::topic_names::Names;
use crate::plan::State;
use serde::Deserialize;

const CODE: &str = "INVALID_TOPICS_FILE";
/// What Kafka's tool says of keys that it does not know: nothing.
pub(super) const TOOL: &str = "kafka-reassign-partitions.sh";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "one")]
    version: u64,
    topics: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    topic: String,
}

fn one() -> u64 {
    1
}

/// The names of the topics in a text that came from `file`, each of them in the cluster. A text that is wrong is told with
/// every fault in it.
pub fn read(file: &str, text: String, state: &State) -> Result<Vec<String>, Unreadable> {
    let names = Names::of(state);
    let parsed = serde_json::from_str::<File>(&text);
    match parsed {
        Ok(found) if found.version == 1 && is_sound(&found.topics, &names) => {
            Ok(found.topics.into_iter().map(|entry| entry.topic).collect())
        }
        parsed => {
            let check = |root: &Node, shape: &mut Shape<'_>| check(root, &names, shape);
            Err(diagnose(file, text, CODE, parsed.as_ref().err(), check).into())
        }
    }
}

fn is_sound(topics: &[Entry], names: &Names<'_>) -> bool {
    let mut all: Vec<&str> = topics.iter().map(|entry| entry.topic.as_str()).collect();
    all.sort_unstable();
    !all.is_empty()
        && all.windows(2).all(|pair| pair[0] != pair[1])
        && all.iter().all(|name| names.index(name).is_some())
}

fn check(root: &Node, names: &Names<'_>, shape: &mut Shape<'_>) {
    let Some(object) = shape.object(root, "the file") else { return };
    if let (Some(node), None) = (object.get("partitions"), object.get("topics")) {
        return shape.fault(&node.span, "this is no list of topics", "give it with --reassignment-json-file");
    }
    shape.only(object, "the file", &["version", "topics"], TOOL);
    check_version(object.get("version"), shape);
    let Some(node) = shape.required(object, "the file", "topics", true) else { return };
    let entries = shape.list(node, "\"topics\"").unwrap_or_default();
    if entries.is_empty() && matches!(node.value, Value::List(_)) {
        shape.fault(&node.span, "the list of topics is empty", "name one topic at least: {\"topic\": \"orders\"}");
    }
    let mut seen: Vec<&str> = Vec::new();
    for (nth, entry) in entries.iter().enumerate() {
        let what = format!("topics[{nth}]");
        if let Some(name) = entry.as_text() {
            let hint = format!("write {{\"topic\": \"{name}\"}}");
            shape.fault(&entry.span, format!("{what} is a text"), hint);
            continue;
        }
        let Some(object) = shape.object(entry, &what) else { continue };
        shape.only(object, &what, &["topic"], TOOL);
        let Some(node) = shape.required(object, &what, "topic", true) else { continue };
        let Some(name) = shape.text(node, &format!("\"topic\" of {what}")) else { continue };
        if names.index(name).is_none() {
            let (message, hint) = names.unknown(name);
            shape.fault(&node.span, message, hint);
        } else if seen.contains(&name) {
            shape.fault(&node.span, format!("topic \"{name}\" is there twice"), "name each topic once");
        }
        seen.push(name);
    }
}

/// Kafka has one version of each of its files.
pub(super) fn check_version(node: Option<&Node>, shape: &mut Shape<'_>) {
    if let Some(node) = node {
        shape.whole(node, "\"version\"", &(1..=1));
    }
}
