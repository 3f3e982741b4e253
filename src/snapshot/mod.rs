//! A cluster at one moment, read from its brokers: what the planner starts from, and what a state file holds.
//!
//! ```text
//! brokers, topics ─ sizes (log dirs of every broker) ─ configs ─→ State, and the gaps: what could not be read
//! ```

mod configs;
mod gap;
mod sizes;

pub use configs::add_configs;
pub use gap::Gap;

use crate::error::Error;
use crate::kafka::reassignments::Reassignment;
use crate::kafka::topics::{self, Partition};
use crate::kafka::{Client, cluster, reassignments};
use crate::plan::{Broker, BrokerState, State, Topic};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The state, and what is not in it although it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub state: State,
    pub gaps: Vec<Gap>,
}

/// Reads brokers, topics, replicas and sizes.
///
/// A broker without replicas is new. One that only replica lists name is there as not registered. While a partition moves, its
/// replicas are those that it will have, and its topic says under `moving` what comes and goes.
///
/// What a broker cannot tell is a gap; an error of the cluster as a whole is an error. `INCOMPLETE_REPLY`: a topic lacks a
/// partition.
pub async fn read(client: &Client) -> Result<Snapshot, Error> {
    let cluster = cluster::describe(client).await?;
    let mut gaps = Vec::new();
    let (listed, moving) = topics_and_moves(client, &mut gaps).await?;
    let mut topics = listed.iter().map(|topic| placed(topic, &moving)).collect::<Result<Vec<_>, _>>()?;
    let dirs = sizes::read(client, &cluster.brokers, &mut topics, &mut gaps).await;
    let holding: BTreeSet<i32> = topics.iter().flat_map(|topic| &topic.replicas).flatten().copied().collect();
    let mut brokers: Vec<Broker> = cluster.brokers.iter().map(|broker| registered(broker, &holding)).collect();
    for (id, dirs) in dirs {
        if let Some(broker) = brokers.iter_mut().find(|broker| broker.id == id) {
            broker.log_dirs = dirs;
        }
    }
    let known: BTreeSet<i32> = brokers.iter().map(|broker| broker.id).collect();
    let down: Vec<i32> = holding.difference(&known).copied().collect();
    brokers.extend(down.iter().map(|id| Broker { registered: false, ..Broker::new(*id, None, BrokerState::Old) }));
    brokers.sort_by_key(|broker| broker.id);
    if !down.is_empty() {
        gaps.push(Gap::Down(down));
    }
    if !moving.is_empty() {
        gaps.push(Gap::Moving(moving.keys().map(|(topic, partition)| format!("{topic}-{partition}")).collect()));
    }
    Ok(Snapshot { state: State { brokers, topics, ..State::default() }, gaps })
}

type Moves = BTreeMap<(String, i32), Reassignment>;

/// How often the topics are read anew because a move began or ended meanwhile.
const TRIES: usize = 5;

/// The topics and what moves, as of one moment: nothing begins or ends between the two questions.
async fn topics_and_moves(client: &Client, gaps: &mut Vec<Gap>) -> Result<(Vec<topics::Topic>, Moves), Error> {
    let Some(mut before) = moves(client, gaps).await? else {
        return Ok((topics::list(client, None).await?, Moves::new()));
    };
    for _ in 0..TRIES {
        let topics = topics::list(client, None).await?;
        let after = moves(client, gaps).await?.unwrap_or_default();
        if before.keys().eq(after.keys()) {
            return Ok((topics, after));
        }
        before = after;
    }
    let error = Error::new("REASSIGNMENT_IN_PROGRESS", "moves begin and end faster than the cluster can be read");
    Err(error.hint("wait until the moves are over").retriable())
}

/// What moves; nothing where the controller is too old to say (before Kafka 2.4).
async fn moves(client: &Client, gaps: &mut Vec<Gap>) -> Result<Option<Moves>, Error> {
    match reassignments::list(client, None).await {
        Ok(moves) => Ok(Some(moves.into_iter().map(|one| ((one.topic.clone(), one.partition), one)).collect())),
        Err(error) if error.code == "UNSUPPORTED_VERSION" => {
            gaps.push(Gap::MovesUnknown(error));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn registered(broker: &cluster::Broker, holding: &BTreeSet<i32>) -> Broker {
    let state = if holding.contains(&broker.id) { BrokerState::Old } else { BrokerState::New };
    let mut known = Broker::new(broker.id, broker.rack.as_deref(), state);
    let host = if broker.host.contains(':') { format!("[{}]", broker.host) } else { broker.host.clone() };
    known.more.insert("host".to_owned(), format!("{host}:{}", broker.port).into());
    known
}

/// A topic with the replicas that its partitions have, or will have when their moves are over. Sizes come later.
fn placed(topic: &topics::Topic, moving: &Moves) -> Result<Topic, Error> {
    let mut told = serde_json::Map::new();
    let mut replicas = Vec::with_capacity(topic.partitions.len());
    for (number, Partition { id, replicas: now, .. }) in (0..).zip(&topic.partitions) {
        if *id != number {
            let text = format!("topic {}: the broker's answer has no partition {number}", topic.name);
            return Err(Error::new("INCOMPLETE_REPLY", text).hint("ask again: a broker may be behind").retriable());
        }
        match moving.get(&(topic.name.clone(), *id)).filter(|_| !moving.is_empty()) {
            Some(one) => {
                replicas.push(one.replicas.iter().copied().filter(|id| !one.removing.contains(id)).collect());
                told.insert(id.to_string(), json!({ "adding": one.adding, "removing": one.removing }));
            }
            None => replicas.push(now.clone()),
        }
    }
    let mut placed = Topic::new(&topic.name, replicas, Vec::new());
    if !told.is_empty() {
        placed.more.insert("moving".to_owned(), Value::Object(told));
    }
    Ok(placed)
}
