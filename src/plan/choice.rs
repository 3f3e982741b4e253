//! Which replica a broker gives to another one: one that does well for its topic, for the leaders and for the bytes.

use super::by_size::{BySize, Remaining};
use super::job::Partition;
use super::placement::Placement;
use super::spread::{BEYOND, Topics, leader_strain, strain};

/// Among how many replicas of about the right size the best is chosen.
const WINDOW: usize = 64;
/// How many are looked at for that.
const FAR: usize = 6 * WINDOW;

/// How many replicas of its topic are on the broker of a replica that is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Excess {
    /// Another replica of its partition has moved: it goes only where no other can. Such ones can go to few brokers, and one
    /// would look through many in vain.
    Taken,
    /// No more than should be.
    None,
    /// More than should be.
    Rich,
    /// More than the limit.
    Crowded,
    /// Two or more, where each broker should have exactly one.
    Doubled,
}

/// In this order they go.
const ORDER: [Excess; 3] = [Excess::Crowded, Excess::Rich, Excess::None];
/// After all the others.
const LAST: Excess = Excess::Taken;

pub(super) struct Choice {
    /// Each replica by size among those of at least the same excess, in the [`ORDER`].
    remaining: [Remaining; 3],
    /// All replicas, made when the others do not suffice.
    last: Option<Remaining>,
    excess: Vec<Excess>,
    /// Whether a broker's replicas could go to another rack at all. Where there are as many racks as replicas none can, and
    /// looking through them would be in vain.
    crosses: Vec<bool>,
}

/// The lower, the better: topics of which each broker should have one, leaders where they lack, all topics, bytes.
type Score = (bool, bool, u64, u128, usize);

/// A topic cost that is neither better nor worse than before.
const NEUTRAL: u64 = 64;

impl Choice {
    pub(super) fn new(placement: &Placement<'_>) -> Self {
        let job = placement.job;
        let mut crosses = vec![false; job.seats.len()];
        for (slot, seat) in job.old.iter().enumerate() {
            let partition = job.partition(slot);
            let pinned = partition.replicas == partition.spread && partition.spread as usize == job.racks;
            crosses[*seat as usize] |= !pinned || job.seats[*seat as usize].rack >= job.racks;
        }
        let of = |slot: usize| {
            let partition = job.partition(slot);
            let seat = placement.now[slot] as usize;
            let is_taken = placement.now[partition.slots()] != job.old[partition.slots()];
            let count = placement.topic_count(partition.topic, seat);
            if is_taken { Excess::Taken } else { excess(placement, partition.topic, seat, count) }
        };
        let excess: Vec<Excess> = (0..job.old.len()).map(of).collect();
        let remaining = ORDER.map(|least| Remaining::new(BySize::of_those(placement, |slot| excess[slot] >= least)));
        Self { remaining, last: None, excess, crosses }
    }

    /// Hears that a replica has left its broker: others of its topic there may be no excess any more.
    pub(super) fn left(&mut self, placement: &Placement<'_>, slot: usize, from: usize) {
        let (topic, partition) = (placement.job.partition(slot).topic, placement.job.partition(slot).slots());
        self.excess[partition].fill(Excess::Taken);
        let count = placement.topic_count(topic, from);
        let now = excess(placement, topic, from, count);
        if now == excess(placement, topic, from, count + 1) {
            return;
        }
        let partitions = &placement.job.partitions[placement.spread.partitions(topic)];
        for slot in partitions.iter().flat_map(Partition::slots) {
            if placement.now[slot] as usize == from && self.excess[slot] != Excess::Taken {
                self.excess[slot] = now;
            }
        }
    }

    /// The replica on `from` whose move to `to` is best. `None` where none may go there.
    pub(super) fn replica(&mut self, placement: &Placement<'_>, from: usize, to: usize) -> Option<usize> {
        let job = placement.job;
        let mut search = Search {
            placement,
            from,
            to,
            ideal: ideal_size(placement, from, to),
            leader: wants_leader(placement, from, to),
            best: None,
        };
        let can_be = self.crosses[from] || job.racks == 1 || job.seats[from].rack == job.seats[to].rack;
        if can_be {
            for (least, remaining) in ORDER.into_iter().zip(&mut self.remaining) {
                search.look_through(remaining, &self.excess, least);
                if search.best.is_some_and(|(shares, ..)| !shares) {
                    break;
                }
                let gains = if least == Excess::Crowded { BEYOND / 2 } else { 1 };
                if search.best.is_some_and(|(_, other, cost, ..)| !other && cost + gains <= NEUTRAL) {
                    break;
                }
            }
        }
        if can_be && search.best.is_none() {
            let last = self.last.get_or_insert_with(|| Remaining::new(BySize::all(placement)));
            search.look_through(last, &self.excess, LAST);
        }
        if search.best.is_none() {
            let on = placement.on[from].iter().map(|slot| *slot as usize);
            on.filter(|slot| placement.has_moved(*slot)).for_each(|slot| search.consider(slot, Excess::None));
        }
        search.best.map(|(.., slot)| slot)
    }
}

