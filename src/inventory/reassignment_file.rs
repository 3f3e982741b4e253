//! The file of `kafka-reassign-partitions.sh --reassignment-json-file`: a plan that somebody else made.

use super::file_text::Unreadable;
use super::json::{Node, Shape, diagnose};
use super::reassignment_entry::{At, Entry, Wrong, entry_of};
use super::topic_names::Names;
use super::topics_file::{TOOL, check_version};
use crate::plan::{PartitionMove, State, TopicMoves};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const CODE: &str = "INVALID_REASSIGNMENT_FILE";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(default = "one")]
    version: u64,
    #[serde(borrow)]
    partitions: Vec<Entry<'a>>,
}

fn one() -> u64 {
    1
}

/// A plan as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenMoves {
    /// What changes: by topic, Kafka's own last, and by partition.
    pub moves: Vec<TopicMoves>,
    /// How many partitions the file names.
    pub named: usize,
}

/// The moves of a text that came from `file`, for the cluster of `state`. A text that is wrong, by itself or for this
/// cluster, is told with every fault in it.
pub fn read(file: &str, text: String, state: &State) -> Result<GivenMoves, Unreadable> {
    let cluster = Cluster::of(state);
    let refused = match serde_json::from_str::<File<'_>>(&text) {
        Ok(found)
            if found.version == 1 && cluster.wrong(&found.partitions).is_empty() && !found.partitions.is_empty() =>
        {
            return Ok(cluster.moves(&found.partitions));
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let check = |root: &Node, shape: &mut Shape<'_>| check(root, &cluster, shape);
    Err(diagnose(file, text, CODE, refused.as_ref(), check).into())
}

fn check(root: &Node, cluster: &Cluster<'_>, shape: &mut Shape<'_>) {
    let Some(object) = shape.object(root, "the file") else { return };
    for (key, hint) in [("topics", "give it with --topics-to-move-json-file"), ("brokers", "give it with --state")] {
        if let (Some(node), None) = (object.get(key), object.get("partitions")) {
            return shape.fault(&node.span, "this is no reassignment", hint);
        }
    }
    shape.only(object, "the file", &["version", "partitions"], TOOL);
    check_version(object.get("version"), shape);
    let Some(node) = shape.required(object, "the file", "partitions", true) else { return };
    let Some(items) = shape.list(node, "\"partitions\"") else { return };
    if items.is_empty() {
        shape.fault(
            &node.span,
            "the list of partitions is empty",
            format!("{TOOL} refuses it too: there is nothing to move"),
        );
    }
    let read: Vec<(&Node, Entry<'_>)> =
        items.iter().enumerate().filter_map(|(nth, item)| Some((item, entry_of(item, nth, shape)?))).collect();
    let (nodes, entries): (Vec<&Node>, Vec<Entry<'_>>) = read.into_iter().unzip();
    for wrong in cluster.wrong(&entries) {
        shape.fault(&wrong.place(nodes[wrong.entry]).span, wrong.message, wrong.hint);
    }
}

/// What the entries are held against.
struct Cluster<'s> {
    state: &'s State,
    names: Names<'s>,
    brokers: BTreeSet<i32>,
}

impl<'s> Cluster<'s> {
    fn of(state: &'s State) -> Self {
        Self { state, names: Names::of(state), brokers: state.brokers.iter().map(|broker| broker.id).collect() }
    }

    /// What is wrong with entries, by entry.
    fn wrong(&self, entries: &[Entry<'_>]) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut seen: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
        for (entry, given) in entries.iter().enumerate() {
            let mut say = |at, message: String, hint: String| wrong.push(Wrong { entry, at, message, hint });
            given.check(&self.brokers, &mut say);
            let Some(topic) = self.names.index(&given.topic) else {
                let (message, hint) = self.names.unknown(&given.topic);
                say(At::Topic, message, hint);
                continue;
            };
            let partitions = self.state.topics[topic].replicas.len();
            let seen = seen.entry(topic).or_insert_with(|| vec![false; partitions]);
            match usize::try_from(given.partition).ok().and_then(|number| seen.get_mut(number)) {
                None => {
                    let message = format!("topic \"{}\" has no partition {}", given.topic, given.partition);
                    say(At::Partition, message, format!("it has {partitions}, the first is 0"));
                }
                Some(true) => {
                    let message = format!("partition {} of topic \"{}\" is there twice", given.partition, given.topic);
                    say(At::Partition, message, "keep one of the two".to_owned());
                }
                Some(seen) => *seen = true,
            }
        }
        wrong
    }

    /// The moves of entries that are not wrong. One that changes nothing is none.
    fn moves(&self, entries: &[Entry<'_>]) -> GivenMoves {
        let mut by_topic: BTreeMap<(bool, &str), Vec<PartitionMove>> = BTreeMap::new();
        for given in entries {
            let Some(topic) = self.names.index(&given.topic).map(|index| &self.state.topics[index]) else { continue };
            let Ok(number) = usize::try_from(given.partition) else { continue };
            let from = &topic.replicas[number];
            if *from != given.replicas {
                by_topic.entry((topic.is_internal(), &topic.name)).or_default().push(PartitionMove {
                    partition: given.partition,
                    from: from.clone(),
                    to: given.replicas.clone(),
                    bytes: topic.bytes_of(number).unwrap_or(0),
                });
            }
        }
        let moves = by_topic.into_iter().map(|((_, topic), mut partitions)| {
            partitions.sort_unstable_by_key(|partition| partition.partition);
            TopicMoves { topic: topic.to_owned(), partitions }
        });
        GivenMoves { moves: moves.collect(), named: entries.len() }
    }
}
