//! What moves copy: how far each new replica is, and how much producers add meanwhile.

use crate::bind::cluster::{Cluster, QUICK, client, int, map, read};
use crate::bind::moving::moves_of;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::effect::connection::INTERRUPTED;
use crate::error::Error;
use crate::kafka::{Client, log_dirs, topics};
use crate::quantity::duration;
use rhai::{Array, Dynamic, Engine, INT, NativeCallContext};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A partition by its topic and number.
type Key = (String, i32);

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.copies(moves: array) -> array",
        "How far the new replicas of these moves are: `topic`, `partition`, `broker`, `leader`, the `bytes` there and the `leader_bytes`; () where a broker does not tell.",
    )
    .register_into_engine(engine, copies);
    function(
        "Cluster.left_behind(moves: array) -> array",
        "The replicas that these moves give up and that are still on a disk of their broker: `topic`, `partition`, `broker`, `bytes`. A broker that does not answer is left out.",
    )
    .register_into_engine(engine, left_behind);
    function(
        "Cluster.inbound_rate(moves: array, at_once: int, over: string) -> any value",
        "How many bytes per second producers add to the busiest `at_once` of these moves on any one new broker, measured `over` so long; () where a broker does not tell.",
    )
    .register_into_engine(engine, inbound_rate);
}

/// One new replica.
struct New {
    key: Key,
    broker: i32,
}

fn new_replicas(context: &NativeCallContext, moves: Array) -> RhaiResultOf<Vec<New>> {
    let moves = moves_of(context, moves)?;
    let each = moves.iter().flat_map(|(_, topic, one)| {
        one.added().map(|broker| New { key: (topic.clone(), one.partition), broker }).collect::<Vec<_>>()
    });
    Ok(each.collect())
}

fn copies(context: NativeCallContext, cluster: &mut Cluster, moves: Array) -> RhaiResultOf<Array> {
    let new = new_replicas(&context, moves)?;
    if new.is_empty() {
        return Ok(Array::new());
    }
    let leaders = leaders(&context, cluster, &new)?;
    let places = new.iter().map(|one| (one.key.clone(), one.broker));
    let sources = new.iter().filter_map(|one| Some((one.key.clone(), *leaders.get(&one.key)?)));
    let sizes = sizes(&context, cluster, places.chain(sources))?;
    let bytes = |key: &Key, broker: i32| {
        let of_broker = sizes.get(&broker)?.as_ref()?;
        // A replica that the broker has not made yet is empty.
        Some(of_broker.get(key).copied().unwrap_or(0))
    };
    let row = |one: &New| {
        let leader = leaders.get(&one.key).copied();
        let known = |bytes: Option<i64>| bytes.map_or(Dynamic::UNIT, Dynamic::from_int);
        map([
            ("topic", one.key.0.clone().into()),
            ("partition", int(one.key.1)),
            ("broker", int(one.broker)),
            ("leader", leader.map_or(Dynamic::UNIT, int)),
            ("bytes", known(bytes(&one.key, one.broker))),
            ("leader_bytes", known(leader.and_then(|leader| bytes(&one.key, leader)))),
        ])
    };
    Ok(new.iter().map(row).collect())
}

fn left_behind(context: NativeCallContext, cluster: &mut Cluster, moves: Array) -> RhaiResultOf<Array> {
    let moves = moves_of(&context, moves)?;
    let given_up = moves.iter().flat_map(|(_, topic, one)| {
        one.removed().map(|broker| ((topic.clone(), one.partition), broker)).collect::<Vec<_>>()
    });
    let sizes = sizes(&context, cluster, given_up)?;
    let replicas = sizes
        .into_iter()
        .flat_map(|(broker, found)| found.into_iter().flatten().map(move |(key, bytes)| (broker, key, bytes)));
    let row = |(broker, (topic, partition), bytes): (i32, Key, i64)| {
        map([
            ("topic", topic.into()),
            ("partition", int(partition)),
            ("broker", int(broker)),
            ("bytes", Dynamic::from_int(bytes)),
        ])
    };
    Ok(replicas.map(row).collect())
}

fn leaders(context: &NativeCallContext, cluster: &Cluster, new: &[New]) -> RhaiResultOf<BTreeMap<Key, i32>> {
    let names: BTreeSet<&str> = new.iter().map(|one| one.key.0.as_str()).collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let listed = read(context, cluster, topics::list(&client(cluster), Some(&names)))?;
    let led = listed.into_iter().flat_map(|topic| {
        let name = topic.name;
        topic.partitions.into_iter().filter_map(move |one| Some(((name.clone(), one.id), one.leader?)))
    });
    Ok(led.collect())
}

/// By broker: the sizes of these partitions, or nothing where it does not answer soon.
fn sizes(
    context: &NativeCallContext,
    cluster: &Cluster,
    wanted: impl Iterator<Item = (Key, i32)>,
) -> RhaiResultOf<BTreeMap<i32, Option<BTreeMap<Key, i64>>>> {
    let mut by_broker: BTreeMap<i32, BTreeSet<Key>> = BTreeMap::new();
    for (key, broker) in wanted {
        by_broker.entry(broker).or_default().insert(key);
    }
    let client: Client = cluster.0.connection.client.with_deadlines(QUICK);
    let mut sizes = BTreeMap::new();
    for (broker, partitions) in by_broker {
        let found = match cluster.0.connection.read(log_dirs::sizes(&client, broker, &partitions)) {
            Ok(found) => Some(found),
            Err(error) if error.code == INTERRUPTED => return Err(raise(context, error)),
            Err(_) => None,
        };
        sizes.insert(broker, found);
    }
    Ok(sizes)
}

/// What is deleted meanwhile hides what comes in: a partition that shrinks counts as if nothing came.
fn inbound_rate(
    context: NativeCallContext,
    cluster: &mut Cluster,
    moves: Array,
    at_once: INT,
    over: &str,
) -> RhaiResultOf<Dynamic> {
    let over = duration::parse(over).map_err(|error| raise(&context, error))?;
    if over.is_zero() || at_once < 1 {
        let error = Error::new("INVALID_ARGUMENT", "a rate is measured over some time, of one move or more");
        return Err(raise(&context, error.hint("inbound_rate(moves, 5, \"3s\")")));
    }
    let new = new_replicas(&context, moves)?;
    let leaders = leaders(&context, cluster, &new)?;
    let look = || sizes(&context, cluster, leaders.iter().map(|(key, leader)| (key.clone(), *leader)));
    let (before, began) = (look()?, Instant::now());
    cluster.0.session.rest(over).map_err(|halt| leave(&context, halt.into()))?;
    let (after, took) = (look()?, began.elapsed());
    if before.values().chain(after.values()).any(Option::is_none) {
        return Ok(Dynamic::UNIT);
    }
    let size = |sizes: &BTreeMap<i32, Option<BTreeMap<Key, i64>>>, key: &Key| {
        sizes.get(leaders.get(key)?)?.as_ref()?.get(key).copied()
    };
    let mut comes: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for one in &new {
        let (Some(before), Some(after)) = (size(&before, &one.key), size(&after, &one.key)) else { continue };
        comes.entry(one.broker).or_default().push((after - before).max(0));
    }
    let busiest = comes.into_values().map(|mut grown| {
        grown.sort_unstable_by_key(|bytes| std::cmp::Reverse(*bytes));
        grown.iter().take(usize::try_from(at_once).unwrap_or(usize::MAX)).sum::<i64>()
    });
    let millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX).max(1);
    Ok(Dynamic::from_int(busiest.max().unwrap_or(0).saturating_mul(1000) / millis))
}
