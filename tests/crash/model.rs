//! What an abort must leave, told from the journal by other means than krun's: the last write of a finished step.

use krun::event::{Entry, Intent, Outcome, Path, Record};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Topic and config → value; absent where it is not set.
pub(super) type Configs = BTreeMap<(String, String), String>;

pub(super) fn configs(dump: &Value) -> Configs {
    let topics = dump["configs"]["topics"].as_object().into_iter().flatten();
    let values = topics.flat_map(|(topic, values)| {
        let values = values.as_object().into_iter().flatten();
        values.map(move |(key, value)| ((topic.clone(), key.clone()), value.as_str().unwrap_or_default().to_owned()))
    });
    values.collect()
}

/// The values of the finished steps, by their paths.
pub(super) fn finished(entries: &[Entry]) -> BTreeMap<Path, Value> {
    let mut last = BTreeMap::new();
    for entry in entries {
        match &entry.record {
            Record::StepBegun { path, .. } | Record::StepFailed { path, .. } => drop(last.remove(path)),
            Record::StepFinished { path, value, .. } => drop(last.insert(path.clone(), value.clone())),
            _ => {}
        }
    }
    last
}

/// The configs after an abort.
pub(super) fn after_abort(before: &Configs, entries: &[Entry]) -> Configs {
    let finished = finished(entries);
    let steps: BTreeSet<&Path> = entries.iter().filter_map(|entry| begun(&entry.record)).collect();
    let gone: BTreeSet<u64> = entries.iter().filter_map(|entry| gone(entries, &entry.record)).collect();
    let mut configs = before.clone();
    for entry in entries {
        let Record::EffectIntent(intent) = &entry.record else { continue };
        let stays = intent.undoes.is_none() && !gone.contains(&entry.seq);
        if stays && owner(&steps, intent).is_some_and(|step| finished.contains_key(&step)) {
            for (key, value) in intent.after.as_object().into_iter().flatten() {
                let value = value.as_str().expect("these runbooks only set").to_owned();
                configs.insert((topic(intent), key.clone()), value);
            }
        }
    }
    configs
}

fn begun(record: &Record) -> Option<&Path> {
    match record {
        Record::StepBegun { path, .. } => Some(path),
        _ => None,
    }
}

/// The effect that this record says was put back, or never happened.
fn gone(entries: &[Entry], record: &Record) -> Option<u64> {
    let Record::EffectOutcome { effect, outcome } = record else { return None };
    let intent = entries.iter().find_map(|entry| match &entry.record {
        Record::EffectIntent(intent) if entry.seq == *effect => Some(intent),
        _ => None,
    })?;
    match (outcome, intent.undoes) {
        (Outcome::Refused { .. }, None) => Some(*effect),
        (Outcome::Done { .. }, Some(undone)) => Some(undone),
        _ => None,
    }
}

/// The innermost step around it; none in the change of a `temporarily`, which no abort leaves.
fn owner(steps: &BTreeSet<&Path>, intent: &Intent) -> Option<Path> {
    if intent.attempt == 0 {
        return None;
    }
    let ways = (1..=intent.path.len()).rev().map(|length| intent.path[..length].to_vec());
    ways.into_iter().find(|path| steps.contains(path))
}

fn topic(intent: &Intent) -> String {
    intent.target.trim_start_matches("topic/").to_owned()
}
