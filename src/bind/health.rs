//! The partitions of a cluster; what is not well on it, or may have been forgotten there.

use crate::bind::cluster::{Cluster, QUICK, client, int, map, read};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::{ints, to_script};
use crate::effect::alter_configs;
use crate::effect::connection::INTERRUPTED;
use crate::kafka::{cluster, log_dirs, reassignments, throttles, topics};
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

fn under_replicated(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let client = client(cluster);
    // The list first: what ends moving in between is then whole, or sick indeed.
    let (moving, topics) = read(&context, cluster, async {
        let moves = match reassignments::list(&client, None).await {
            // Brokers below 2.4 do not tell of moves: what they lack for one counts as lacking.
            Err(error) if error.code == "UNSUPPORTED_VERSION" => Vec::new(),
            listed => listed?,
        };
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
