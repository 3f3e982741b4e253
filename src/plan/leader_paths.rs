//! Ways on which leadership is handed on over several brokers, with the fewest changes.

use super::leaders::{Leaders, Question};
use std::collections::VecDeque;

/// The last step of the cheapest way to a broker.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    partition: usize,
    slot: usize,
}

impl Leaders<'_> {
    /// From brokers that have too many over others to those that have too few: the cheapest ways, as many as do not cross, none
    /// of more than `most` changes. Whether there was one.
    pub(super) fn along_paths(&mut self, gives: Question, takes: Question, most: usize) -> bool {
        let seats = self.led.len();
        if !(0..seats).any(|seat| gives(self, seat)) || !(0..seats).any(|seat| takes(self, seat)) {
            return false;
        }
        let (costs, steps) = self.ways(gives, most);
        let reached = |seat: &usize| costs[*seat] < usize::MAX && takes(self, *seat);
        let mut ends: Vec<usize> = (0..seats).filter(reached).collect();
        ends.sort_by_key(|seat| (costs[*seat], *seat));
        let mut changed = false;
        for end in ends {
            let mut way = Vec::new();
            let mut seat = end;
            while let Some(step) = steps[seat] {
                seat = step.from;
                way.push(step);
            }
            // An earlier way may have used a part of this one.
            let is_open = gives(self, seat) && way.iter().all(|step| self.leader(step.partition) == step.from);
            if is_open && takes(self, end) && !way.is_empty() {
                for step in way {
                    self.hand_over(step.partition, step.slot);
                }
                changed = true;
            }
        }
        changed
    }

    /// The cheapest way from any broker that gives to every other: breadth first, free steps at the front.
    fn ways(&self, gives: Question, most: usize) -> (Vec<usize>, Vec<Option<Step>>) {
        let seats = self.led.len();
        let mut costs = vec![usize::MAX; seats];
        let mut steps = vec![None; seats];
        let mut queue: VecDeque<usize> = (0..seats).filter(|seat| gives(self, *seat)).collect();
        for seat in &queue {
            costs[*seat] = 0;
        }
        while let Some(from) = queue.pop_front() {
            for partition in self.led[from].iter().map(|partition| *partition as usize) {
                let cost = costs[from] + usize::from(!self.has_changed(partition));
                if cost > most {
                    continue;
                }
                for slot in self.partition(partition).slots() {
                    let to = self.now[slot] as usize;
                    if cost < costs[to] {
                        costs[to] = cost;
                        steps[to] = Some(Step { from, partition, slot });
                        if cost == costs[from] { queue.push_front(to) } else { queue.push_back(to) }
                    }
                }
            }
        }
        (costs, steps)
    }
}
