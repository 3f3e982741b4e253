//! What a plan costs and reaches, beside what could not be done with less.

use super::job::{Job, Marks};
use super::level::bound;
use super::moves::TopicMoves;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The proof that travels with a plan, recomputed from its moves alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Replicas that a broker gets which did not have them.
    pub moved_replicas: u64,
    /// Fewer moves cannot bring every broker to its level.
    pub bound_replicas: u64,
    pub moved_bytes: u64,
    /// Fewer bytes cannot bring the brokers as close together as this plan does.
    pub bound_bytes: u64,
    pub leader_changes: u64,
    /// Fewer changes cannot level the leaders.
    pub bound_leaders: u64,
    /// How many replicas more than one above, or less than one below, their level brokers still are, in all. 0: level.
    pub missed_replicas: u64,
    /// The same for leaders.
    pub missed_leaders: u64,
    /// Whether racks were kept apart: every broker of the target has one, and there are several.
    pub rack_aware: bool,
    /// By broker id.
    pub brokers: Vec<BrokerShare>,
}

/// One broker's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerShare {
    pub broker: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
    /// May hold replicas afterwards.
    pub stays: bool,
    /// The least and the most replicas at which it is level.
    pub level: (u64, u64),
    pub leader_level: (u64, u64),
    pub replicas: Change,
    pub leaders: Change,
    pub bytes: Change,
    /// Bytes that it receives, and that it sends as the leader that new replicas are copied from.
    pub bytes_in: u64,
    pub bytes_out: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub before: u64,
    pub after: u64,
}

impl Certificate {
    pub(super) fn of(job: &Job, moves: &[TopicMoves]) -> Self {
        let mut brokers = before(job);
        let index: BTreeMap<i32, usize> = job.seats.iter().enumerate().map(|(index, seat)| (seat.id, index)).collect();
        let (mut moved_replicas, mut moved_bytes, mut leader_changes) = (0_u64, 0_u64, 0_u64);
        for partition in moves.iter().flat_map(|topic| &topic.partitions) {
            let bytes = partition.bytes;
            let seats = |ids: Vec<i32>| ids.into_iter().filter_map(|id| index.get(&id).copied()).collect::<Vec<_>>();
            let (added, removed) = (seats(partition.added().collect()), seats(partition.removed().collect()));
            moved_replicas += added.len() as u64;
            moved_bytes = moved_bytes.saturating_add(partition.moved_bytes());
            for seat in removed {
                brokers[seat].replicas.after -= 1;
                brokers[seat].bytes.after = brokers[seat].bytes.after.saturating_sub(bytes);
            }
            for seat in added {
                brokers[seat].replicas.after += 1;
                brokers[seat].bytes.after = brokers[seat].bytes.after.saturating_add(bytes);
                brokers[seat].bytes_in = brokers[seat].bytes_in.saturating_add(bytes);
            }
            let first = |ids: &[i32]| ids.first().and_then(|id| index.get(id)).copied();
            if let (Some(old), Some(new)) = (first(&partition.from), first(&partition.to)) {
                brokers[old].bytes_out = brokers[old].bytes_out.saturating_add(partition.moved_bytes());
                brokers[old].leaders.after -= 1;
                brokers[new].leaders.after += 1;
                leader_changes += u64::from(partition.changes_leader());
            }
        }
        let off = |count: u64, (low, high): (u64, u64)| count.saturating_sub(high) + low.saturating_sub(count);
        let staying = || brokers.iter().filter(|broker| broker.stays).map(|broker| broker.bytes.after);
        let (least, most) = (staying().min().unwrap_or(0), staying().max().unwrap_or(0));
        let byte_marks = |stays: bool| if stays { (least, most) } else { (0, 0) };
        let bytes = brokers.iter().map(|b| (b.bytes.before, byte_marks(b.stays).0, byte_marks(b.stays).1));
        Self {
            moved_replicas,
            bound_replicas: bound(brokers.iter().map(|b| (b.replicas.before, b.level.0, b.level.1))),
            moved_bytes,
            bound_bytes: bound(bytes),
            leader_changes,
            bound_leaders: bound(brokers.iter().map(|b| (b.leaders.before, b.leader_level.0, b.leader_level.1))),
            missed_replicas: brokers.iter().map(|b| off(b.replicas.after, b.level)).sum(),
            missed_leaders: brokers.iter().map(|b| off(b.leaders.after, b.leader_level)).sum(),
            rack_aware: job.racks > 1,
            brokers,
        }
    }

    /// Whether every broker ends within one of its level with the fewest moves that there can be.
    pub fn is_least(&self) -> bool {
        self.missed_replicas == 0 && self.moved_replicas == self.bound_replicas
    }
}

/// The brokers as they are, with `after` the same.
fn before(job: &Job) -> Vec<BrokerShare> {
    let pair = |marks: Marks| (marks.low, marks.high);
    let share = |seat: &super::job::Seat| BrokerShare {
        broker: seat.id,
        rack: job.rack_names.get(seat.rack).filter(|name| !name.is_empty()).cloned(),
        stays: seat.stays,
        level: pair(seat.replicas),
        leader_level: pair(seat.leaders),
        replicas: Change::default(),
        leaders: Change::default(),
        bytes: Change::default(),
        bytes_in: 0,
        bytes_out: 0,
    };
    let mut brokers: Vec<BrokerShare> = job.seats.iter().map(share).collect();
    for (slot, seat) in job.old.iter().enumerate() {
        let (broker, partition) = (&mut brokers[*seat as usize], job.partition(slot));
        broker.replicas.before += 1;
        broker.bytes.before = broker.bytes.before.saturating_add(partition.bytes);
        broker.leaders.before += u64::from(partition.first as usize == slot);
    }
    for broker in &mut brokers {
        broker.replicas.after = broker.replicas.before;
        broker.bytes.after = broker.bytes.before;
        broker.leaders.after = broker.leaders.before;
    }
    brokers
}
