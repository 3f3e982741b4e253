//! The replicas that each broker held before, by size: what it could give that is about so large.

use super::placement::Placement;
use std::ops::Range;

/// Replicas, the smallest first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct List<'a> {
    pub(super) slots: &'a [u32],
    /// The bytes of each: read far more often than all else that is known of a replica.
    pub(super) sizes: &'a [u64],
}

impl<'a> List<'a> {
    /// Those that are smaller than `size`, and the others.
    pub(super) fn around(self, size: i128) -> (Self, Self) {
        let middle = self.sizes.partition_point(|bytes| i128::from(*bytes) < size);
        let part = |range: Range<usize>| Self { slots: &self.slots[range.clone()], sizes: &self.sizes[range] };
        (part(0..middle), part(middle..self.slots.len()))
    }

    /// Bytes and slot of each, the smallest first.
    pub(super) fn forwards(self) -> impl DoubleEndedIterator<Item = (u64, usize)> + 'a {
        self.sizes.iter().copied().zip(self.slots.iter().map(|slot| *slot as usize))
    }

    /// The largest first.
    pub(super) fn backwards(self) -> impl Iterator<Item = (u64, usize)> + 'a {
        self.forwards().rev()
    }
}

/// A list that stands for itself.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    slots: Vec<u32>,
    sizes: Vec<u64>,
}

impl Sizes {
    pub(super) fn of(placement: &Placement<'_>, mut slots: Vec<u32>) -> Self {
        let bytes = |slot: &u32| placement.job.partition(*slot as usize).bytes;
        slots.sort_unstable_by_key(|slot| (bytes(slot), *slot));
        Self { sizes: slots.iter().map(bytes).collect(), slots }
    }

    pub(super) fn list(&self) -> List<'_> {
        List { slots: &self.slots, sizes: &self.sizes }
    }
}

/// A place in the list of all brokers' replicas.
type Place = usize;

pub(super) struct BySize {
    /// Slots: one broker after the other, each one's by size, then by number.
    slots: Vec<u32>,
    sizes: Vec<u64>,
    /// Where each broker's part begins, and the end.
    starts: Vec<Place>,
}

impl BySize {
    pub(super) fn all(placement: &Placement<'_>) -> Self {
        Self::of_those(placement, |_| true)
    }

    /// Only the replicas that are wanted.
    pub(super) fn of_those(placement: &Placement<'_>, wanted: impl Fn(usize) -> bool) -> Self {
        let job = placement.job;
        let chosen: Vec<u32> = (0..).take(job.old.len()).filter(|slot| wanted(*slot as usize)).collect();
        let mut starts = vec![0; job.seats.len() + 1];
        for slot in &chosen {
            starts[job.old[*slot as usize] as usize + 1] += 1;
        }
        for seat in 0..job.seats.len() {
            starts[seat + 1] += starts[seat];
        }
        let (mut ends, mut slots) = (starts.clone(), vec![0; chosen.len()]);
        for slot in chosen {
            let end = &mut ends[job.old[slot as usize] as usize];
            slots[*end] = slot;
            *end += 1;
        }
        for part in starts.windows(2) {
            slots[part[0]..part[1]].sort_unstable_by_key(|slot| (job.partition(*slot as usize).bytes, *slot));
        }
        let sizes = slots.iter().map(|slot| job.partition(*slot as usize).bytes).collect();
        Self { slots, sizes, starts }
    }

    /// The broker's replicas of before, the smallest first.
    pub(super) fn of(&self, seat: usize) -> List<'_> {
        let range = self.range(seat);
        List { slots: &self.slots[range.clone()], sizes: &self.sizes[range] }
    }

    fn range(&self, seat: usize) -> Range<Place> {
        self.starts[seat]..self.starts[seat + 1]
    }
}

/// Replicas that are there to be given, the nearest to any size found without passing those that are not there any more.
pub(super) struct Remaining {
    all: BySize,
    /// From a place whose replica is gone: the place to go on at, upwards and downwards. Shortened whenever used.
    up: Vec<u32>,
    down: Vec<u32>,
}

impl Remaining {
    pub(super) fn new(all: BySize) -> Self {
        let up = (1_u32..).take(all.slots.len()).collect();
        // Every broker's part has a lower end, where the way ends.
        let down = (0_u32..).take(all.slots.len()).map(|place| place.saturating_sub(1)).collect();
        Self { all, up, down }
    }

    /// Tells of the replicas of `seat`, those nearest to `size` first, until `enough` says so. One that `is_gone` has said to
    /// be gone may not be asked about again.
    pub(super) fn nearest(
        &mut self,
        seat: usize,
        size: i128,
        is_gone: impl Fn(usize) -> bool,
        mut enough: impl FnMut(usize, u128) -> bool,
    ) {
        let range = self.all.range(seat);
        let middle = range.start + self.all.of(seat).around(size).0.slots.len();
        let mut above = self.upwards(middle, &range, &is_gone).map(|place| (self.distance(place, size), place));
        let below = middle.checked_sub(1).and_then(|place| self.downwards(place, &range, &is_gone));
        let mut below = below.map(|place| (self.distance(place, size), place));
        loop {
            let goes_up = match (above, below) {
                (None, None) => return,
                (Some(up), Some(down)) => up.0 < down.0,
                (up, _) => up.is_some(),
            };
            let Some((far, place)) = (if goes_up { above } else { below }) else { return };
            if enough(self.all.slots[place] as usize, far) {
                return;
            }
            if goes_up {
                above = self.upwards(place + 1, &range, &is_gone).map(|place| (self.distance(place, size), place));
            } else {
                let next = place.checked_sub(1).and_then(|place| self.downwards(place, &range, &is_gone));
                below = next.map(|place| (self.distance(place, size), place));
            }
        }
    }

    fn distance(&self, place: Place, size: i128) -> u128 {
        (i128::from(self.all.sizes[place]) - size).unsigned_abs()
    }

    fn upwards(&mut self, from: Place, range: &Range<Place>, is_gone: &impl Fn(usize) -> bool) -> Option<Place> {
        let mut place = from;
        while place < range.end && is_gone(self.all.slots[place] as usize) {
            place = self.up[place] as usize;
        }
        shorten(&mut self.up, from, place);
        (place < range.end).then_some(place)
    }

    fn downwards(&mut self, from: Place, range: &Range<Place>, is_gone: &impl Fn(usize) -> bool) -> Option<Place> {
        let mut place = from;
        while place > range.start && is_gone(self.all.slots[place] as usize) {
            place = self.down[place] as usize;
        }
        shorten(&mut self.down, from, place);
        (place >= range.start && !is_gone(self.all.slots[place] as usize)).then_some(place)
    }
}

/// Makes every place on the way from one to the other point at the end of it.
fn shorten(ways: &mut [u32], from: Place, end: Place) {
    let mut place = from;
    while place != end && ways.get(place).is_some_and(|next| *next as usize != end) {
        let next = ways[place] as usize;
        ways[place] = super::job::narrow(end);
        place = next;
    }
}