/// What so many replicas of the topic on the broker are.
fn excess(placement: &Placement<'_>, topic: u32, seat: usize, count: u64) -> Excess {
    let marks = placement.job.topic_marks(topic, seat);
    match count.saturating_sub(marks.high) {
        0 => Excess::None,
        _ if marks.low == 1 && marks.high == 1 => Excess::Doubled,
        1 => Excess::Rich,
        _ => Excess::Crowded,
    }
}

struct Search<'a> {
    placement: &'a Placement<'a>,
    from: usize,
    to: usize,
    ideal: i128,
    leader: bool,
    best: Option<Score>,
}

impl Search<'_> {
    fn look_through(&mut self, remaining: &mut Remaining, excess: &[Excess], least: Excess) {
        let (placement, from, ideal) = (self.placement, self.from, self.ideal);
        let (mut fitting, mut seen) = (0, 0);
        let is_gone = |slot: usize| excess[slot] < least || placement.has_moved(slot);
        remaining.nearest(from, ideal, is_gone, |slot, _| {
            seen += 1;
            let fits = placement.is_leader(slot) == self.leader || excess[slot] == Excess::Doubled;
            if fits || self.best.is_none() {
                fitting += usize::from(fits);
                self.consider(slot, excess[slot]);
            }
            (fitting >= WINDOW || seen >= FAR) && self.best.is_some()
        });
    }

    fn consider(&mut self, slot: usize, excess: Excess) {
        let placement = self.placement;
        if !placement.may_go(slot, self.to) {
            return;
        }
        let partition = placement.job.partition(slot);
        let shares = excess == Excess::Doubled && placement.topic_count(partition.topic, self.to) == 0;
        let distance = (i128::from(partition.bytes) - self.ideal).unsigned_abs();
        let cost = topic_cost(placement, slot, self.from, self.to);
        let found = (!shares, placement.is_leader(slot) != self.leader, cost, distance, slot);
        if self.best.is_none_or(|best| found < best) {
            self.best = Some(found);
        }
    }
}

fn wants_leader(placement: &Placement<'_>, from: usize, to: usize) -> bool {
    let leaders = |seat: usize| placement.job.seats[seat].leaders;
    placement.leads[to] < leaders(to).low && placement.leads[from] > leaders(from).high
}

/// How much worse the topic is spread afterwards, counted from the best that a move can do.
fn topic_cost(placement: &Placement<'_>, slot: usize, from: usize, to: usize) -> u64 {
    let topic = placement.job.partition(slot).topic;
    let (has, gets) = (placement.topic_count(topic, from), placement.topic_count(topic, to));
    let (giver, taker) = (placement.job.topic_marks(topic, from), placement.job.topic_marks(topic, to));
    let before = strain(has, giver, Topics::Kept) + strain(gets, taker, Topics::Kept);
    let mut after = NEUTRAL + strain(has - 1, giver, Topics::Kept) + strain(gets + 1, taker, Topics::Kept);
    if placement.is_leader(slot) {
        let most = placement.spread.most_leaders(topic);
        let (has, gets) = (placement.topic_leads(topic, from), placement.topic_leads(topic, to));
        after += leader_strain(gets + 1, most) - leader_strain(gets, most);
        after -= leader_strain(has, most) - leader_strain(has - 1, most);
    }
    after.saturating_sub(before)
}

/// The mean of what each replica that the giver still gives, and each that the taker still takes, should weigh.
fn ideal_size(placement: &Placement<'_>, from: usize, to: usize) -> i128 {
    let (least, most) = (placement.job.seats[from].replicas.low, placement.job.seats[to].replicas.high);
    let leaving = i128::from(placement.count(from).saturating_sub(least).max(1));
    let coming = i128::from(most.saturating_sub(placement.count(to)).max(1));
    i128::midpoint(placement.surplus(from) / leaving, -placement.surplus(to) / coming).max(0)
}
