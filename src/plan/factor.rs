//! Lowering the replication factor: which replicas go.

use super::job::Job;
use super::state::Topic;
use std::collections::{BTreeMap, BTreeSet};

/// The replicas that are given up, by topic and partition.
#[derive(Debug, Default)]
pub(super) struct Dropped(BTreeMap<(String, i32), Vec<i32>>);

impl Dropped {
    pub(super) fn of(&self, topic: &str, partition: i32) -> &[i32] {
        if self.0.is_empty() {
            return &[];
        }
        self.0.get(&(topic.to_owned(), partition)).map_or(&[], Vec::as_slice)
    }
}

/// One partition that has too many replicas, by seat.
struct Cut {
    topic: String,
    partition: i32,
    kept: Vec<u32>,
    dropped: Vec<u32>,
}

/// Chooses what goes where there are more than `factor`: replicas on brokers that leave first, then those whose broker has
/// most, never so that fewer racks hold the partition than could, and the leader only where nothing else may go.
///
/// No data moves for it, so what is chosen well here need not be levelled by moves.
pub(super) fn dropped(topics: &[&Topic], factor: usize, job: &Job) -> Dropped {
    let seat = |id: &i32| job.index.get(id).copied();
    let mut counts = vec![0_i64; job.seats.len()];
    let mut cuts = Vec::new();
    for topic in topics {
        for (partition, replicas) in (0..).zip(&topic.replicas) {
            let kept: Vec<u32> = replicas.iter().filter_map(seat).collect();
            for seat in &kept {
                counts[*seat as usize] += 1;
            }
            if kept.len() > factor {
                cuts.push(Cut { topic: topic.name.clone(), partition, kept, dropped: Vec::new() });
            }
        }
    }
    for cut in &mut cuts {
        cut.shorten(factor, job, &mut counts);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for cut in &mut cuts {
            changed |= cut.exchange(job, &mut counts);
        }
    }
    Dropped(cuts.into_iter().map(|cut| ((cut.topic, cut.partition), job.ids(&cut.dropped))).collect())
}

impl Cut {
    fn shorten(&mut self, factor: usize, job: &Job, counts: &mut [i64]) {
        while self.kept.len() > factor {
            let without = |index: usize| {
                let rest = self.kept.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, seat)| *seat);
                spread(rest, job)
            };
            let most = (0..self.kept.len()).map(without).max().unwrap_or(0).min(self.kept.len() - 1);
            let last = (0..self.kept.len()).max_by_key(|index| {
                let seat = self.kept[*index] as usize;
                (without(*index) >= most, !job.seats[seat].stays, *index > 0, counts[seat], *index)
            });
            let Some(index) = last else { return };
            let seat = self.kept.remove(index);
            counts[seat as usize] -= 1;
            self.dropped.push(seat);
        }
    }

    /// Gives up another replica instead, where its broker has more than one more.
    fn exchange(&mut self, job: &Job, counts: &mut [i64]) -> bool {
        for kept in 1..self.kept.len() {
            for dropped in 0..self.dropped.len() {
                let (fuller, emptier) = (self.kept[kept], self.dropped[dropped]);
                let evens = counts[fuller as usize] > counts[emptier as usize] + 1;
                if !evens || !job.seats[emptier as usize].stays {
                    continue;
                }
                let others = self.kept.iter().enumerate().filter(|(index, _)| *index != kept).map(|(_, seat)| *seat);
                if spread(others.chain([emptier]), job) < spread(self.kept.iter().copied(), job) {
                    continue;
                }
                (self.kept[kept], self.dropped[dropped]) = (emptier, fuller);
                counts[fuller as usize] -= 1;
                counts[emptier as usize] += 1;
                return true;
            }
        }
        false
    }
}

/// On how many racks these are.
fn spread(seats: impl Iterator<Item = u32>, job: &Job) -> usize {
    seats.map(|seat| job.seats[seat as usize].rack).collect::<BTreeSet<_>>().len()
}
