//! Old records, sampled and found again.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::kafka::offsets::{self, Spec};
use crate::kafka::samples::{self, Found, Place};
use crate::run::stop::Level;
use crate::run::trouble::Halt;
use rhai::{Array, Dynamic, Engine, INT, Map, NativeCallContext};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Between the first of a partition and its last ones.
const BETWEEN: u32 = 3;
/// Of more partitions a snapshot would take minutes.
const PARTITIONS: u32 = 1000;

pub(crate) fn register(engine: &mut Engine) {
    let doc = "Records of these topics: of each partition the first, the last ones and some between, each with `topic`, `partition`, `offset`, `timestamp` and a `hash` of key, value, headers and timestamp. Options: `between` (3), `partitions` (1000: of more, the first so many).";
    function("Cluster.sample_records(topics: array) -> array", doc)
        .register_into_engine(engine, |context: NativeCallContext, cluster: &mut Cluster, topics: Array| {
            sample(context, cluster, topics, Map::new())
        });
    function("Cluster.sample_records(topics: array, options: map) -> array", doc).register_into_engine(engine, sample);
    function(
        "Cluster.read_samples(samples: array) -> array",
        "The same records as they are now, in the same order: `hash` is () where there is none at that `offset` any more.",
    )
    .register_into_engine(engine, read_again);
}

fn sample(context: NativeCallContext, cluster: &mut Cluster, topics: Array, options: Map) -> RhaiResultOf<Dynamic> {
    let mut options = Options::new("sample_records", options);
    let asked = (|| {
        let between = options.count("between")?.unwrap_or(BETWEEN);
        let partitions = options.count("partitions")?.unwrap_or(PARTITIONS);
        options.finish()?;
        Ok((between, usize::try_from(partitions).unwrap_or(usize::MAX)))
    })();
    let (between, partitions) = asked.map_err(|error| raise(&context, error))?;
    let topics: Vec<String> = topics.iter().map(ToString::to_string).collect();
    let starts = read(&context, cluster, offsets::of_topics(&client(cluster), &topics, Spec::Earliest))?;
    let ends = read(&context, cluster, offsets::of_topics(&client(cluster), &topics, Spec::Latest))?;
    let mut wanted = BTreeMap::new();
    for (place, start) in starts.into_iter().take(partitions) {
        let end = ends.get(&place).cloned().unwrap_or_else(|| Err(unknown(&place)));
        let (start, end) =
            start.and_then(|start| Ok((start.offset, end?.offset))).map_err(|error| raise(&context, error))?;
        wanted.insert(place, samples::spread(start, end, between));
    }
    let found = found(&context, cluster, &wanted)?;
    let mut rows = Vec::new();
    for ((topic, partition), records) in found {
        // Two wanted ones may have led to the same record.
        let records: BTreeMap<i64, _> = records.into_values().flatten().map(|one| (one.offset, one)).collect();
        rows.extend(records.into_values().map(|one| {
            json!({ "topic": topic, "partition": partition, "offset": one.offset, "timestamp": one.timestamp, "hash": one.hash })
        }));
    }
    Ok(to_script(&rows.into()))
}

fn unknown((topic, partition): &Place) -> Error {
    Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("the end of {topic}-{partition} is not told"))
}

fn read_again(context: NativeCallContext, cluster: &mut Cluster, samples: Array) -> RhaiResultOf<Dynamic> {
    let rows: Option<Vec<(Place, i64)>> = samples.iter().map(place_of).collect();
    let rows = rows.ok_or_else(|| {
        let error = Error::new("INVALID_ARGUMENT", "a sample has no `topic`, `partition` and `offset`");
        raise(&context, error.hint("read_samples takes what sample_records gave"))
    })?;
    let mut wanted: BTreeMap<Place, BTreeSet<i64>> = BTreeMap::new();
    for (place, offset) in &rows {
        wanted.entry(place.clone()).or_default().insert(*offset);
    }
    let found = found(&context, cluster, &wanted)?;
    let again = rows.iter().map(|(place, offset)| {
        let record = found.get(place).and_then(|records| records.get(offset)).and_then(Option::as_ref);
        let record = record.filter(|record| record.offset == *offset);
        json!({
            "topic": place.0,
            "partition": place.1,
            "offset": offset,
            "timestamp": record.map(|record| record.timestamp),
            "hash": record.map(|record| record.hash.clone()),
        })
    });
    Ok(to_script(&again.collect()))
}

fn place_of(sample: &Dynamic) -> Option<(Place, i64)> {
    let sample = sample.read_lock::<Map>()?;
    let topic = sample.get("topic")?.clone().into_string().ok()?;
    let number = |key: &str| -> Option<INT> { sample.get(key)?.as_int().ok() };
    Some(((topic, i32::try_from(number("partition")?).ok()?), number("offset")?))
}

fn found(
    context: &NativeCallContext,
    cluster: &Cluster,
    wanted: &BTreeMap<Place, BTreeSet<i64>>,
) -> RhaiResultOf<Found> {
    let connection = &cluster.0.connection;
    let stop = cluster.0.session.stop();
    let found = samples::read(&connection.client, connection.runtime(), wanted, &|| stop.level() >= Level::Now);
    match found.map_err(|error| raise(context, error))? {
        Some(found) => Ok(found),
        None => Err(leave(context, Halt::Interrupted.into())),
    }
}
