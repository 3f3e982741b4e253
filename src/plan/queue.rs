//! Brokers that wait to give or to take, the most urgent first.

use std::collections::BTreeSet;

/// The higher, the earlier.
pub(super) type Urgency = (u64, i128);

/// Brokers by urgency, those of the same urgency by number.
pub(super) struct Queue {
    waiting: BTreeSet<(std::cmp::Reverse<Urgency>, usize)>,
    urgency: Vec<Option<Urgency>>,
}

impl Queue {
    /// `urgency` says of every broker how urgent it is, `None` for one that does not wait.
    pub(super) fn new(seats: usize, urgency: impl Fn(usize) -> Option<Urgency>) -> Self {
        let mut queue = Self { waiting: BTreeSet::new(), urgency: vec![None; seats] };
        for seat in 0..seats {
            queue.set(seat, urgency(seat));
        }
        queue
    }

    pub(super) fn set(&mut self, seat: usize, urgency: Option<Urgency>) {
        if let Some(old) = std::mem::replace(&mut self.urgency[seat], urgency) {
            self.waiting.remove(&(std::cmp::Reverse(old), seat));
        }
        if let Some(new) = urgency {
            self.waiting.insert((std::cmp::Reverse(new), seat));
        }
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().map(|(_, seat)| *seat)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_come_first_and_who_is_done_leaves() {
        let mut queue = Queue::new(4, |seat| [Some((1, 5)), Some((2, 0)), None, Some((1, 5))][seat]);
        let order = |queue: &Queue| queue.seats().collect::<Vec<_>>();
        assert_eq!(order(&queue), [1, 0, 3]);
        queue.set(1, Some((1, 6)));
        queue.set(2, Some((9, 0)));
        queue.set(3, None);
        assert_eq!(order(&queue), [2, 1, 0]);
        (0..3).for_each(|seat| queue.set(seat, None));
        assert!(queue.is_empty());
    }
}
