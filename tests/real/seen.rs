//! What a cluster looks like at one moment, and what must hold of it.

use super::cluster::Cluster;
use super::krun::Running;
use super::partition::Partition;
use super::records::Written;
use super::tool_output::Configs;
use super::tools::Tools;
use serde_json::json;
use std::collections::BTreeMap;

/// What the tools say at one moment.
pub(crate) struct Seen {
    pub(crate) partitions: Vec<Partition>,
    pub(crate) configs: Configs,
}

impl Seen {
    pub(crate) fn now(tools: &Tools) -> Self {
        Self { partitions: tools.topics(), configs: tools.configs() }
    }
}

/// Looks until the cluster is as wanted. Fails, with all that krun said, when krun ends first.
pub(crate) fn wait_for(cluster: &mut Cluster, running: &mut Running, what: &str, test: impl Fn(&[Partition]) -> bool) {
    cluster.wait_until(what, |cluster| {
        let seen = test(&cluster.partitions());
        if let (false, Some(ended)) = (seen, running.ended()) {
            panic!("krun ended before {what}: {ended}");
        }
        seen
    });
}

/// Looks until krun has said this. Fails, with all that it said, when it ends first.
pub(crate) fn wait_said(cluster: &mut Cluster, running: &mut Running, text: &str) {
    wait_said_one_of(cluster, running, &[text]);
}

pub(crate) fn wait_said_one_of(cluster: &mut Cluster, running: &mut Running, texts: &[&str]) {
    cluster.wait_until(&format!("krun to say one of {texts:?}"), |_| {
        let said = texts.iter().any(|text| running.has_said(text));
        if let (false, Some(ended)) = (said, running.ended()) {
            panic!("krun ended before it said one of {texts:?}: {ended}");
        }
        said
    });
}

/// A partition on the move has the new replicas beside the old ones.
pub(crate) fn in_flight(now: &[Partition], before: &[Partition], topic: &str) -> bool {
    of(now, topic).zip(of(before, topic)).any(|(now, before)| now.replicas.len() > before.replicas.len())
}

/// The partitions, as `topic-partition`, that are at rest on other brokers than before.
pub(crate) fn moved(now: &[Partition], before: &[Partition]) -> Vec<String> {
    let pairs = now.iter().zip(before);
    let changed = pairs.filter(|(now, was)| now.replicas.len() == was.replicas.len() && now.replicas != was.replicas);
    changed.map(|(now, _)| format!("{}-{}", now.topic, now.id)).collect()
}

pub(crate) fn of<'a>(partitions: &'a [Partition], topic: &'a str) -> impl Iterator<Item = &'a Partition> {
    partitions.iter().filter(move |partition| partition.topic == topic)
}

/// The same partitions with as many replicas as before, each on a broker of its own.
pub(crate) fn assert_same_shape(before: &[Partition], after: &[Partition]) {
    let shape = |partitions: &[Partition]| -> Vec<(String, i32, usize)> {
        let distinct = |each: &Partition| each.replicas.iter().collect::<std::collections::BTreeSet<_>>().len();
        partitions.iter().map(|each| (each.topic.clone(), each.id, distinct(each))).collect()
    };
    assert_eq!(shape(after), shape(before));
}

/// Every replica where it was, in its order.
pub(crate) fn assert_in_place(before: &[Partition], now: &[Partition]) {
    let places = |partitions: &[Partition]| -> Vec<(String, i32, Vec<i32>)> {
        partitions.iter().map(|each| (each.topic.clone(), each.id, each.replicas.clone())).collect()
    };
    assert_eq!(places(now), places(before));
}

/// No broker has more than one replica more than another.
pub(crate) fn assert_level(partitions: &[Partition], brokers: &[i32]) {
    let mut counts: BTreeMap<i32, usize> = brokers.iter().map(|broker| (*broker, 0)).collect();
    for replica in partitions.iter().flat_map(|partition| &partition.replicas) {
        *counts.entry(*replica).or_default() += 1;
    }
    let (least, most) = (counts.values().min(), counts.values().max());
    assert!(most <= least.map(|count| count + 1).as_ref(), "replicas by broker: {counts:?}");
}

pub(crate) fn assert_all_readable(written: &[Written], cluster: &Cluster) {
    let bootstrap = cluster.bootstrap();
    for topic in written {
        assert_eq!(topic.read_back(&bootstrap), Ok(()));
    }
}

/// The assignment as it is, as a plan.
pub(crate) fn plan_of(partitions: &[Partition]) -> serde_json::Value {
    let entry = |each: &Partition| json!({ "topic": each.topic, "partition": each.id, "replicas": each.replicas });
    json!({ "version": 1, "partitions": partitions.iter().map(entry).collect::<Vec<_>>() })
}
