//! Changes of whole topics: to create and delete one, to give it partitions, to take records away.

use crate::bind::change::{config_value, none_refused, perform, wrong};
use crate::bind::cluster::Cluster;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::ids;
use crate::effect::{create_partitions, create_topic, delete_records, delete_topic};
use crate::error::Error;
use crate::kafka::topics::{Layout, NewTopic};
use rhai::{Array, Dynamic, Engine, INT, Map, NativeCallContext};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.create_topic(name: string, options: map)",
        "Creates a topic: #{ partitions: 12, replication: 3, configs: #{ \"retention.ms\": 3600000 } }, or instead of the numbers `replicas`, such as [[1, 2], [2, 3]]. Its undo deletes it with its data. An effect.",
    )
    .register_into_engine(engine, create);
    function(
        "Cluster.delete_topic(name: string)",
        "Deletes a topic with its data. Nothing brings it back: ask for a `point_of_no_return` first. An effect without undo.",
    )
    .register_into_engine(engine, delete);
    let partitions = "Gives a topic more partitions, `count` in all; `replicas` says where those that are added lie. Kafka takes none away again. An effect without undo.";
    function("Cluster.create_partitions(topic: string, count: int)", partitions).register_into_engine(
        engine,
        |context: NativeCallContext, cluster: &mut Cluster, topic: &str, count: INT| {
            add_partitions(context, cluster, topic, count, Map::new())
        },
    );
    function("Cluster.create_partitions(topic: string, count: int, options: map)", partitions)
        .register_into_engine(engine, add_partitions);
    function(
        "Cluster.delete_records(topic: string, below: array)",
        "Deletes what lies below the `offset` of each `partition`: what `offsets(…)` gives, or [#{ partition: 0, offset: 1200 }]. An effect without undo.",
    )
    .register_into_engine(engine, remove_records);
}

fn create(context: NativeCallContext, cluster: &mut Cluster, name: &str, options: Map) -> RhaiResultOf<()> {
    let new = new_topic(name, options).map_err(|error| raise(&context, error))?;
    perform(&context, cluster, create_topic::NAME, &create_topic::args(&new)).map(drop)
}

fn new_topic(name: &str, options: Map) -> Result<NewTopic, Error> {
    let mut options = Options::new("create_topic", options);
    let (partitions, replication) = (options.count("partitions")?, options.count("replication")?);
    let (replicas, configs) =
        (options.read_by("replicas", placement, "an array of arrays of broker ids")?, options.map("configs")?);
    options.finish()?;
    let small = |number: u32| i32::try_from(number).ok();
    let layout = match (partitions.and_then(small), replication.and_then(|number| i16::try_from(number).ok()), replicas)
    {
        (None, None, Some(replicas)) => Layout::Assigned(replicas),
        (Some(partitions), Some(replication), None) => Layout::Spread { partitions, replication },
        _ => {
            let text = format!("topic {name} needs `partitions` and `replication`, or `replicas` alone");
            return Err(Error::new("INVALID_OPTION", text)
                .hint("#{ partitions: 12, replication: 3 } or #{ replicas: [[1, 2, 3], [2, 3, 1]] }"));
        }
    };
    let config = |(key, value): (rhai::Identifier, Dynamic)| match config_value(&value) {
        Some(Value::String(value)) => Ok((key.to_string(), value)),
        _ => {
            Err(Error::new("INVALID_OPTION", format!("the value of `{key}` is neither a string, a number nor a bool"))
                .hint("quote it"))
        }
    };
    let configs = configs.unwrap_or_default().into_iter().map(config).collect::<Result<_, _>>()?;
    Ok(NewTopic { name: name.to_owned(), layout, configs })
}

/// The replicas of one partition after the other.
fn placement(value: &Dynamic) -> Option<Vec<Vec<i32>>> {
    let each = value.read_lock::<Array>()?;
    each.iter().map(|one| ids(one).filter(|ids| !ids.is_empty())).collect()
}

fn delete(context: NativeCallContext, cluster: &mut Cluster, name: &str) -> RhaiResultOf<()> {
    perform(&context, cluster, delete_topic::NAME, &delete_topic::args(name)).map(drop)
}

fn add_partitions(
    context: NativeCallContext,
    cluster: &mut Cluster,
    topic: &str,
    count: INT,
    options: Map,
) -> RhaiResultOf<()> {
    let mut options = Options::new("create_partitions", options);
    let replicas = options.read_by("replicas", placement, "an array of arrays of broker ids");
    let replicas = replicas.and_then(|replicas| options.finish().map(|()| replicas));
    let replicas = replicas.map_err(|error| raise(&context, error))?;
    let count = i32::try_from(count).ok().filter(|count| *count > 0);
    let count =
        count.ok_or_else(|| wrong(&context, "no topic has so many partitions".to_owned(), "a number from 1"))?;
    let args = create_partitions::args(topic, count, replicas.as_deref());
    perform(&context, cluster, create_partitions::NAME, &args).map(drop)
}

fn remove_records(context: NativeCallContext, cluster: &mut Cluster, topic: &str, below: Array) -> RhaiResultOf<()> {
    let mut offsets = BTreeMap::new();
    for one in below {
        let (partition, offset) = below_in(topic, one).map_err(|error| raise(&context, error))?;
        if offsets.insert(partition, offset).is_some() {
            return Err(wrong(&context, format!("partition {topic}-{partition} is named twice"), "name it once"));
        }
    }
    if offsets.is_empty() {
        return Ok(());
    }
    let result = perform(&context, cluster, delete_records::NAME, &delete_records::args(topic, &offsets))?;
    let what = format!("some deletions of {topic}");
    none_refused(&context, &result, "DELETION_REFUSED", &what, "the others are done, and do not come back")
}

/// A partition without an offset is refused: that no record is newer than a time does not say that all may go.
fn below_in(topic: &str, one: Dynamic) -> Result<(i32, i64), Error> {
    let invalid = |text: String| Error::new("INVALID_ARGUMENT", text).hint("[#{ partition: 0, offset: 1200 }]");
    let not_one = || invalid(format!("an entry for {topic} is not a partition with its offset"));
    let one = one.try_cast::<Map>().ok_or_else(not_one)?;
    let partition = one.get("partition").and_then(|id| id.as_int().ok()).and_then(|id| i32::try_from(id).ok());
    let partition = partition.ok_or_else(not_one)?;
    let offset = one.get("offset").and_then(|offset| offset.as_int().ok()).filter(|offset| *offset >= 0);
    let offset = offset.ok_or_else(|| {
        invalid(format!("partition {topic}-{partition} has no offset")).hint(
            "no record is as new as that, or the partition could not be asked: leave it out, or use offsets(TOPIC, \"latest\") to delete all",
        )
    })?;
    Ok((partition, offset))
}
