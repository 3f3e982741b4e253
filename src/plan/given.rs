//! A plan from targets that somebody names, partition by partition.

use super::judge::judge;
use super::moves::{PartitionMove, Plan, TopicMoves};
use super::state::{State, Topic};
use crate::error::Error;
use std::collections::BTreeMap;

/// By topic and partition: the replicas that it is to have, in order.
pub type Targets = BTreeMap<(String, i32), Vec<i32>>;

/// The moves from where the state has the partitions to where they are wanted, judged. What is there already is no move.
///
/// `UNKNOWN_TOPIC_OR_PARTITION` and `INVALID_REPLICA_ASSIGNMENT` name the target that cannot be.
pub fn given(state: &State, targets: &Targets) -> Result<Plan, Error> {
    let topics: BTreeMap<&str, &Topic> = state.topics.iter().map(|topic| (topic.name.as_str(), topic)).collect();
    let mut by_topic: BTreeMap<(bool, &str), Vec<PartitionMove>> = BTreeMap::new();
    for ((name, partition), to) in targets {
        let number = usize::try_from(*partition).ok();
        let found = topics.get(name.as_str()).zip(number).and_then(|(topic, number)| {
            let from = topic.replicas.get(number)?;
            Some((topic, from, topic.bytes_of(number).unwrap_or(0)))
        });
        let (topic, from, bytes) = found.ok_or_else(|| {
            Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no partition {name}-{partition}"))
                .hint("take the state of the cluster anew")
        })?;
        check(state, &format!("{name}-{partition}"), to)?;
        if from != to {
            let one = PartitionMove { partition: *partition, from: from.clone(), to: to.clone(), bytes };
            by_topic.entry((topic.is_internal(), &topic.name)).or_default().push(one);
        }
    }
    let moves = by_topic.into_iter().map(|((_, topic), partitions)| TopicMoves { topic: topic.to_owned(), partitions });
    judge(state, moves.collect())
}

fn check(state: &State, name: &str, to: &[i32]) -> Result<(), Error> {
    let wrong = |text: String| {
        Err(Error::new("INVALID_REPLICA_ASSIGNMENT", format!("{name}: {text}"))
            .hint("name brokers of the cluster, each once"))
    };
    if to.is_empty() {
        return wrong("no broker is named".to_owned());
    }
    for (nth, id) in to.iter().enumerate() {
        if to[..nth].contains(id) {
            return wrong(format!("broker {id} is named twice"));
        }
        if !state.brokers.iter().any(|broker| broker.id == *id) {
            return wrong(format!("there is no broker {id}"));
        }
    }
    Ok(())
}
