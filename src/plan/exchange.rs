//! Two replicas exchange their places, at no cost in moves.
//!
//! Two kinds leave every count and the number of moves as they are: a moved replica stays at home and another one of its
//! home moves instead; or two moved replicas exchange their destinations. Leaders are exchanged for leaders only.

use super::by_size::{BySize, List, Sizes};
use super::placement::Placement;
use super::spread::{Topics, leader_strain, strain};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// How many replicas on either side of the wanted size are tried.
const NEAR: usize = 48;
/// A gain smaller than this part of a broker's level is not worth an exchange.
const GRAIN: i128 = 4096;

/// The replicas that can be exchanged.
pub(super) struct Exchange {
    before: BySize,
    /// Broker to those that have come to it.
    arrived: BTreeMap<usize, Sizes>,
    /// Broker to those that have left it.
    left: BTreeMap<usize, Sizes>,
}

impl Exchange {
    pub(super) fn new(placement: &Placement<'_>) -> Self {
        let mut exchange = Self { before: BySize::all(placement), arrived: BTreeMap::new(), left: BTreeMap::new() };
        exchange.renew(placement);
        exchange
    }

    /// Looks anew at what has moved.
    pub(super) fn renew(&mut self, placement: &Placement<'_>) {
        let (mut arrived, mut left) = (BTreeMap::<usize, Vec<u32>>::new(), BTreeMap::<usize, Vec<u32>>::new());
        for seat in 0..placement.job.seats.len() {
            for slot in self.before.of(seat).slots.iter().filter(|slot| placement.has_moved(**slot as usize)) {
                left.entry(seat).or_default().push(*slot);
                arrived.entry(placement.now[*slot as usize] as usize).or_default().push(*slot);
            }
        }
        let sorted = |(seat, slots): (usize, Vec<u32>)| (seat, Sizes::of(placement, slots));
        self.arrived = arrived.into_iter().map(sorted).collect();
        self.left = left.into_iter().map(sorted).collect();
    }

    /// What the broker had before, moved or not; nothing where the broker does not stay.
    pub(super) fn at_home(&self, placement: &Placement<'_>, seat: usize) -> List<'_> {
        if placement.job.seats[seat].stays { self.before.of(seat) } else { List::default() }
    }

    /// What has come to the broker.
    pub(super) fn arrived(&self, seat: usize) -> List<'_> {
        self.arrived.get(&seat).map(Sizes::list).unwrap_or_default()
    }

    /// What has left the broker.
    pub(super) fn left(&self, seat: usize) -> List<'_> {
        self.left.get(&seat).map(Sizes::list).unwrap_or_default()
    }

    /// Brokers that something has come to.
    pub(super) fn takers(&self) -> impl Iterator<Item = usize> {
        self.arrived.keys().copied()
    }

    /// Every replica that has moved.
    pub(super) fn moved(&self) -> Vec<u32> {
        let mut slots: Vec<u32> = self.left.values().flat_map(|sizes| sizes.list().slots).copied().collect();
        slots.sort_unstable();
        slots
    }
}

/// Exchanges `slot` for the one of `candidates`, all on `there`, that evens the bytes of the two brokers out best.
pub(super) fn even_out(
    placement: &mut Placement<'_>,
    slot: usize,
    there: usize,
    candidates: List<'_>,
    topics: Topics,
) -> bool {
    let offer = Offer::of(placement, slot, there, topics);
    let (smaller, larger) = candidates.around(offer.wanted());
    let (smaller, larger) = (&mut smaller.backwards(), &mut larger.forwards());
    let best = [offer.best(smaller), offer.best(larger)].into_iter().flatten().min();
    let Some((.., other)) = best else { return false };
    exchange(placement, slot, other);
    true
}

/// A replica that looks for another one on a certain broker.
struct Offer<'a> {
    placement: &'a Placement<'a>,
    slot: usize,
    there: usize,
    topics: Topics,
    size: i128,
    /// How far the two brokers are from their levels.
    above: i128,
    below: i128,
    /// What its going there does to its topic, whichever comes in return.
    own_harm: OnceCell<i64>,
}

/// How much worse topics are spread, how uneven the bytes of the two brokers are, and the other replica.
type Found = (u64, i128, usize);

impl<'a> Offer<'a> {
    fn of(placement: &'a Placement<'a>, slot: usize, there: usize, topics: Topics) -> Self {
        let (above, below) = (placement.surplus(placement.now[slot] as usize), placement.surplus(there));
        let size = i128::from(placement.job.partition(slot).bytes);
        Self { placement, slot, there, topics, size, above, below, own_harm: OnceCell::new() }
    }

