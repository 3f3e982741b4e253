//! The cluster's features and the quorum of its controllers.

use crate::bind::cluster::{Cluster, client, int, read};
use crate::bind::offsets::instant;
use crate::bind::raised::RhaiResultOf;
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::kafka::features::{self, Range};
use crate::kafka::{cluster, quorum, releases};
use rhai::{Dynamic, Engine, INT, NativeCallContext};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.controller() -> any value",
        "The id of the active controller with ZooKeeper, of a broker that forwards with KRaft (`quorum()` names the leader there); () during an election.",
    )
    .register_into_engine(engine, controller);
    function(
        "Cluster.features() -> map",
        "Features from Kafka 2.7: `finalized` by name with `min`, `max` and for metadata.version its `name`, the `epoch`, and of each broker what it `supports`, or its `error`.",
    )
    .register_into_engine(engine, describe);
    function(
        "Cluster.release(broker: int) -> map",
        "Which Kafka a broker is, as far as what it offers tells: `text` for people (\"3.3 to 3.4\"), `since` (the first release that it may be), `before` (the first that it is not any more; both may be ()).",
    )
    .register_into_engine(engine, release);
    function(
        "Cluster.quorum() -> map",
        "The quorum of KRaft controllers (Kafka 3.3): `leader`, `epoch`, `high_watermark`, `voters` and `observers`, each with its `lag` in records.",
    )
    .register_into_engine(engine, quorum);
}

fn controller(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let found = read(&context, cluster, cluster::describe(&client(cluster)))?;
    Ok(found.controller.map_or(Dynamic::UNIT, int))
}

fn describe(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let found = read(&context, cluster, features::describe(&client(cluster)))?;
    let broker = |(id, supported): (&i32, &Result<BTreeMap<String, Range>, crate::error::Error>)| match supported {
        Ok(supported) => json!({ "broker": id, "supports": ranges(supported), "error": null }),
        Err(error) => json!({ "broker": id, "supports": {}, "error": error.to_string() }),
    };
    Ok(to_script(&json!({
        "epoch": found.epoch,
        "finalized": ranges(&found.finalized),
        "brokers": found.supported.iter().map(broker).collect::<Vec<_>>(),
    })))
}

fn release(context: NativeCallContext, cluster: &mut Cluster, broker: INT) -> RhaiResultOf<Dynamic> {
    let broker = i32::try_from(broker).unwrap_or(-1);
    let found = read(&context, cluster, releases::of_broker(&client(cluster), broker))?.release;
    Ok(to_script(&json!({ "text": found.text, "since": found.since, "before": found.before })))
}

fn ranges(features: &BTreeMap<String, Range>) -> Value {
    let one = |(name, (min, max)): (&String, &Range)| {
        let mut range = json!({ "min": min, "max": max });
        if let Some(named) = features::metadata_version(*max).filter(|_| name == "metadata.version") {
            range["name"] = json!(named);
        }
        (name.clone(), range)
    };
    Value::Object(features.iter().map(one).collect::<Map<_, _>>())
}

fn quorum(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let found = read(&context, cluster, quorum::describe(&client(cluster)))?;
    let member = |member: &quorum::Member| {
        json!({
            "id": member.id,
            "log_end_offset": member.log_end_offset,
            "lag": member.lag,
            "last_fetch": member.last_fetch_ms.and_then(instant),
            "last_caught_up": member.last_caught_up_ms.and_then(instant),
        })
    };
    Ok(to_script(&json!({
        "leader": found.leader,
        "epoch": found.leader_epoch,
        "high_watermark": found.high_watermark,
        "voters": found.voters.iter().map(member).collect::<Vec<_>>(),
        "observers": found.observers.iter().map(member).collect::<Vec<_>>(),
    })))
}
