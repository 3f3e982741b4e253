//! A valid planning job in flat tables: brokers, topics, partitions and replica slots by index.

use super::factor::{self, Dropped};
use super::level::Level;
use super::marks;
use super::scope::{self, Scope};
use super::seats::Seats;
use super::state::{State, Topic};
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
    /// Not registered: it neither sends nor receives.
    pub(super) down: bool,
    /// What a staying broker should hold; nothing for one that does not stay.
    pub(super) replicas: Marks,
    pub(super) leaders: Marks,
    pub(super) bytes: u64,
    /// The most bytes that may be added, so that its disks keep something to spare. `None` where they are not known.
    pub(super) room: Option<u64>,
}

/// The low and the high mark of a load: level when it lies between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) low: u64,
    pub(super) high: u64,
}

impl Marks {
    pub(super) fn of(level: Level) -> Self {
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
    /// By id, and behind them the pool.
    pub(super) seats: Vec<Seat>,
    /// Broker id to seat.
    pub(super) index: BTreeMap<i32, u32>,
    /// Seats that are replaced, each with the one that takes its place.
    pub(super) replaced: Vec<(u32, u32)>,
    pub(super) topics: Vec<String>,
    pub(super) partitions: Vec<Partition>,
    /// Slot to the index of the broker that holds it before.
    pub(super) old: Vec<u32>,
    pub(super) partition_of: Vec<u32>,
    /// Racks of staying brokers; 1 where racks are not known.
    pub(super) racks: usize,
    pub(super) rack_names: Vec<String>,
    /// The replicas before of partitions whose number of replicas changes, by partition.
    originals: BTreeMap<u32, Vec<u32>>,
    /// How many partitions have a size that is not known; they count as empty.
    pub(super) unknown_sizes: u64,
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
        let seats = Seats::of(state, &target.staying, scope.spare());
        let mut job = Self::of_seats(seats, &target);
        let factor = scope.replication_factor.map(usize::from);
        let dropped = factor.map(|factor| factor::dropped(&topics, factor, &job)).unwrap_or_default();
        let slots: usize =
            topics.iter().flat_map(|topic| &topic.replicas).map(|list| list.len().max(factor.unwrap_or(0))).sum();
        if u32::try_from(slots).is_err() {
            return Err(scope::malformed(format!("{slots} replicas are more than krun plans at once")));
        }
        job.old.reserve(slots);
        job.partition_of.reserve(slots);
        for topic in &topics {
            job.add_topic(topic, factor, &dropped);
        }
        marks::set(&mut job, scope);
        Ok(job)
    }

    fn of_seats(seats: Seats, target: &Target) -> Self {
        let index: BTreeMap<i32, u32> = seats.list.iter().map(|seat| seat.id).zip(0..).collect();
        let pair = |(broker, with): (&i32, &i32)| Some((*index.get(broker)?, *index.get(with)?));
        Self {
            replaced: target.replaced.iter().filter_map(pair).collect(),
            index,
            seats: seats.list,
            racks: seats.racks,
            rack_names: seats.names,
            topics: Vec::new(),
            partitions: Vec::new(),
            old: Vec::new(),
            partition_of: Vec::new(),
            originals: BTreeMap::new(),
            topic_marks: Vec::new(),
            unknown_sizes: 0,
        }
    }

    fn add_topic(&mut self, topic: &Topic, factor: Option<usize>, dropped: &Dropped) {
        let of_topic = narrow(self.topics.len());
        self.topics.push(topic.name.clone());
        for (number, replicas) in (0..).zip(&topic.replicas) {
            let (first, partition) = (self.old.len(), narrow(self.partitions.len()));
            let gone = dropped.of(&topic.name, number);
            let kept = replicas.iter().filter(|id| !gone.contains(id));
            self.old.extend(kept.filter_map(|id| self.index.get(id)));
            let racks: BTreeSet<usize> = self.old[first..].iter().map(|seat| self.seats[*seat as usize].rack).collect();
            let added = factor.unwrap_or(0).saturating_sub(replicas.len());
            self.old.extend(std::iter::repeat_n(self.pool(), added));
            self.partition_of.resize(self.old.len(), partition);
            if factor.is_some_and(|factor| factor != replicas.len()) {
                let before = replicas.iter().filter_map(|id| self.index.get(id).copied()).collect();
                self.originals.insert(partition, before);
            }
            let bytes = topic.bytes_of(usize::try_from(number).unwrap_or(usize::MAX));
            self.unknown_sizes += u64::from(bytes.is_none());
            self.partitions.push(Partition {
                topic: of_topic,
                number,
                first: narrow(first),
                replicas: narrow(self.old.len() - first),
                spread: narrow((racks.len() + added).min(self.racks)),
                bytes: bytes.unwrap_or(0),
            });
        }
    }

    /// The index of a seat that is no broker: replicas that are still to be made come from it.
    pub(super) fn pool(&self) -> u32 {
        narrow(self.seats.len() - 1)
    }

    /// Whether the partition is to have another number of replicas than before.
    pub(super) fn changes_factor(&self, partition: usize) -> bool {
        self.originals.contains_key(&narrow(partition))
    }

    /// The replicas that a partition has before, by id.
    pub(super) fn original(&self, partition: usize) -> Vec<i32> {
        self.ids(&self.before(partition))
    }

    /// The same by seat.
    pub(super) fn before(&self, partition: usize) -> Vec<u32> {
        let of_slots = || self.old[self.partitions[partition].slots()].to_vec();
        self.originals.get(&narrow(partition)).cloned().unwrap_or_else(of_slots)
    }

    /// The ids of brokers; replicas that are not made yet have none.
    pub(super) fn ids(&self, seats: &[u32]) -> Vec<i32> {
        seats.iter().filter(|seat| **seat != self.pool()).map(|seat| self.seats[*seat as usize].id).collect()
    }

    pub(super) fn set_topic_marks(&mut self, marks: Vec<Marks>) {
        self.topic_marks = marks;
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
