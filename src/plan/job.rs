//! A valid planning job in flat tables: brokers, topics, partitions and replica slots by index.

use super::level::{Level, rack_shares, water_levels};
use super::scope::{self, Scope};
use super::state::State;
use super::target::Target;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// One broker.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: i32,
    /// Index of its rack. Racks of staying brokers come first.
    pub(super) rack: usize,
    /// May hold replicas afterwards.
    pub(super) stays: bool,
    /// What a staying broker should hold; nothing for one that does not stay.
    pub(super) replicas: Marks,
    pub(super) leaders: Marks,
    pub(super) bytes: u64,
}

/// The low and the high mark of a load: level when it lies between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) low: u64,
    pub(super) high: u64,
}

impl Marks {
    fn of(level: Level) -> Self {
        Self { low: level.floor(), high: level.ceil() }
    }
}

#[derive(Debug)]
pub(super) struct Partition {
    pub(super) topic: u32,
    pub(super) number: i32,
    /// Its slots are `first..first + replicas`.
    pub(super) first: u32,
    pub(super) replicas: u32,
    /// Over how many racks it must stay spread.
    pub(super) spread: u32,
    pub(super) bytes: u64,
}

impl Partition {
    pub(super) fn slots(&self) -> std::ops::Range<usize> {
        self.first as usize..(self.first + self.replicas) as usize
    }
}

/// The tables. A slot is one place in the replica list of one partition.
#[derive(Debug)]
pub(super) struct Job {
    /// By id.
    pub(super) seats: Vec<Seat>,
    pub(super) topics: Vec<String>,
    pub(super) partitions: Vec<Partition>,
    /// Slot to the index of the broker that holds it before.
    pub(super) old: Vec<u32>,
    pub(super) partition_of: Vec<u32>,
    /// Racks of staying brokers; 1 where racks are not known.
    pub(super) racks: usize,
    pub(super) rack_names: Vec<String>,
    /// How many replicas of a topic a broker should hold: topic × racks.
    topic_marks: Vec<Marks>,
}

/// Small enough by the check in [`Job::new`].
pub(super) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Job {
    pub(super) fn new(state: &State, scope: &Scope) -> Result<Self, Error> {
        let target = Target::of(state, scope)?;
        let topics = scope.choose(state)?;
        for topic in &topics {
            target.check(topic, scope.replication_factor)?;
        }
        let slots: usize = topics.iter().flat_map(|topic| &topic.replicas).map(Vec::len).sum();
        if u32::try_from(slots).is_err() {
            return Err(scope::malformed(format!("{slots} replicas are more than krun plans at once")));
        }
        let (mut seats, rack_names, racks) = seats(state, &target.staying);
        seats.sort_unstable_by_key(|seat| seat.id);
        let index: BTreeMap<i32, usize> = seats.iter().enumerate().map(|(index, seat)| (seat.id, index)).collect();
        let mut job = Self {
            seats,
            topics: topics.iter().map(|topic| topic.name.clone()).collect(),
            partitions: Vec::new(),
            old: Vec::with_capacity(slots),
            partition_of: Vec::with_capacity(slots),
            racks,
            rack_names,
            topic_marks: Vec::new(),
        };
        for (topic, given) in topics.iter().enumerate() {
            for (index_in_topic, (number, replicas)) in (0..).zip(&given.replicas).enumerate() {
                let first = job.old.len();
                job.old.extend(replicas.iter().filter_map(|id| index.get(id).copied().map(narrow)));
                job.partition_of.resize(job.old.len(), narrow(job.partitions.len()));
                let racks: BTreeSet<usize> =
                    job.old[first..].iter().map(|seat| job.seats[*seat as usize].rack).collect();
                job.partitions.push(Partition {
                    topic: narrow(topic),
                    number,
                    first: narrow(first),
                    replicas: narrow(replicas.len()),
                    spread: narrow(racks.len().min(job.racks)),
                    bytes: given.bytes_of(index_in_topic).unwrap_or(0),
                });
            }
        }
        job.set_marks();
        Ok(job)
    }

    fn set_marks(&mut self) {
        let mut brokers = vec![0_u64; self.racks];
        for seat in self.seats.iter().filter(|seat| seat.stays) {
            brokers[seat.rack] += 1;
        }
        let staying: u128 = brokers.iter().map(|n| u128::from(*n)).sum();
        let (mut number, mut size) = (BTreeMap::new(), BTreeMap::new());
        let mut by_topic: Vec<BTreeMap<usize, u128>> = vec![BTreeMap::new(); self.topics.len()];
        for partition in &self.partitions {
            let replicas = partition.replicas as usize;
            *number.entry(replicas).or_default() += 1;
            *by_topic[partition.topic as usize].entry(replicas).or_default() += 1;
            *size.entry(replicas).or_default() += u128::from(partition.bytes);
        }
        let levels = |weights: &BTreeMap<usize, u128>| {
            let total = weights.iter().map(|(replicas, weight)| *replicas as u128 * weight).sum();
            water_levels(total, &rack_shares(&brokers, weights))
        };
        let (replicas, bytes) = (levels(&number), levels(&size));
        let leaders = Level { total: self.partitions.len() as u128, brokers: staying };
        for seat in self.seats.iter_mut().filter(|seat| seat.stays) {
            seat.replicas = Marks::of(replicas[seat.rack]);
            seat.bytes = bytes[seat.rack].floor();
            seat.leaders = Marks::of(leaders);
        }
        self.topic_marks = by_topic.iter().flat_map(levels).map(Marks::of).collect();
    }

    /// How many replicas of a topic the broker should hold.
    pub(super) fn topic_marks(&self, topic: u32, seat: usize) -> Marks {
        let seat = &self.seats[seat];
        if seat.stays { self.topic_marks[topic as usize * self.racks + seat.rack] } else { Marks::default() }
    }

    pub(super) fn partition(&self, slot: usize) -> &Partition {
        &self.partitions[self.partition_of[slot] as usize]
    }
}

/// The brokers with their racks, the names of the racks, and how many racks the staying brokers have.
///
/// Racks count only where every broker of the target has one, as for Kafka itself.
fn seats(state: &State, target: &BTreeSet<i32>) -> (Vec<Seat>, Vec<String>, usize) {
    let stays = |id: i32| target.contains(&id);
    let aware = state.brokers.iter().all(|broker| broker.rack.is_some() || !stays(broker.id));
    let rack_of = |broker: &super::state::Broker| match (&broker.rack, aware) {
        (Some(rack), true) => rack.clone(),
        _ => String::new(),
    };
    let staying: BTreeSet<String> = state.brokers.iter().filter(|b| stays(b.id)).map(rack_of).collect();
    let leaving: BTreeSet<String> = state.brokers.iter().map(rack_of).filter(|rack| !staying.contains(rack)).collect();
    let racks = staying.len();
    let names: Vec<String> = staying.into_iter().chain(leaving).collect();
    let seat = |broker: &super::state::Broker| {
        let rack = rack_of(broker);
        Seat {
            id: broker.id,
            rack: names.iter().position(|name| *name == rack).unwrap_or(0),
            stays: stays(broker.id),
            replicas: Marks::default(),
            leaders: Marks::default(),
            bytes: 0,
        }
    };
    (state.brokers.iter().map(seat).collect(), names.clone(), racks)
}
