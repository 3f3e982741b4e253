//! A way over other brokers for a count that no straight move can level.
//!
//! Along a path each broker hands one replica on to the next, so that only the first has one less and the last one more.
//! A replica that was moved already is handed on without moving more data, so such steps are free.

use super::placement::Placement;
use std::collections::BTreeSet;

/// One step of a path.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    slot: usize,
    to: usize,
}

/// Steps that were in each other's way, such as those of two replicas of one partition.
type Closed = BTreeSet<(usize, usize)>;

/// Hands replicas along the cheapest path from one of the givers to one of the takers. False where there is none.
pub(super) fn along_a_path(placement: &mut Placement<'_>, givers: &[usize], takers: &[usize]) -> bool {
    if givers.is_empty() || takers.is_empty() {
        return false;
    }
    let mut closed = Closed::new();
    while let Some(path) = Search::new(placement, &closed, givers, takers).cheapest() {
        match hand_on(placement, &path) {
            Ok(()) => return true,
            Err(blocked) => closed.insert(blocked),
        };
    }
    false
}

/// A search outwards from the givers, one replica moved more at a time.
struct Search<'a> {
    placement: &'a Placement<'a>,
    closed: &'a Closed,
    ends: Vec<bool>,
    reached: Vec<bool>,
    /// The last step of the way to each broker; givers have none.
    last: Vec<Option<Step>>,
    /// Brokers reached at the present cost.
    level: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(placement: &'a Placement<'a>, closed: &'a Closed, givers: &[usize], takers: &[usize]) -> Self {
        let none = vec![false; placement.job.seats.len()];
        let (mut ends, mut reached) = (none.clone(), none);
        for taker in takers {
            ends[*taker] = true;
        }
        for giver in givers {
            reached[*giver] = true;
        }
        let last = vec![None; reached.len()];
        Self { placement, closed, ends, reached, last, level: givers.to_vec() }
    }

    /// The steps of the cheapest path, from its start.
    fn cheapest(mut self) -> Option<Vec<Step>> {
        loop {
            if let Some(end) = self.free_steps() {
                return Some(self.path(end));
            }
            let mut next = Vec::new();
            for from in std::mem::take(&mut self.level) {
                for to in 0..self.reached.len() {
                    // The first that may go: any costs the same.
                    let slots = || self.placement.on[from].iter().map(|slot| *slot as usize);
                    let slot = self
                        .is_open(from, to)
                        .then(slots)
                        .and_then(|mut slots| slots.find(|slot| self.placement.may_go(*slot, to)));
                    if let Some(slot) = slot {
                        next.push(to);
                        // Every way that would be cheaper has been looked at.
                        if self.reach(Step { from, slot, to }) {
                            return Some(self.path(to));
                        }
                    }
                }
            }
            self.level = next;
            if self.level.is_empty() {
                return None;
            }
        }
    }

    /// Reaches what can be reached from this level without moving more. A taker among it.
    fn free_steps(&mut self) -> Option<usize> {
        let mut next = 0;
        while let Some(from) = self.level.get(next).copied() {
            next += 1;
            for slot in self.placement.on[from].iter().map(|slot| *slot as usize) {
                for to in self.free_ends(slot) {
                    if self.is_open(from, to) && self.placement.may_go(slot, to) {
                        self.level.push(to);
                        if self.reach(Step { from, slot, to }) {
                            return Some(to);
                        }
                    }
                }
            }
        }
        None
    }

    /// The brokers that a replica can go to without another one being moved: any for one that has come, else those that one of
    /// its partition has left.
    fn free_ends(&self, slot: usize) -> Vec<usize> {
        let (now, old) = (&self.placement.now, &self.placement.job.old);
        let slots = self.placement.job.partition(slot).slots();
        if now[slots.clone()] == old[slots.clone()] {
            Vec::new()
        } else if old[slots.clone()].contains(&now[slot]) {
            old[slots].iter().map(|seat| *seat as usize).collect()
        } else {
            (0..self.reached.len()).collect()
        }
    }

    fn is_open(&self, from: usize, to: usize) -> bool {
        !self.reached[to] && !self.closed.contains(&(from, to))
    }

    /// Whether the end of the step takes.
    fn reach(&mut self, step: Step) -> bool {
        self.reached[step.to] = true;
        self.last[step.to] = Some(step);
        self.ends[step.to]
    }

    fn path(&self, end: usize) -> Vec<Step> {
        let mut path: Vec<Step> = std::iter::successors(self.last[end], |step| self.last[step.from]).collect();
        path.reverse();
        path
    }
}

/// Carries the steps out from the end, so that no broker is fuller than it was. On a blocked step all is as before.
fn hand_on(placement: &mut Placement<'_>, path: &[Step]) -> Result<(), (usize, usize)> {
    for (index, step) in path.iter().enumerate().rev() {
        if !placement.may_go(step.slot, step.to) {
            path[index + 1..].iter().for_each(|done| placement.relocate(done.slot, done.from));
            return Err((step.from, step.to));
        }
        placement.relocate(step.slot, step.to);
    }
    Ok(())
}
