//! What a plan costs and reaches, beside what could not be done with less.

use super::budget::Later;
use super::by_bytes;
use super::job::{Job, Marks};
use super::level::bound;
use super::moves::TopicMoves;
use super::scope::{Aim, Scope};
use super::share::{self, BrokerShare};
use super::worst::{self, TopicShare};
use serde::{Deserialize, Serialize};

/// The proof that travels with a plan, recomputed from its moves alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// What was levelled.
    pub by: Aim,
    /// Whether only what had to move was moved.
    pub forced_only: bool,
    /// Whether leaders alone were levelled.
    #[serde(default, skip_serializing_if = "share::is_no")]
    pub leaders_only: bool,
    /// Replicas that a broker gets which did not have them.
    pub moved_replicas: u64,
    /// Fewer moves cannot bring every broker to its level.
    pub bound_replicas: u64,
    pub moved_bytes: u64,
    /// Fewer bytes cannot bring the brokers of each rack as close together as this plan does.
    pub bound_bytes: u64,
    pub leader_changes: u64,
    /// Fewer changes cannot level the leaders.
    pub bound_leaders: u64,
    /// How many replicas more than one above, or less than one below, their level brokers still are, in all. 0: level.
    pub missed_replicas: u64,
    /// How many bytes brokers still are outside the tolerance, where bytes are levelled.
    pub missed_bytes: u64,
    /// The same for leaders.
    pub missed_leaders: u64,
    /// Whether racks were kept apart: every broker of the target has one, and there are several.
    pub rack_aware: bool,
    /// Why it cannot be less.
    pub binds: Vec<Bind>,
    /// The topic that is spread worst afterwards.
    pub worst_topic: Option<TopicShare>,
    /// What `max_bytes` leaves for later: replicas, and their bytes.
    pub later_replicas: u64,
    pub later_bytes: u64,
    /// Partitions whose size is not known: they count as empty.
    pub unknown_sizes: u64,
    /// Brokers that receive something and whose disks are not known, so that nobody can say whether it fits.
    pub unknown_disks: Vec<i32>,
    /// By broker id.
    pub brokers: Vec<BrokerShare>,
}

/// What keeps a plan from moving less, or from being more even.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bind {
    /// These brokers lack so many replicas together.
    Lacking { brokers: Vec<i32>, replicas: u64 },
    /// These brokers have so many too many together.
    Surplus { brokers: Vec<i32>, replicas: u64 },
    /// The brokers of this rack cannot hold as much as the others, or have to hold more: racks are kept apart.
    Rack { rack: String, level: (u64, u64) },
    /// The disks of this broker take so many bytes and no more, so that `spare` per cent stay free.
    Disk { broker: i32, room: u64, spare: u8 },
}

impl Certificate {
    pub(super) fn of(job: &Job, scope: &Scope, moves: &[TopicMoves], later: Later) -> Self {
        let brokers = share::of(job, moves);
        let counted = Counted::of(job);
        let off = |count: u64, marks: Marks| count.saturating_sub(marks.high) + marks.low.saturating_sub(count);
        let seats = || job.seats.iter().zip(&brokers);
        let byte_marks = byte_marks(job, scope, &brokers);
        let bytes = counted.bytes.iter().zip(&byte_marks).map(|(bytes, marks)| (*bytes, marks.low, marks.high));
        let partitions = || moves.iter().flat_map(|topic| &topic.partitions);
        let loads: Vec<(u64, Marks)> =
            job.seats.iter().zip(&counted.replicas).map(|(seat, count)| (*count, seat.replicas)).collect();
        let disk = |share: &&BrokerShare| share.bytes_in > 0;
        let unknown = job.seats.iter().filter(|seat| seat.room.is_none()).map(|seat| seat.id);
        Self {
            by: scope.by,
            forced_only: scope.forced_only,
            leaders_only: scope.leaders_only,
            moved_replicas: partitions().map(|partition| partition.added().count() as u64).sum(),
            bound_replicas: bound(loads.iter().map(|(count, marks)| (*count, marks.low, marks.high)), counted.given_up),
            moved_bytes: moves.iter().fold(0, |sum, topic| sum.saturating_add(topic.moved_bytes())),
            bound_bytes: bound(bytes, counted.given_up_bytes),
            leader_changes: partitions().filter(|partition| partition.changes_leader()).count() as u64,
            bound_leaders: bound(seats().map(|(seat, b)| (b.leaders.before, seat.leaders.low, seat.leaders.high)), 0),
            missed_replicas: seats().map(|(seat, share)| off(share.replicas.after, seat.replicas)).sum(),
            missed_bytes: match scope.by {
                Aim::Bytes { .. } => brokers.iter().zip(&byte_marks).map(|(b, marks)| off(b.bytes.after, *marks)).sum(),
                Aim::Counts => 0,
            },
            missed_leaders: seats().map(|(seat, share)| off(share.leaders.after, seat.leaders)).sum(),
            rack_aware: job.racks > 1,
            binds: binds(job, &loads, &brokers, scope.spare(), later.replicas),
            worst_topic: worst::topic(job, moves),
            later_replicas: later.replicas,
            later_bytes: later.bytes,
            unknown_sizes: job.unknown_sizes,
            unknown_disks: unknown.filter(|id| brokers.iter().filter(disk).any(|share| share.broker == *id)).collect(),
            brokers,
        }
    }

