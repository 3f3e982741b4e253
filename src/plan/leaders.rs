//! Levelling the preferred leaders: which replica of each partition stands first. No data moves for it.
//!
//! Partitions that lose their leader anyway are given where leaders lack; what is still uneven goes from leader to leader
//! along the shortest ways (`leader_paths`). A partition whose leader has changed already is handed on for nothing, and that
//! is used for topics that crowd on a broker, too (`leader_crowds`).

use super::job::{Job, Partition, narrow};
use super::placement::Placement;
use super::spread::Spread;

/// Whether a broker has more, or fewer, leaders than one of its marks.
pub(super) type Question = fn(&Leaders<'_>, usize) -> bool;

/// Who leads what.
pub(super) struct Leaders<'a> {
    pub(super) job: &'a Job,
    pub(super) now: &'a [u32],
    /// The slot of each partition's leader.
    slot: Vec<u32>,
    /// The partitions that each broker leads, and where each partition stands in its leader's list.
    pub(super) led: Vec<Vec<u32>>,
    place: Vec<u32>,
    spread: Spread,
}

/// A partition without a leader yet.
const NOBODY: u32 = u32::MAX;

/// The slot that leads each partition.
pub(super) fn level_leaders(placement: &Placement<'_>) -> Vec<u32> {
    let mut leaders = Leaders::keeping(placement);
    leaders.fill_gaps();
    leaders.level();
    leaders.disperse();
    leaders.slot
}

fn above_high(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.count(seat) > leaders.job.seats[seat].leaders.high
}

fn above_low(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.count(seat) > leaders.job.seats[seat].leaders.low
}

fn below_low(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.count(seat) < leaders.job.seats[seat].leaders.low
}

fn below_high(leaders: &Leaders<'_>, seat: usize) -> bool {
    leaders.count(seat) < leaders.job.seats[seat].leaders.high
}

impl<'a> Leaders<'a> {
    /// Every partition is led as before, where that replica is still there.
    fn keeping(placement: &'a Placement<'_>) -> Self {
        let job = placement.job;
        let mut leaders = Self {
            job,
            now: &placement.now,
            slot: vec![NOBODY; job.partitions.len()],
            led: vec![Vec::new(); job.seats.len()],
            place: vec![0; job.partitions.len()],
            spread: Spread::new(job),
        };
        for (index, partition) in job.partitions.iter().enumerate() {
            let before = job.old[partition.first as usize];
            if let Some(slot) = partition.slots().find(|slot| placement.now[*slot] == before) {
                leaders.appoint(index, slot);
            }
        }
        leaders
    }

    /// Partitions that have lost their leader go where most are missing.
    fn fill_gaps(&mut self) {
        for (index, partition) in self.job.partitions.iter().enumerate() {
            if self.slot[index] == NOBODY {
                let missing =
                    |seat: usize| i128::from(self.job.seats[seat].leaders.high) - i128::from(self.count(seat));
                let rank = |slot: &usize| {
                    let seat = self.now[*slot] as usize;
                    (self.would_crowd(partition.topic, seat), -missing(seat), *slot)
                };
                let slot = partition.slots().min_by_key(rank).unwrap_or(partition.first as usize);
                self.appoint(index, slot);
            }
        }
    }

    pub(super) fn count(&self, seat: usize) -> u64 {
        self.led[seat].len() as u64
    }

    pub(super) fn partition(&self, index: usize) -> &'a Partition {
        &self.job.partitions[index]
    }

    pub(super) fn leader(&self, partition: usize) -> usize {
        self.now[self.slot[partition] as usize] as usize
    }

    /// Whether the leader is another one than before: who it is then makes no difference.
    pub(super) fn has_changed(&self, partition: usize) -> bool {
        self.leader(partition) != self.job.old[self.job.partitions[partition].first as usize] as usize
    }

    /// How many partitions of the topic the broker leads.
    pub(super) fn of_topic(&self, topic: u32, seat: usize) -> u64 {
        let leader = |partition: usize| self.now.get(self.slot[partition] as usize).copied().unwrap_or(NOBODY);
        self.spread.leaders(topic, seat, leader)
    }

    /// Whether one leader more of the topic would be too many for the broker.
    pub(super) fn would_crowd(&self, topic: u32, seat: usize) -> bool {
        let most = self.most(topic);
        // A topic of few partitions cannot.
        self.spread.partitions(topic).len() as u64 > most && self.of_topic(topic, seat) >= most
    }

    /// The most leaders of a topic that a broker should have.
    pub(super) fn most(&self, topic: u32) -> u64 {
        self.spread.most_leaders(topic)
    }

    fn level(&mut self) {
        let stages: [(Question, Question); 3] =
            [(above_high, below_low), (above_high, below_high), (above_low, below_low)];
        // A later stage can open a way that was blocked in an earlier one.
        let mut changed = true;
        while changed {
            changed = false;
            for (gives, takes) in stages {
                for (free, most) in [(true, 0), (false, usize::MAX)] {
                    changed |= self.straight(gives, takes, free);
                    while self.along_paths(gives, takes, most) {
                        changed = true;
                    }
                }
            }
        }
    }

    /// From each broker that has too many straight to another replica: for nothing, or with one change each. Those that do not
    /// crowd there first.
    fn straight(&mut self, gives: Question, takes: Question, free: bool) -> bool {
        let mut changed = false;
        for crowding in [false, true] {
            for seat in 0..self.led.len() {
                if !gives(self, seat) {
                    continue;
                }
                for partition in self.led[seat].clone().into_iter().map(|partition| partition as usize) {
                    if !gives(self, seat) {
                        break;
                    }
                    if self.has_changed(partition) != free {
                        continue;
                    }
                    let topic = self.partition(partition).topic;
                    let fits = |slot: &usize| {
                        let to = self.now[*slot] as usize;
                        takes(self, to) && (crowding || !self.would_crowd(topic, to))
                    };
                    let slots = self.partition(partition).slots().filter(fits);
                    let fewest = slots.min_by_key(|slot| (self.count(self.now[*slot] as usize), *slot));
                    if let Some(slot) = fewest {
                        self.hand_over(partition, slot);
                        changed = true;
                    }
                }
            }
        }
        changed
    }

    fn appoint(&mut self, partition: usize, slot: usize) {
        let to = self.now[slot] as usize;
        self.slot[partition] = narrow(slot);
        self.place[partition] = narrow(self.led[to].len());
        self.led[to].push(narrow(partition));
        self.spread.lead(self.job.partitions[partition].topic, None, to);
    }

    pub(super) fn hand_over(&mut self, partition: usize, slot: usize) {
        let (from, place) = (self.leader(partition), self.place[partition] as usize);
        self.led[from].swap_remove(place);
        if let Some(moved) = self.led[from].get(place) {
            self.place[*moved as usize] = narrow(place);
        }
        let to = self.now[slot] as usize;
        self.slot[partition] = narrow(slot);
        self.place[partition] = narrow(self.led[to].len());
        self.led[to].push(narrow(partition));
        self.spread.lead(self.job.partitions[partition].topic, Some(from), to);
    }
}
