//! What a journal tells of the moves that a run carried out.

use crate::cluster::State;
use krun::event::{Entry, Record};
use krun::run::journal;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) struct Carried {
    pub(crate) moves: usize,
    /// From the first request until the last move was seen to be there.
    pub(crate) seconds: f64,
    /// The bytes that the busiest broker sends, or receives, at the rate of the throttle.
    pub(crate) bound_seconds: f64,
}

pub(crate) fn read(run: &Path, state: &State, throttle: u64) -> Result<Carried, String> {
    let entries = journal::read(run).map_err(|error| error.to_string())?.entries;
    let (mut sent, mut received) = (BTreeMap::<i64, u64>::new(), BTreeMap::<i64, u64>::new());
    let (mut moves, mut began, mut ended) = (0, None, None);
    for Entry { at, record, .. } in &entries {
        match record {
            Record::EffectIntent(intent)
                if intent.effect == "alter_partition_reassignments" && intent.undoes.is_none() =>
            {
                began = began.or(Some(*at));
                let topic = intent.args["topic"].as_str().unwrap_or_default();
                let partitions = intent.after.as_object().into_iter().flatten();
                for (partition, to) in partitions {
                    let ids = |ids: &serde_json::Value| -> Vec<i64> {
                        ids.as_array().into_iter().flatten().filter_map(serde_json::Value::as_i64).collect()
                    };
                    let (from, to) = (ids(&intent.before[partition]), ids(to));
                    let bytes = state.bytes(topic, partition.parse().unwrap_or(usize::MAX));
                    for broker in to.into_iter().filter(|id| !from.contains(id)) {
                        *received.entry(broker).or_default() += bytes;
                        *sent.entry(from[0]).or_default() += bytes;
                    }
                    moves += 1;
                }
            }
            Record::StepFinished { path, .. } if path.last().is_some_and(|name| name.starts_with("move ")) => {
                ended = Some(*at);
            }
            _ => {}
        }
    }
    let (Some(began), Some(ended)) = (began, ended) else { return Err("nothing was moved".to_owned()) };
    let most = sent.values().chain(received.values()).max().copied().unwrap_or(0);
    Ok(Carried { moves, seconds: ended.duration_since(began).as_secs_f64(), bound_seconds: seconds(most, throttle) })
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
fn seconds(bytes: u64, rate: u64) -> f64 {
    bytes as f64 / rate as f64
}
