//! What each broker has before a plan and afterwards.

use super::job::{Job, Marks, Seat};
use super::moves::TopicMoves;
use serde::{Deserialize, Serialize};

/// One broker's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerShare {
    pub broker: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
    /// May hold replicas afterwards.
    pub stays: bool,
    /// Not registered: its replicas cannot be read, and others send in its place.
    #[serde(default, skip_serializing_if = "is_no")]
    pub down: bool,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_no(flag: &bool) -> bool {
    !*flag
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub before: u64,
    pub after: u64,
}

/// The shares by broker, which is the order of the seats without the pool.
pub(super) fn of(job: &Job, moves: &[TopicMoves]) -> Vec<BrokerShare> {
    let mut brokers = before(job);
    let seat = |id: i32| job.index.get(&id).map(|seat| *seat as usize).filter(|seat| *seat != job.pool() as usize);
    for partition in moves.iter().flat_map(|topic| &topic.partitions) {
        let bytes = partition.bytes;
        for seat in partition.removed().filter_map(seat) {
            brokers[seat].replicas.after -= 1;
            brokers[seat].bytes.after = brokers[seat].bytes.after.saturating_sub(bytes);
        }
        for seat in partition.added().filter_map(seat) {
            brokers[seat].replicas.after += 1;
            brokers[seat].bytes.after = brokers[seat].bytes.after.saturating_add(bytes);
            brokers[seat].bytes_in = brokers[seat].bytes_in.saturating_add(bytes);
        }
        let first = |ids: &[i32]| ids.first().copied().and_then(seat);
        let sender = partition.from.iter().copied().filter_map(seat).find(|seat| !brokers[*seat].down);
        if let Some(sender) = sender {
            brokers[sender].bytes_out = brokers[sender].bytes_out.saturating_add(partition.moved_bytes());
        }
        if let (Some(old), Some(new)) = (first(&partition.from), first(&partition.to)) {
            brokers[old].leaders.after -= 1;
            brokers[new].leaders.after += 1;
        }
    }
    brokers
}

/// The brokers as they are, with `after` the same.
fn before(job: &Job) -> Vec<BrokerShare> {
    let pair = |marks: Marks| (marks.low, marks.high);
    let share = |seat: &Seat| BrokerShare {
        broker: seat.id,
        rack: job.rack_names.get(seat.rack).filter(|name| !name.is_empty()).cloned(),
        stays: seat.stays,
        down: seat.down,
        level: pair(seat.replicas),
        leader_level: pair(seat.leaders),
        replicas: Change::default(),
        leaders: Change::default(),
        bytes: Change::default(),
        bytes_in: 0,
        bytes_out: 0,
    };
    let pool = job.pool() as usize;
    let mut brokers: Vec<BrokerShare> = job.seats[..pool].iter().map(share).collect();
    for (index, partition) in job.partitions.iter().enumerate() {
        for (place, seat) in job.before(index).into_iter().enumerate() {
            let broker = &mut brokers[seat as usize];
            broker.replicas.before += 1;
            broker.bytes.before = broker.bytes.before.saturating_add(partition.bytes);
            broker.leaders.before += u64::from(place == 0);
        }
    }
    for broker in &mut brokers {
        broker.replicas.after = broker.replicas.before;
        broker.bytes.after = broker.bytes.before;
        broker.leaders.after = broker.leaders.before;
    }
    brokers
}
