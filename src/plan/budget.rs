//! A part of a plan that stays within a number of bytes and is balanced in itself: tonight some, the rest later.

use super::job::Job;
use super::placement::Placement;

/// What a budget leaves for later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Later {
    pub(super) replicas: u64,
    pub(super) bytes: u64,
}

/// Takes moves back until those that are left copy at most `most` bytes.
///
/// The brokers that receive come along alike: whichever has got the smallest part of what the whole plan gives it is next.
/// Every move is one of the whole plan, so doing the rest later costs no more than doing all at once.
pub(super) fn keep_within(placement: &mut Placement<'_>, most: u64) -> Later {
    let job = placement.job;
    let mut queues = queues(placement);
    let mut wholes = vec![0; queues.len()];
    for partition in queues.iter().flatten().map(|wish| wish.partition) {
        share_out(placement, partition, &mut wholes);
    }
    let (mut got, mut spent) = (vec![0_u128; queues.len()], 0_u64);
    let mut later = Later::default();
    loop {
        let open = (0..queues.len()).filter(|seat| !queues[*seat].is_empty());
        // got / whole, compared without a fraction.
        let next = open.min_by(|a, b| (got[*a] * wholes[*b]).cmp(&(got[*b] * wholes[*a])).then(a.cmp(b)));
        let Some(seat) = next else { return later };
        let Some(wish) = queues[seat].pop() else { return later };
        if spent.saturating_add(wish.bytes) <= most {
            spent += wish.bytes;
            share_out(placement, wish.partition, &mut got);
        } else {
            later.replicas += wish.replicas;
            later.bytes = later.bytes.saturating_add(wish.bytes);
            take_back(placement, job, wish.partition);
        }
    }
}

/// All moves of one partition, which go together or not at all.
struct Wish {
    partition: usize,
    replicas: u64,
    bytes: u64,
}

/// For each broker the partitions that it is the first to receive a replica of, the largest at the end.
fn queues(placement: &Placement<'_>) -> Vec<Vec<Wish>> {
    let mut queues: Vec<Vec<Wish>> = placement.job.seats.iter().map(|_| Vec::new()).collect();
    for (index, partition) in placement.job.partitions.iter().enumerate() {
        let moved: Vec<usize> = partition.slots().filter(|slot| placement.has_moved(*slot)).collect();
        let Some(first) = moved.first() else { continue };
        let replicas = moved.len() as u64;
        let bytes = partition.bytes.saturating_mul(replicas);
        queues[placement.now[*first] as usize].push(Wish { partition: index, replicas, bytes });
    }
    for queue in &mut queues {
        queue.sort_by_key(|wish| (wish.bytes, std::cmp::Reverse(wish.partition)));
    }
    queues
}

/// Adds what each broker receives of a partition.
fn share_out(placement: &Placement<'_>, partition: usize, got: &mut [u128]) {
    let partition = &placement.job.partitions[partition];
    for slot in partition.slots().filter(|slot| placement.has_moved(*slot)) {
        got[placement.now[slot] as usize] += u128::from(partition.bytes.max(1));
    }
}

fn take_back(placement: &mut Placement<'_>, job: &Job, partition: usize) {
    for slot in job.partitions[partition].slots() {
        if placement.has_moved(slot) {
            placement.relocate(slot, job.old[slot] as usize);
        }
    }
}