    /// The size with which the two brokers would be equally far off.
    fn wanted(&self) -> i128 {
        self.size - (self.above - self.below) / 2
    }

    /// How uneven the two are when so many bytes have gone from the one to the other.
    fn uneven(&self, shift: i128) -> i128 {
        let square = |surplus: i128| surplus.saturating_mul(surplus);
        square(self.above - shift).saturating_add(square(self.below + shift))
    }

    /// The best of the candidates on one side of the wanted size, the nearest first.
    fn best(&self, candidates: &mut dyn Iterator<Item = (u64, usize)>) -> Option<Found> {
        let placement = self.placement;
        let grain = grain(placement, placement.now[self.slot] as usize).min(grain(placement, self.there));
        let enough = self.uneven(0) - grain * grain;
        let mut fitting = candidates
            .map(|(bytes, other)| (self.uneven(self.size - i128::from(bytes)), other))
            .take_while(|(after, _)| *after < enough)
            .filter(|(_, other)| placement.now[*other] as usize == self.there)
            .take(NEAR)
            .filter(|(_, other)| may_exchange(placement, self.slot, *other));
        if self.topics != Topics::Free {
            // The further from the wanted size, the less is gained.
            let fits = fitting.find(|(_, other)| self.harm(*other) == 0);
            return fits.map(|(after, other)| (0, after, other));
        }
        // The one that hurts topics least of those that gain at least half as much as could be gained.
        let first = fitting.next()?;
        let half = first.0.midpoint(self.uneven(0));
        let good = std::iter::once(first).chain(fitting.take_while(|(after, _)| *after <= half));
        good.map(|(after, other)| (self.harm(other), after, other)).min()
    }

    /// How much worse topics are spread by an exchange with the other one.
    fn harm(&self, other: usize) -> u64 {
        let (placement, here) = (self.placement, self.placement.now[self.slot] as usize);
        if share_topic(placement, self.slot, other) {
            return 0;
        }
        let own = self.own_harm.get_or_init(|| strain_change(placement, self.slot, self.there, self.topics));
        (own + strain_change(placement, other, here, self.topics)).max(0).cast_unsigned()
    }
}

/// The smallest gain in bytes that counts for a broker.
fn grain(placement: &Placement<'_>, seat: usize) -> i128 {
    i128::from(placement.job.seats[seat].bytes) / GRAIN
}

pub(super) fn exchange(placement: &mut Placement<'_>, one: usize, two: usize) {
    let (here, there) = (placement.now[one] as usize, placement.now[two] as usize);
    placement.relocate(one, there);
    placement.relocate(two, here);
}

/// Whether the two may be exchanged at no cost, and are of a kind.
pub(super) fn may_exchange(placement: &Placement<'_>, one: usize, two: usize) -> bool {
    let job = placement.job;
    if job.partition_of[one] == job.partition_of[two] || placement.is_leader(one) != placement.is_leader(two) {
        return false;
    }
    let (here, there) = (placement.now[one], placement.now[two]);
    let moves = |one_at: u32, two_at: u32| u8::from(job.old[one] != one_at) + u8::from(job.old[two] != two_at);
    here != there
        && moves(there, here) <= moves(here, there)
        && placement.may_go(one, there as usize)
        && placement.may_go(two, here as usize)
}

/// By how much the spread of its topic gets worse when a replica goes to another broker.
pub(super) fn strain_change(placement: &Placement<'_>, slot: usize, to: usize, topics: Topics) -> i64 {
    let (topic, from) = (placement.job.partition(slot).topic, placement.now[slot] as usize);
    let marks = |seat: usize| placement.job.topic_marks(topic, seat);
    let (has, gets) = (placement.topic_count(topic, from), placement.topic_count(topic, to));
    let mut before = strain(has, marks(from), topics) + strain(gets, marks(to), topics);
    let mut after = strain(has - 1, marks(from), topics) + strain(gets + 1, marks(to), topics);
    if placement.is_leader(slot) {
        let most = placement.spread.most_leaders(topic);
        let (has, gets) = (placement.topic_leads(topic, from), placement.topic_leads(topic, to));
        before += leader_strain(has, most) + leader_strain(gets, most);
        after += leader_strain(has - 1, most) + leader_strain(gets + 1, most);
    }
    after.cast_signed() - before.cast_signed()
}

/// Whether two replicas are of one topic: then an exchange changes nothing for it.
pub(super) fn share_topic(placement: &Placement<'_>, one: usize, two: usize) -> bool {
    placement.job.partition(one).topic == placement.job.partition(two).topic
}
