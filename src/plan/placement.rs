//! Where every replica is while a plan is being made, with the loads that follow from it.

use super::job::{Job, narrow};
use super::spread::Spread;

pub(super) struct Placement<'a> {
    pub(super) job: &'a Job,
    /// Slot to the index of the broker that holds it now. A new broker takes the slot of the one that it replaces.
    pub(super) now: Vec<u32>,
    /// The slots of each broker.
    pub(super) on: Vec<Vec<u32>>,
    /// Where a slot stands in the list of its broker.
    index: Vec<u32>,
    pub(super) bytes: Vec<u64>,
    /// Bytes that have come to each broker: they lie beside the old ones until these are deleted.
    come: Vec<u64>,
    /// First slots of each broker.
    pub(super) leads: Vec<u64>,
    /// Replicas and first slots of each topic on each broker.
    pub(super) spread: Spread,
}

impl<'a> Placement<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        let seats = job.seats.len();
        let mut placement = Self {
            job,
            now: job.old.clone(),
            on: vec![Vec::new(); seats],
            index: vec![0; job.old.len()],
            bytes: vec![0; seats],
            come: vec![0; seats],
            leads: vec![0; seats],
            spread: Spread::new(job),
        };
        for slot in 0..job.old.len() {
            placement.enter(slot, job.old[slot] as usize);
        }
        placement
    }

    pub(super) fn count(&self, seat: usize) -> u64 {
        self.on[seat].len() as u64
    }

    pub(super) fn is_leader(&self, slot: usize) -> bool {
        self.job.partition(slot).first as usize == slot
    }

    pub(super) fn has_moved(&self, slot: usize) -> bool {
        self.now[slot] != self.job.old[slot]
    }

    /// The topic's replicas on the broker.
    pub(super) fn topic_count(&self, topic: u32, seat: usize) -> u64 {
        self.spread.replicas(self.job, &self.now, topic, seat)
    }

    /// The topic's first slots on the broker.
    pub(super) fn topic_leads(&self, topic: u32, seat: usize) -> u64 {
        self.spread.leaders(topic, seat, |partition| self.now[self.job.partitions[partition].first as usize])
    }

    /// How far the bytes of a broker are above its level.
    pub(super) fn surplus(&self, seat: usize) -> i128 {
        i128::from(self.bytes[seat]) - i128::from(self.job.seats[seat].bytes)
    }

    /// Whether the replica may go to this broker: not a second one there, and racks not worse than before.
    pub(super) fn may_go(&self, slot: usize, to: usize) -> bool {
        let partition = self.job.partition(slot);
        let slots = partition.slots();
        if !self.job.seats[to].stays || slots.clone().any(|slot| self.now[slot] as usize == to) {
            return false;
        }
        if !self.has_room(slot, to) {
            return false;
        }
        let rack = |seat: usize| self.job.seats[seat].rack;
        if self.job.racks == 1 || rack(self.now[slot] as usize) == rack(to) {
            return true;
        }
        let rack_at = |at: usize| rack(if at == slot { to } else { self.now[at] as usize });
        // A replica on a rack that only leaving brokers have counts as one more: it can still go to a rack of its own.
        let counts =
            |at: usize| rack_at(at) >= self.job.racks || (slots.start..at).all(|before| rack_at(before) != rack_at(at));
        slots.clone().filter(|at| counts(*at)).count() >= partition.spread as usize
    }

    /// Whether the disks of the broker can take the replica, as far as they are known.
    fn has_room(&self, slot: usize, to: usize) -> bool {
        let Some(room) = self.job.seats[to].room else { return true };
        let was_there = self.job.old[self.job.partition(slot).slots()].contains(&narrow(to));
        was_there || self.come[to].saturating_add(self.job.partition(slot).bytes) <= room
    }

    /// Whether the replica is on a broker that had none of its partition before.
    fn has_come(&self, slot: usize) -> bool {
        let partition = self.job.partition(slot);
        self.has_moved(slot) && !self.job.old[partition.slots()].contains(&self.now[slot])
    }

    pub(super) fn relocate(&mut self, slot: usize, to: usize) {
        self.leave(slot);
        self.enter(slot, to);
    }

    /// Puts every replica that is where one was before back into its own slot, and the others into the slots that are left.
    ///
    /// After a way over several brokers a partition can have swapped two of its slots, which would look like moves.
    pub(super) fn settle_survivors(&mut self) {
        let job = self.job;
        for partition in &job.partitions {
            let (now, old) = (self.now[partition.slots()].to_vec(), &job.old[partition.slots()]);
            if now == old {
                continue;
            }
            let mut newcomers = now.iter().filter(|seat| !old.contains(seat));
            for (slot, seat) in partition.slots().zip(old) {
                let settled = if now.contains(seat) { Some(seat) } else { newcomers.next() };
                if let Some(settled) = settled.filter(|settled| **settled != self.now[slot]) {
                    self.relocate(slot, *settled as usize);
                }
            }
        }
    }

    fn leave(&mut self, slot: usize) {
        let seat = self.now[slot] as usize;
        let index = self.index[slot] as usize;
        self.on[seat].swap_remove(index);
        if let Some(moved) = self.on[seat].get(index) {
            self.index[*moved as usize] = narrow(index);
        }
        let (topic, bytes) = (self.job.partition(slot).topic, self.job.partition(slot).bytes);
        if self.has_come(slot) {
            self.come[seat] = self.come[seat].saturating_sub(bytes);
        }
        self.bytes[seat] = self.bytes[seat].saturating_sub(bytes);
        self.leads[seat] -= u64::from(self.is_leader(slot));
        self.spread.leave(topic, seat, self.is_leader(slot));
    }

    fn enter(&mut self, slot: usize, seat: usize) {
        self.now[slot] = narrow(seat);
        self.index[slot] = narrow(self.on[seat].len());
        self.on[seat].push(narrow(slot));
        let (topic, bytes) = (self.job.partition(slot).topic, self.job.partition(slot).bytes);
        if self.has_come(slot) {
            self.come[seat] = self.come[seat].saturating_add(bytes);
        }
        self.bytes[seat] = self.bytes[seat].saturating_add(bytes);
        self.leads[seat] += u64::from(self.is_leader(slot));
        self.spread.enter(topic, seat, self.is_leader(slot));
    }
}
