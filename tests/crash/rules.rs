//! What must hold after a run that was killed.

use super::reference::Reference;
use super::stage::Stage;
use krun::sandbox::Applied;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The end state of a run that nobody interrupted, by the same requests.
pub(super) fn resumed_well(stage: &Stage, reference: &Reference) {
    let after = stage.scene.dump_at_rest();
    assert_eq!(after, reference.after, "the end state is another");
    let (wanted, found) = (times(&reference.applied), times(&stage.applied()));
    let keys: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let other = keys.into_iter().filter(|key| wanted.get(*key) != found.get(*key));
    let other: Vec<String> =
        other.map(|key| format!("{key}: {:?} instead of {:?}", found.get(key), wanted.get(key))).collect();
    assert!(other.is_empty(), "not the same requests, as often:\n{}", other.join("\n"));
}

/// How often each request was applied.
fn times(applied: &[Applied]) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for one in applied {
        *times.entry(format!("{} {}", one.api, one.text)).or_default() += 1;
    }
    times
}

/// As before the run, but for finished moves, which `said` names.
pub(super) fn aborted_well(before: &Value, after: &Value, wanted: &Value, said: &str) {
    assert_eq!(after["configs"], before["configs"], "configs are not as before the run; abort said:\n{said}");
    for (topic, partitions) in before["topics"].as_object().into_iter().flatten() {
        for (id, was) in partitions.as_array().into_iter().flatten().enumerate() {
            let is = &after["topics"][topic][id];
            let name = format!("{topic}-{id}");
            let listed = |key: &str| is[key].as_array().is_some_and(|ids| !ids.is_empty());
            assert!(!listed("adding") && !listed("removing"), "{name} is still listed: {is}; abort said:\n{said}");
            assert_eq!(is["log_end_offset"], was["log_end_offset"], "{name} lost records");
            if is["replicas"] == was["replicas"] {
                continue;
            }
            let target = &wanted["topics"][topic][id]["replicas"];
            assert_eq!(&is["replicas"], target, "{name} is neither as before nor as planned; abort said:\n{said}");
            let step = format!("move topic {topic}");
            let is_named = said.contains(&name) || said.contains(&step) || said.contains("move all topics");
            assert!(is_named, "abort does not name {name}, which moved:\n{said}");
        }
    }
}
