//! From a state to a plan.

use super::budget;
use super::by_bytes;
use super::certificate::Certificate;
use super::crowded::disperse;
use super::even::level_bytes;
use super::exchange::Exchange;
use super::job::Job;
use super::leaders::level_leaders;
use super::moves::{PartitionMove, Plan, TopicMoves};
use super::placement::Placement;
use super::replace::take_places;
use super::scope::{Aim, Scope};
use super::shift::level_counts;
use super::state::State;
use crate::error::Error;
use crate::quantity::Size;

/// Plans the least movement that levels the chosen topics over the target brokers.
///
/// Refused with the reason: `UNKNOWN_BROKER`, `DUPLICATE_BROKER`, `BROKER_LEAVING`, `BROKER_DOWN`, `BROKER_NOT_IN_TARGET`,
/// `EMPTY_TARGET`, `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_REGEX`, `INVALID_REPLICATION_FACTOR`, `INVALID_STATE`, and
/// `NO_PLACE` where the brokers that stay cannot take all that must leave.
pub fn plan(state: &State, scope: &Scope) -> Result<Plan, Error> {
    let job = Job::new(state, scope)?;
    let mut placement = Placement::new(&job);
    take_places(&mut placement);
    match scope.by {
        Aim::Counts => {
            while level_counts(&mut placement) {
                placement.settle_survivors();
                let mut exchange = Exchange::new(&placement);
                level_bytes(&mut placement, &mut exchange);
                disperse(&mut placement, &mut exchange);
                placement.settle_survivors();
            }
        }
        Aim::Bytes { tolerance } => {
            by_bytes::level(&mut placement, tolerance, scope.keeps());
            placement.settle_survivors();
        }
    }
    refuse_left_over(&placement, scope.spare())?;
    let later = scope.max_bytes.map(|most| budget::keep_within(&mut placement, most)).unwrap_or_default();
    let leaders = level_leaders(&placement);
    let moves = changes(&placement, &leaders);
    let certificate = Certificate::of(&job, scope, &moves, later);
    Ok(Plan { moves, certificate })
}

/// A broker that leaves must end empty, and a replica that is wanted must be somewhere.
fn refuse_left_over(placement: &Placement<'_>, spare: u8) -> Result<(), Error> {
    let job = placement.job;
    let left = |seat: &usize| !job.seats[*seat].stays && placement.count(*seat) > 0;
    let Some(seat) = (0..job.seats.len()).find(left) else { return Ok(()) };
    let (count, bytes) = (placement.count(seat), Size::from_bytes(placement.bytes[seat]));
    let what = if seat == job.pool() as usize {
        format!("{count} replicas ({bytes}) that are to be added")
    } else {
        format!("{count} replicas ({bytes}) on broker {}, which is to end empty,", job.seats[seat].id)
    };
    let full: Vec<String> = job
        .seats
        .iter()
        .filter(|seat| seat.stays && seat.room.is_some())
        .map(|seat| format!("broker {}: {}", seat.id, Size::from_bytes(seat.room.unwrap_or(0))))
        .collect();
    let disks = if full.is_empty() {
        String::new()
    } else {
        format!("; what the disks take, with {spare} % to spare, is: {}", full.join(", "))
    };
    Err(Error::new("NO_PLACE", format!("{what} have no place on the brokers that stay{disks}"))
        .hint("add brokers or disks, or shorten the retention of large topics first"))
}

/// The partitions that differ from before, topic by topic.
fn changes(placement: &Placement<'_>, leaders: &[u32]) -> Vec<TopicMoves> {
    let job = placement.job;
    let mut moves: Vec<TopicMoves> = Vec::new();
    for (index, (partition, leader)) in job.partitions.iter().zip(leaders).enumerate() {
        let mut now = placement.now[partition.slots()].to_vec();
        // The leader comes to the front, the others keep their order.
        now[..=(*leader - partition.first) as usize].rotate_right(1);
        if now == job.old[partition.slots()] && !job.changes_factor(index) {
            continue;
        }
        let (from, to) = (job.original(index), job.ids(&now));
        if from == to {
            continue;
        }
        let topic = &job.topics[partition.topic as usize];
        if moves.last().is_none_or(|last| last.topic != *topic) {
            moves.push(TopicMoves { topic: topic.clone(), partitions: Vec::new() });
        }
        if let Some(last) = moves.last_mut() {
            last.partitions.push(PartitionMove { partition: partition.number, from, to, bytes: partition.bytes });
        }
    }
    moves
}
