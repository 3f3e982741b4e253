//! From a state to a plan.

use super::certificate::Certificate;
use super::exchange::level_bytes;
use super::job::Job;
use super::leaders::level_leaders;
use super::moves::{PartitionMove, Plan, TopicMoves};
use super::placement::Placement;
use super::scope::Scope;
use super::shift::level_counts;
use super::state::State;
use crate::error::Error;

/// Plans the least movement that levels the chosen topics over the target brokers.
///
/// Refused with the reason: `UNKNOWN_BROKER`, `DUPLICATE_BROKER`, `BROKER_LEAVING`, `EMPTY_TARGET`,
/// `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_REPLICATION_FACTOR`, `INVALID_STATE`.
pub fn plan(state: &State, scope: &Scope) -> Result<Plan, Error> {
    let job = Job::new(state, scope)?;
    let mut placement = Placement::new(&job);
    while level_counts(&mut placement) {
        placement.settle_survivors();
        level_bytes(&mut placement);
        placement.settle_survivors();
    }
    let leaders = level_leaders(&placement);
    let moves = changes(&placement, &leaders);
    let certificate = Certificate::of(&job, &moves);
    Ok(Plan { moves, certificate })
}

/// The partitions that differ from before, topic by topic.
fn changes(placement: &Placement<'_>, leaders: &[usize]) -> Vec<TopicMoves> {
    let job = placement.job;
    let ids = |seats: &[u32]| seats.iter().map(|seat| job.seats[*seat as usize].id).collect::<Vec<i32>>();
    let mut moves: Vec<TopicMoves> = Vec::new();
    for (partition, leader) in job.partitions.iter().zip(leaders) {
        let from = ids(&job.old[partition.slots()]);
        let mut to = ids(&placement.now[partition.slots()]);
        // The leader comes to the front, the others keep their order.
        to[..=*leader - partition.first as usize].rotate_right(1);
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
