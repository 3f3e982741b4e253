//! The partitions of a cluster; what is not well on it, or may have been forgotten there.

use crate::bind::cluster::{Cluster, QUICK, client, int, map, read};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::{ints, to_script};
use crate::effect::alter_configs;
use crate::effect::connection::INTERRUPTED;
use crate::error::Error;
use crate::kafka::{Client, cluster, log_dirs, reassignments, throttles, topics};
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.under_replicated_partitions() -> array",
        "The partitions at rest that lack a leader or a replica in sync: `topic`, `partition`, `leader`, `replicas`, `isr`. What moves is left out.",
    )
    .register_into_engine(engine, under_replicated);
    function(
        "Cluster.missing_replicas() -> array",
        "The partitions that lack a leader or a replica in sync, also those that move: `topic`, `partition`, `leader`, and which brokers are `lacking` in the ISR. A replica that a move only adds is not missed.",
    )
    .register_into_engine(engine, missing);
    function(
        "Cluster.partitions() -> array",
        "The partitions of all topics, a row each: `topic`, `partition`, `leader`, `replicas`, `isr`.",
    )
    .register_into_engine(engine, partitions);
    function(
        "Cluster.throttles() -> array",
        "The throttles that are set on brokers and topics: `on` (`broker/3`, `topic/orders`), `config`, `value` (() where the broker hides it), `by_this_run`.",
    )
    .register_into_engine(engine, set_throttles);
    function(
        "Cluster.silent_brokers() -> array",
        "The ids of the brokers that are registered and do not answer within 5 s.",
    )
    .register_into_engine(engine, silent_brokers);
}

fn missing(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let client = client(cluster);
    // The list of moves on both sides: a copy whose move begins or ends in between is missed by neither.
    let (before, topics, after) = read(&context, cluster, async {
        let before = moves(&client).await?;
        let topics = topics::list(&client, None).await?;
        Ok((before, topics, moves(&client).await?))
    })?;
    let moves = before.into_iter().chain(after);
    let adding = moves.flat_map(|one| one.adding.into_iter().map(move |id| (one.topic.clone(), one.partition, id)));
    let adding: BTreeSet<(String, i32, i32)> = adding.collect();
    let mut rows = Array::new();
    for topic in &topics {
        for one in &topic.partitions {
            if one.leader.is_some() && one.isr.len() >= one.replicas.len() {
                continue;
            }
            let is_added = |id: i32| adding.contains(&(topic.name.clone(), one.id, id));
            let lacking = one.replicas.iter().copied().filter(|id| !one.isr.contains(id) && !is_added(*id));
            // Without a leader the last ISR still stands there, and nobody is in it.
            let lacking: Vec<i32> = if one.leader.is_none() { one.replicas.clone() } else { lacking.collect() };
            if !lacking.is_empty() {
                rows.push(map([
                    ("topic", topic.name.clone().into()),
                    ("partition", int(one.id)),
                    ("leader", one.leader.map_or(Dynamic::UNIT, int)),
                    ("lacking", ints(&lacking)),
                ]));
            }
        }
    }
    Ok(rows)
}

/// Brokers below 2.4 do not tell of moves.
async fn moves(client: &Client) -> Result<Vec<reassignments::Reassignment>, Error> {
    match reassignments::list(client, None).await {
        Err(error) if error.code == "UNSUPPORTED_VERSION" => Ok(Vec::new()),
        listed => listed,
    }
}

fn under_replicated(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let client = client(cluster);
    // The list first: what ends moving in between is then whole, or sick indeed.
    let (moving, topics) = read(&context, cluster, async {
        // What brokers below 2.4 lack for a move counts as lacking.
        let moves = moves(&client).await?;
        Ok((moves, topics::list(&client, None).await?))
    })?;
    let moving: BTreeSet<(&str, i32)> = moving.iter().map(|one| (one.topic.as_str(), one.partition)).collect();
    let partitions = topics.iter().flat_map(|topic| topic.partitions.iter().map(|one| (topic.name.as_str(), one)));
    let sick = partitions.filter(|(topic, one)| {
        (one.leader.is_none() || one.isr.len() < one.replicas.len()) && !moving.contains(&(*topic, one.id))
    });
    Ok(sick.map(|(topic, one)| row(topic, one)).collect())
}

fn partitions(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let topics = read(&context, cluster, topics::list(&client(cluster), None))?;
    Ok(topics.iter().flat_map(|topic| topic.partitions.iter().map(|one| row(&topic.name, one))).collect())
}

fn row(topic: &str, one: &topics::Partition) -> Dynamic {
    map([
        ("topic", topic.to_owned().into()),
        ("partition", int(one.id)),
        ("leader", one.leader.map_or(Dynamic::UNIT, int)),
        ("replicas", ints(&one.replicas)),
        ("isr", ints(&one.isr)),
    ])
}

fn set_throttles(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let found = read(&context, cluster, throttles::list(&client(cluster)))?;
    let ours = cluster.0.session.in_place(alter_configs::NAME);
    let ours: BTreeSet<&String> = ours.iter().flat_map(|intent| &intent.resources).collect();
    let row = |one: &throttles::Throttle| {
        let by_this_run = ours.contains(&format!("{}/{}", one.on, one.config));
        json!({ "on": one.on, "config": one.config, "value": one.value, "by_this_run": by_this_run })
    };
    Ok(to_script(&found.iter().map(row).collect()))
}

fn silent_brokers(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let registered = read(&context, cluster, cluster::describe(&client(cluster)))?.brokers;
    let quick = cluster.0.connection.client.with_deadlines(QUICK);
    let mut silent = Array::new();
    for broker in registered {
        match cluster.0.connection.read(log_dirs::sizes(&quick, broker.id, &BTreeSet::new())) {
            Err(error) if error.code == INTERRUPTED => return Err(raise(&context, error)),
            // Whatever it answers, it answers.
            Err(error) if error.retriable => silent.push(int(broker.id)),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(silent)
}
