//! Levelling the bytes at no cost: a replica that moves is exchanged for one of another size.
//!
//! Two exchanges leave every count and the number of moves as they are: a moved replica stays at home and another one of
//! its home moves instead; or two moved replicas exchange their destinations. Each one taken makes the bytes of the two
//! brokers more even, so this ends; a limit on the rounds keeps it short where little is left to gain.

use super::placement::Placement;

const ROUNDS: usize = 20;
/// How many replicas on either side of the wanted size are tried.
const NEAR: usize = 96;

/// How far exchanges may take topics from their levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topics {
    /// No further than they are.
    Kept,
    /// By one replica, for brokers whose bytes are more than a hundredth off; but a topic of which a broker should hold one
    /// at most is kept.
    Loosened,
}

/// Evens the bytes out as far as exchanges can.
pub(super) fn level_bytes(placement: &mut Placement<'_>) {
    for topics in [Topics::Kept, Topics::Loosened] {
        for _ in 0..ROUNDS {
            if !round(placement, topics) {
                break;
            }
        }
    }
}

/// Tries every moved replica once. False when nothing was gained.
fn round(placement: &mut Placement<'_>, topics: Topics) -> bool {
    let at_home = sorted(placement, false);
    let arrived = sorted(placement, true);
    let moved: Vec<usize> = (0..placement.now.len()).filter(|slot| placement.has_moved(*slot)).collect();
    let mut gained = false;
    for slot in moved {
        let (here, home) = (placement.now[slot] as usize, placement.job.old[slot] as usize);
        if here == home {
            continue;
        }
        let mut exchanged = exchange(placement, slot, home, &at_home[home], topics);
        for other in opposites(placement, here, &arrived) {
            exchanged = exchanged || exchange(placement, slot, other, &arrived[other], topics);
        }
        gained |= exchanged;
    }
    gained
}

/// The slots of each broker by size: those that have moved there, or those that were there before.
fn sorted(placement: &Placement<'_>, moved: bool) -> Vec<Vec<(u64, usize)>> {
    let sizes = |slots: &Vec<u32>| {
        let slots = slots.iter().map(|slot| *slot as usize).filter(|slot| placement.has_moved(*slot) == moved);
        let mut sizes: Vec<_> = slots.map(|slot| (placement.job.partition(slot).bytes, slot)).collect();
        sizes.sort_unstable();
        sizes
    };
    placement.on.iter().map(sizes).collect()
}

/// Of the brokers that replicas have come to, those whose bytes are furthest off the other way: in the same rack, and
/// anywhere.
fn opposites(placement: &Placement<'_>, here: usize, arrived: &[Vec<(u64, usize)>]) -> Vec<usize> {
    let job = placement.job;
    let over = placement.surplus(here) > 0;
    let furthest = |same_rack: bool| {
        (0..arrived.len())
            .filter(|seat| *seat != here && !arrived[*seat].is_empty())
            .filter(|seat| !same_rack || job.seats[*seat].rack == job.seats[here].rack)
            .min_by_key(|seat| if over { placement.surplus(*seat) } else { -placement.surplus(*seat) })
    };
    let mut seats: Vec<usize> = furthest(true).into_iter().chain(furthest(false)).collect();
    seats.dedup();
    seats
}

/// Exchanges `slot` for the one of `candidates`, all on `there`, that evens the bytes of the two brokers out best.
fn exchange(
    placement: &mut Placement<'_>,
    slot: usize,
    there: usize,
    candidates: &[(u64, usize)],
    topics: Topics,
) -> bool {
    let here = placement.now[slot] as usize;
    let size = i128::from(placement.job.partition(slot).bytes);
    let (above, below) = (placement.surplus(here), placement.surplus(there));
    let off =
        |seat: usize| placement.surplus(seat).saturating_mul(100).abs() > i128::from(placement.job.seats[seat].bytes);
    if topics == Topics::Loosened && !off(here) && !off(there) {
        return false;
    }
    let uneven = |shift: i128| {
        let square = |surplus: i128| surplus.saturating_mul(surplus);
        square(above - shift).saturating_add(square(below + shift))
    };
    let wanted = size - (above - below) / 2;
    let middle = candidates.partition_point(|(bytes, _)| i128::from(*bytes) < wanted);
    // The further from the wanted size, the less is gained: the first that fits on either side is the best there.
    let first_that_fits = |side: &mut dyn Iterator<Item = &(u64, usize)>| {
        side.take(NEAR)
            .map(|(bytes, other)| (uneven(size - i128::from(*bytes)), *other))
            .take_while(|(after, _)| *after < uneven(0))
            .find(|(_, other)| may_exchange(placement, slot, *other, there, topics))
    };
    let smaller = first_that_fits(&mut candidates[..middle].iter().rev());
    let larger = first_that_fits(&mut candidates[middle..].iter());
    let Some((_, other)) = smaller.into_iter().chain(larger).min() else { return false };
    placement.relocate(slot, there);
    placement.relocate(other, here);
    true
}

fn may_exchange(placement: &Placement<'_>, slot: usize, other: usize, there: usize, topics: Topics) -> bool {
    let here = placement.now[slot] as usize;
    let (one, two) = (placement.job.partition_of[slot], placement.job.partition_of[other]);
    // The list of candidates is older than the last exchange.
    let is_there = placement.now[other] as usize == there;
    if one == two || !is_there || placement.is_leader(slot) != placement.is_leader(other) {
        return false;
    }
    let home = placement.job.old[slot] as usize == there;
    if home == placement.has_moved(other) || !topics_stay_spread(placement, slot, other, topics) {
        return false;
    }
    placement.may_go(slot, there) && placement.may_go(other, here)
}

/// Whether the topics of the two replicas are no further from their levels after the exchange.
fn topics_stay_spread(placement: &Placement<'_>, slot: usize, other: usize, topics: Topics) -> bool {
    let (here, there) = (placement.now[slot] as usize, placement.now[other] as usize);
    let (one, two) = (placement.job.partition(slot).topic, placement.job.partition(other).topic);
    if one == two {
        return true;
    }
    let off = |topic: u32, seat: usize, more: u64, less: u64| {
        let marks = placement.job.topic_marks(topic, seat);
        let slack = u64::from(topics == Topics::Loosened && marks.low >= 1 && marks.high >= 2);
        let count = placement.topic_count(topic, seat) + more - less;
        count.saturating_sub(marks.high + slack) + (marks.low - slack).saturating_sub(count)
    };
    let before = off(one, here, 0, 0) + off(one, there, 0, 0) + off(two, here, 0, 0) + off(two, there, 0, 0);
    let after = off(one, here, 0, 1) + off(one, there, 1, 0) + off(two, here, 1, 0) + off(two, there, 0, 1);
    after <= before
}
