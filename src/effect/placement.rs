//! Where the partitions of a topic are and where they are moving to: what the reassignment effects look at.

use crate::effect::connection::Connection;
use crate::error::Error;
use crate::kafka::{cluster, reassignments, topics};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One partition: its replicas, and where it moves while a move of it is listed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placement {
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) moving_to: Option<Vec<i32>>,
    /// Of the move that is listed; empty without one.
    pub(crate) adding: Vec<i32>,
    pub(crate) removing: Vec<i32>,
}

impl Placement {
    /// Whether the move that is listed is the one between these two: what it adds and what it removes belong to a move as
    /// much as its target does, and somebody else's may have the same target.
    pub(crate) fn moves(&self, from: &[i32], to: &[i32]) -> bool {
        self.moving_to.as_deref() == Some(to)
            && same_brokers(&self.adding, &without(to, from))
            && same_brokers(&self.removing, &without(from, to))
    }
}

/// None where the topic is gone.
pub(crate) fn look(connection: &Connection, topic: &str) -> Result<Option<BTreeMap<i32, Placement>>, Error> {
    let client = &connection.client;
    let names = [topic.to_owned()];
    // The moves first: one that ends in between then shows as finished and not as lost.
    let found = connection.read(async {
        let moves = reassignments::list(client, None).await?;
        Ok((moves, topics::list(client, Some(&names)).await?))
    });
    let (moves, topics) = match found {
        Ok(found) => found,
        Err(error) if error.code == "UNKNOWN_TOPIC_OR_PARTITION" => return Ok(None),
        Err(error) => return Err(error),
    };
    let partitions = topics.into_iter().flat_map(|topic| topic.partitions);
    let placement = |partition: topics::Partition| {
        let moving = moves.iter().find(|moving| moving.topic == topic && moving.partition == partition.id);
        let moving_to = moving.map(reassignments::Reassignment::target);
        let (adding, removing) = moving.map(|one| (one.adding.clone(), one.removing.clone())).unwrap_or_default();
        let (replicas, isr) = (partition.replicas, partition.isr);
        (partition.id, Placement { replicas, isr, moving_to, adding, removing })
    };
    Ok(Some(partitions.map(placement).collect()))
}

/// The brokers that are registered now.
pub(crate) fn registered(connection: &Connection) -> Result<Vec<i32>, Error> {
    let cluster = connection.read(cluster::describe(&connection.client))?;
    Ok(cluster.brokers.iter().map(|broker| broker.id).collect())
}

/// Those of `these` that are not among `others`.
pub(crate) fn without(these: &[i32], others: &[i32]) -> Vec<i32> {
    these.iter().copied().filter(|broker| !others.contains(broker)).collect()
}

/// In whatever order.
pub(crate) fn same_brokers(one: &[i32], other: &[i32]) -> bool {
    one.len() == other.len() && one.iter().all(|broker| other.contains(broker))
}

pub(crate) fn topic(args: &Value) -> &str {
    args.get("topic").and_then(Value::as_str).unwrap_or_default()
}

/// The member `partitions` of an effect's arguments: partition → what the effect says of it.
pub(crate) fn partitions(args: &Value) -> BTreeMap<i32, Value> {
    let members = args.get("partitions").and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(id, value)| Some((id.parse().ok()?, value.clone()))).collect()
}

pub(crate) fn brokers(value: &Value) -> Vec<i32> {
    let ids = value.as_array().into_iter().flatten();
    ids.filter_map(|id| id.as_i64().and_then(|id| i32::try_from(id).ok())).collect()
}

pub(crate) fn by_partition(members: impl Iterator<Item = (i32, Value)>) -> Value {
    Value::Object(members.map(|(id, value)| (id.to_string(), value)).collect::<Map<_, _>>())
}
