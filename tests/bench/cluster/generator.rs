//! A cluster from a case and a seed: topics placed as Kafka places a new one, with sizes that differ as real ones do.

use super::cases::Case;
use super::random::Random;
use super::{Broker, Cluster, Intent, Role, Topic};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What half the topics have a replica smaller than.
const MEDIAN_BYTES: f64 = 1_073_741_824.0;
/// How much topics differ in size.
const TOPIC_SIGMA: f64 = 1.5;
/// How much the partitions of one topic do.
const PARTITION_SIGMA: f64 = 0.3;

/// The same bytes on every machine.
pub(crate) fn generate(case: &Case, seed: u64) -> Cluster {
    let mut random = Random::named(&format!("{}/{seed}", case.name));
    let brokers = brokers(case);
    let holders: Vec<&Broker> = brokers.iter().filter(|broker| broker.state != Role::New).collect();
    let floor = Floor::of(&holders);
    let mut topics = Vec::new();
    let mut left = case.partitions;
    while left > 0 {
        let drawn = case.topic_sizes[random.below(case.topic_sizes.len())];
        let count = drawn.min(left);
        left -= count;
        let scale = MEDIAN_BYTES * random.log_normal(TOPIC_SIGMA);
        topics.push(Topic {
            name: format!("t{:05}", topics.len()),
            replicas: floor.place(&mut random, count, case.replication_factor),
            bytes: (0..count).map(|_| bytes(scale * random.log_normal(PARTITION_SIGMA))).collect(),
        });
    }
    Cluster { case: case.name.to_owned(), seed, intent: case.intent, brokers, topics }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and far below 2^63")]
fn bytes(size: f64) -> u64 {
    size as u64 + 1
}

/// Ids from 1, racks in turn; the first ones leave. A broker that replaces another is in its rack.
fn brokers(case: &Case) -> Vec<Broker> {
    let holders = case.old + case.leaving;
    let broker = |at: usize| {
        let place = if at >= holders && case.intent == Intent::Replace { at - holders } else { at };
        let rack = (case.racks > 0).then(|| format!("r{}", place % case.racks + 1));
        let state = match at {
            at if at < case.leaving => Role::Leaving,
            at if at < holders => Role::Old,
            _ => Role::New,
        };
        Broker { id: i32::try_from(at + 1).unwrap_or(i32::MAX), rack, state }
    };
    (0..holders + case.new).map(broker).collect()
}

/// The brokers in the order in which Kafka goes round them: one of each rack in turn, by id without racks.
struct Floor<'a> {
    round: Vec<&'a Broker>,
    /// 0: without racks.
    racks: usize,
}

impl<'a> Floor<'a> {
    fn of(holders: &[&'a Broker]) -> Self {
        let mut by_rack: BTreeMap<&str, VecDeque<&Broker>> = BTreeMap::new();
        for broker in holders {
            by_rack.entry(broker.rack.as_deref().unwrap_or_default()).or_default().push_back(broker);
        }
        let racks = if holders.iter().any(|broker| broker.rack.is_none()) { 0 } else { by_rack.len() };
        let mut round = Vec::new();
        while round.len() < holders.len() {
            round.extend(by_rack.values_mut().filter_map(VecDeque::pop_front));
        }
        Self { round, racks }
    }

    /// The rule of `AdminUtils.assignReplicasToBrokers`: the leaders go round from a random broker, the followers stand a
    /// random shift behind, one more after each round, and a rack comes twice only when all have come once.
    fn place(&self, random: &mut Random, partitions: usize, factor: usize) -> Vec<Vec<i32>> {
        let brokers = self.round.len();
        let start = random.below(brokers);
        let mut shift = random.below(brokers);
        let mut placed = Vec::with_capacity(partitions);
        for partition in 0..partitions {
            if partition > 0 && partition % brokers == 0 {
                shift += 1;
            }
            placed.push(self.one(start + partition, shift, factor.min(brokers)));
        }
        placed
    }

    fn one(&self, first: usize, shift: usize, factor: usize) -> Vec<i32> {
        let brokers = self.round.len();
        let leader = self.round[first % brokers];
        let (mut replicas, mut racks) = (vec![leader.id], BTreeSet::from([&leader.rack]));
        let jump = shift * self.racks.max(1);
        let mut step = 0;
        while replicas.len() < factor {
            let broker = self.round[(first + 1 + (jump + step) % (brokers - 1)) % brokers];
            step += 1;
            let rack_again = self.racks > 0 && racks.contains(&broker.rack) && racks.len() < self.racks;
            if !rack_again && !replicas.contains(&broker.id) {
                replicas.push(broker.id);
                racks.insert(&broker.rack);
            }
        }
        replicas
    }
}
