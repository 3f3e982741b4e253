//! Levelling the preferred leaders: which replica of each partition stands first. No data moves for it.
//!
//! Partitions that lose their leader anyway are given where leaders lack; what is still uneven goes from leader to leader
//! along the shortest ways. A partition whose leader has changed already is handed on for nothing.

use super::job::Job;
use super::placement::Placement;
use std::collections::VecDeque;

/// Whether a broker has more, or fewer, leaders than one of its marks.
type Question = fn(&Leaders<'_>, usize) -> bool;

struct Leaders<'a> {
    job: &'a Job,
    now: &'a [u32],
    /// The slot of each partition's leader.
    slot: Vec<usize>,
    /// The partitions that each broker leads.
    led: Vec<Vec<usize>>,
}

/// The slot that leads each partition.
pub(super) fn level_leaders(placement: &Placement<'_>) -> Vec<usize> {
    let job = placement.job;
    let survivor = |partition: &super::job::Partition| {
        let leader = job.old[partition.first as usize];
        partition.slots().find(|slot| placement.now[*slot] == leader)
    };
    let kept: Vec<Option<usize>> = job.partitions.iter().map(survivor).collect();
    let mut counts = vec![0_u64; job.seats.len()];
    for slot in kept.iter().flatten() {
        counts[placement.now[*slot] as usize] += 1;
    }
    let mut slots = Vec::with_capacity(kept.len());
    for (partition, kept) in job.partitions.iter().zip(kept) {
        let fewest = || partition.slots().min_by_key(|slot| (counts[placement.now[*slot] as usize], *slot));
        let slot = kept.or_else(fewest).unwrap_or(partition.first as usize);
        if kept.is_none() {
            counts[placement.now[slot] as usize] += 1;
        }
        slots.push(slot);
    }
    let mut leaders = Leaders { job, now: &placement.now, slot: slots, led: vec![Vec::new(); job.seats.len()] };
    for partition in 0..job.partitions.len() {
        let leader = leaders.leader(partition);
        leaders.led[leader].push(partition);
    }
    leaders.level();
    leaders.slot
}

fn above_high(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.led[seat].len() as u64 > leaders.job.seats[seat].leaders.high
}

fn above_low(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.led[seat].len() as u64 > leaders.job.seats[seat].leaders.low
}

fn below_low(leaders: &Leaders<'_>, seat: usize) -> bool {
    (leaders.led[seat].len() as u64) < leaders.job.seats[seat].leaders.low
}

fn below_high(leaders: &Leaders<'_>, seat: usize) -> bool {
    (leaders.led[seat].len() as u64) < leaders.job.seats[seat].leaders.high
}

impl Leaders<'_> {
    fn leader(&self, partition: usize) -> usize {
        self.now[self.slot[partition]] as usize
    }

    fn has_changed(&self, partition: usize) -> bool {
        self.now[self.slot[partition]] != self.job.old[self.job.partitions[partition].first as usize]
    }

    fn level(&mut self) {
        let stages: [(Question, Question); 3] =
            [(above_high, below_low), (above_high, below_high), (above_low, below_low)];
        // A later stage can open a way that was blocked in an earlier one.
        let mut changed = true;
        while changed {
            changed = false;
            for (gives, takes) in stages {
                changed |= self.straight(gives, takes);
                while self.along_a_path(gives, takes) {
                    changed = true;
                }
            }
        }
    }

    /// From each broker that has too many straight to another replica, those for nothing first.
    fn straight(&mut self, gives: Question, takes: Question) -> bool {
        let mut changed = false;
        for free in [true, false] {
            for seat in 0..self.led.len() {
                for partition in self.led[seat].clone() {
                    if !gives(self, seat) {
                        break;
                    }
                    if self.has_changed(partition) != free {
                        continue;
                    }
                    let slots = self.job.partitions[partition].slots();
                    let to = slots
                        .filter(|slot| takes(self, self.now[*slot] as usize))
                        .min_by_key(|slot| (self.led[self.now[*slot] as usize].len(), *slot));
                    if let Some(slot) = to {
                        self.hand_over(partition, slot);
                        changed = true;
                    }
                }
            }
        }
        changed
    }

    /// From one broker that has too many over others to one that has too few, with the fewest changes.
    fn along_a_path(&mut self, gives: Question, takes: Question) -> bool {
        let seats = self.led.len();
        let mut cost = vec![usize::MAX; seats];
        let mut before: Vec<Option<(usize, usize)>> = vec![None; seats];
        let mut queue: VecDeque<usize> = (0..seats).filter(|seat| gives(self, *seat)).collect();
        for seat in &queue {
            cost[*seat] = 0;
        }
        while let Some(from) = queue.pop_front() {
            for partition in self.led[from].iter().copied() {
                let step = usize::from(!self.has_changed(partition));
                for slot in self.job.partitions[partition].slots() {
                    let to = self.now[slot] as usize;
                    if cost[from] + step < cost[to] {
                        cost[to] = cost[from] + step;
                        before[to] = Some((partition, slot));
                        if step == 0 { queue.push_front(to) } else { queue.push_back(to) }
                    }
                }
            }
        }
        let reached = |seat: &usize| cost[*seat] < usize::MAX && takes(self, *seat);
        let Some(mut seat) = (0..seats).filter(reached).min_by_key(|seat| (cost[*seat], *seat)) else { return false };
        let mut steps = Vec::new();
        while let Some((partition, slot)) = before[seat] {
            seat = self.leader(partition);
            steps.push((partition, slot));
        }
        for (partition, slot) in &steps {
            self.hand_over(*partition, *slot);
        }
        !steps.is_empty()
    }

    fn hand_over(&mut self, partition: usize, slot: usize) {
        let from = self.leader(partition);
        self.led[from].retain(|led| *led != partition);
        self.slot[partition] = slot;
        self.led[self.now[slot] as usize].push(partition);
    }
}