    /// Whether every broker ends within one of its level with the fewest moves that there can be.
    pub fn is_least(&self) -> bool {
        self.missed_replicas == 0 && self.moved_replicas == self.bound_replicas
    }

    /// Whether every broker ends within its marks; what a budget leaves for later is not asked.
    pub fn is_level(&self) -> bool {
        self.missed_replicas == 0 && self.missed_bytes == 0
    }

    /// The broker that receives most.
    pub fn largest_in(&self) -> Option<&BrokerShare> {
        self.brokers.iter().filter(|share| share.bytes_in > 0).max_by_key(|share| (share.bytes_in, -share.broker))
    }

    /// The broker that sends most.
    pub fn largest_out(&self) -> Option<&BrokerShare> {
        self.brokers.iter().filter(|share| share.bytes_out > 0).max_by_key(|share| (share.bytes_out, -share.broker))
    }
}

/// What each seat holds before, and what a lower replication factor gives up without moving anything.
#[derive(Debug, Default)]
struct Counted {
    replicas: Vec<u64>,
    bytes: Vec<u64>,
    given_up: u64,
    given_up_bytes: u64,
}

impl Counted {
    fn of(job: &Job) -> Self {
        let seats = job.seats.len();
        let mut counted = Self { replicas: vec![0; seats], bytes: vec![0; seats], ..Self::default() };
        for (index, partition) in job.partitions.iter().enumerate() {
            let before = job.before(index);
            let added = (partition.replicas as usize).saturating_sub(before.len());
            let given_up = before.len().saturating_sub(partition.replicas as usize) as u64;
            for seat in before.into_iter().chain(std::iter::repeat_n(job.pool(), added)) {
                counted.replicas[seat as usize] += 1;
                let bytes = &mut counted.bytes[seat as usize];
                *bytes = bytes.saturating_add(partition.bytes);
            }
            counted.given_up += given_up;
            counted.given_up_bytes = counted.given_up_bytes.saturating_add(partition.bytes.saturating_mul(given_up));
        }
        counted
    }
}

/// Between which bytes each seat is: the tolerance where bytes are levelled, else what the brokers of its rack have reached.
fn byte_marks(job: &Job, scope: &Scope, brokers: &[BrokerShare]) -> Vec<Marks> {
    let reached = |rack: usize| {
        let of_rack = job.seats.iter().zip(brokers).filter(|(seat, _)| seat.stays && seat.rack == rack);
        let bytes = of_rack.map(|(_, share)| share.bytes.after);
        Marks { low: bytes.clone().min().unwrap_or(0), high: bytes.max().unwrap_or(0) }
    };
    let racks: Vec<Marks> = (0..job.racks).map(reached).collect();
    let marks = |(index, seat): (usize, &super::job::Seat)| match (seat.stays, scope.by) {
        (false, _) => Marks::default(),
        (true, Aim::Bytes { .. }) if scope.keeps() => Marks { low: 0, high: u64::MAX },
        (true, Aim::Bytes { tolerance }) => by_bytes::marks(job, index, tolerance),
        (true, Aim::Counts) => racks[seat.rack],
    };
    job.seats.iter().enumerate().map(marks).collect()
}

fn binds(job: &Job, loads: &[(u64, Marks)], brokers: &[BrokerShare], spare: u8, later: u64) -> Vec<Bind> {
    let over = |(count, marks): &(u64, Marks)| count.saturating_sub(marks.high);
    let under = |(count, marks): &(u64, Marks)| marks.low.saturating_sub(*count);
    let those = |excess: &dyn Fn(&(u64, Marks)) -> u64| {
        let found = loads.iter().zip(&job.seats).filter(|(load, _)| excess(load) > 0);
        let ids = found.filter(|(_, seat)| seat.id >= 0).map(|(_, seat)| seat.id).collect::<Vec<i32>>();
        (ids, loads.iter().map(excess).sum::<u64>())
    };
    let ((lacking, lack), (full, surplus)) = (those(&under), those(&over));
    let mut binds = Vec::new();
    let leaving = job.seats.iter().any(|seat| !seat.stays && full.contains(&seat.id));
    if lack > surplus || (lack > 0 && lack == surplus && !leaving) {
        binds.push(Bind::Lacking { brokers: lacking, replicas: lack });
    } else if surplus > 0 {
        binds.push(Bind::Surplus { brokers: full, replicas: surplus });
    }
    let levels: Vec<Marks> = (0..job.racks)
        .filter_map(|rack| job.seats.iter().find(|seat| seat.stays && seat.rack == rack))
        .map(|seat| seat.replicas)
        .collect();
    let common = levels.iter().copied().max_by_key(|level| levels.iter().filter(|other| *other == level).count());
    for (rack, level) in levels.iter().enumerate() {
        let far =
            |common: Marks| level.high > common.high.saturating_add(1) || level.low.saturating_add(1) < common.low;
        if common.is_some_and(far) {
            let rack = job.rack_names.get(rack).cloned().unwrap_or_default();
            binds.push(Bind::Rack { rack, level: (level.low, level.high) });
        }
    }
    // What waits for its turn is not held back by a disk.
    for (seat, share) in job.seats.iter().zip(brokers).filter(|_| later == 0) {
        let room = seat.room.filter(|_| seat.stays && share.replicas.after < seat.replicas.low);
        binds.extend(room.map(|room| Bind::Disk { broker: seat.id, room, spare }));
    }
    binds
}
