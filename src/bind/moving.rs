//! Moves in flight: where they stand, how many bytes have come, and what an earlier session had submitted.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::schedule::read_move;
use crate::bind::signature::function;
use crate::bind::value::{ints, to_script};
use crate::effect::reassign;
use crate::error::Error;
use crate::kafka::{cluster, reassignments, topics};
use crate::plan::PartitionMove;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.progress(moves: array) -> map",
        "Where moves of a plan stand: those that have `arrived` and are whole, those `under_way`, in words those that are `lost` (neither moving nor there), and the brokers that are not registered: those `down` that they go to, those `staying_down` that they stay on, and those `leaving_down` that they leave.",
    )
    .register_into_engine(engine, progress);
    function(
        "Cluster.submitted_before() -> array",
        "The moves that an earlier session submitted in this step, and this one has not yet: a `topic` and its `moves` each.",
    )
    .register_into_engine(engine, submitted_before);
    function(
        "Cluster.moved_by(run: string) -> array",
        "The partitions that an earlier run moved: `topic`, `partition`, the replicas `from` before it, and `to` as it left them.",
    )
    .register_into_engine(engine, moved_by);
}

/// The given moves with what was read of each.
pub(super) fn moves_of(
    context: &NativeCallContext,
    given: Array,
) -> RhaiResultOf<Vec<(Dynamic, String, PartitionMove)>> {
    let one = |given: Dynamic| {
        let Some((topic, one)) = read_move(&given) else {
            let error = Error::new("INVALID_ARGUMENT", format!("`{given}` is no move of a plan"));
            return Err(raise(context, error.hint("it is what `plan.partitions(…)` or `schedule.next()` gives")));
        };
        Ok((given, topic, one))
    };
    given.into_iter().map(one).collect()
}

/// A partition has arrived when it is not listed any more, its replicas are the target in order, and all are in sync.
fn progress(context: NativeCallContext, cluster: &mut Cluster, moves: Array) -> RhaiResultOf<Dynamic> {
    let moves = moves_of(&context, moves)?;
    let client = client(cluster);
    let names: Vec<String> =
        moves.iter().map(|(_, topic, _)| topic.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    // The list first: a move that ends in between then counts as moving once more, not as lost.
    let (listed, topics, brokers) = read(&context, cluster, async {
        let listed = reassignments::list(&client, None).await?;
        let topics = if names.is_empty() { Vec::new() } else { topics::list(&client, Some(&names)).await? };
        Ok((listed, topics, cluster::describe(&client).await?.brokers))
    })?;
    let listed: BTreeMap<(&str, i32), &reassignments::Reassignment> =
        listed.iter().map(|one| ((one.topic.as_str(), one.partition), one)).collect();
    let partitions = topics.iter().flat_map(|topic| topic.partitions.iter().map(|one| ((&*topic.name, one.id), one)));
    let partitions: BTreeMap<(&str, i32), &topics::Partition> = partitions.collect();
    let up: BTreeSet<i32> = brokers.iter().map(|broker| broker.id).collect();

    let (mut arrived, mut under_way, mut lost) = (Array::new(), Array::new(), Array::new());
    let (mut down, mut staying_down, mut leaving_down) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (given, topic, one) in moves {
        let key = (topic.as_str(), one.partition);
        match (listed.get(&key), partitions.get(&key)) {
            (Some(moving), _) if moving.target() != one.to => {
                lost.push(format!("{topic}-{} is moving to {:?}", one.partition, moving.target()).into());
            }
            (None, None) => lost.push(format!("{topic}-{} is not there any more", one.partition).into()),
            (None, Some(now)) if now.replicas != one.to => {
                lost.push(format!("{topic}-{} is on {:?}", one.partition, now.replicas).into());
            }
            (None, Some(now)) if now.isr.len() == one.to.len() => arrived.push(given),
            (Some(_), _) | (None, Some(_)) => {
                leaving_down.extend(one.removed().filter(|id| !up.contains(id)));
                under_way.push(given);
            }
        }
        down.extend(one.added().filter(|id| !up.contains(id)));
        staying_down.extend(one.to.iter().copied().filter(|id| one.from.contains(id) && !up.contains(id)));
    }
    let ids = |of: BTreeSet<i32>| ints(&of.into_iter().collect::<Vec<_>>());
    let members: [(&str, Dynamic); 6] = [
        ("arrived", arrived.into()),
        ("under_way", under_way.into()),
        ("lost", lost.into()),
        ("down", ids(down)),
        ("staying_down", ids(staying_down)),
        ("leaving_down", ids(leaving_down)),
    ];
    Ok(Dynamic::from_map(members.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>()))
}

/// Of each request that is recorded in this step: the `topic`, and the `moves` as `alter_partition_reassignments` takes them.
fn submitted_before(cluster: &mut Cluster) -> Dynamic {
    let requests = cluster.0.session.not_met_again(reassign::NAME);
    let one = |args: &Value| {
        let partitions = args["partitions"].as_object().into_iter().flatten();
        let moves: Vec<Value> = partitions
            .map(|(id, to)| json!({ "topic": args["topic"], "partition": id.parse::<i32>().ok(), "to": to }))
            .collect();
        json!({ "topic": args["topic"], "moves": moves })
    };
    to_script(&requests.iter().map(|intent| one(&intent.args)).collect())
}

/// A partition may have been moved more than once, as when its leader went first: what counts is from where, and to where.
fn moved_by(context: NativeCallContext, cluster: &mut Cluster, run: &str) -> RhaiResultOf<Dynamic> {
    let done = cluster.0.session.done_by(run, reassign::NAME).map_err(|error| raise(&context, error))?;
    let mut moved: BTreeMap<(String, i32), (Value, Value)> = BTreeMap::new();
    for intent in &done {
        for (id, to) in intent.after.as_object().into_iter().flatten() {
            let Ok(partition) = id.parse() else { continue };
            let topic = intent.args["topic"].as_str().unwrap_or_default().to_owned();
            let before = intent.before.get(id).cloned().unwrap_or_default();
            moved.entry((topic, partition)).or_insert_with(|| (before, Value::Null)).1 = to.clone();
        }
    }
    let one = |((topic, partition), (from, to)): ((String, i32), (Value, Value))| json!({ "topic": topic, "partition": partition, "from": from, "to": to });
    Ok(to_script(&moved.into_iter().filter(|(_, (from, to))| from != to).map(one).collect()))
}
