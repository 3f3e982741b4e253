//! Levelling the bytes at no cost in moves, by exchanges.
//!
//! Each exchange taken makes the bytes of two brokers more even by more than a grain, so this ends; a limit on the rounds
//! keeps it short where little is left to gain.

use super::by_size::List;
use super::exchange::{Exchange, even_out};
use super::placement::Placement;
use super::spread::Topics;

const ROUNDS: usize = 12;
/// A round that gains on fewer of its replicas than one in so many is the last of its kind.
const RARE: usize = 256;
/// Thousandths of its level that a broker may be off before its topics give way altogether.
const NARROW: i128 = 8;

/// Evens the bytes out as far as exchanges can: first with the topics kept as they are, then for brokers that are more than
/// so many thousandths off with topics less even.
pub(super) fn level_bytes(placement: &mut Placement<'_>, lists: &mut Exchange) {
    let everywhere = vec![true; placement.job.seats.len()];
    for (topics, off) in [(Topics::Kept, 1), (Topics::Loosened, 2)] {
        rounds(placement, lists, &Aim { topics, off, worth: &everywhere });
    }
    if has_few_replicas(placement) {
        return;
    }
    rounds(placement, lists, &Aim { topics: Topics::Limited, off: 4, worth: &everywhere });
    let worth: Vec<bool> = (0..everywhere.len()).map(|seat| can_be_level(placement, lists, seat)).collect();
    rounds(placement, lists, &Aim { topics: Topics::Free, off: NARROW, worth: &worth });
}

/// Whether brokers hold so few replicas that sizes hardly even out, however they are exchanged: then a small topic would get
/// two replicas on one broker for nothing that anybody notices.
fn has_few_replicas(placement: &Placement<'_>) -> bool {
    const FEW: usize = 50;
    let staying = placement.job.seats.iter().filter(|seat| seat.stays).count();
    placement.now.len() < staying * FEW
}

/// What is wanted of an exchange.
struct Aim<'a> {
    topics: Topics,
    /// Brokers that are more than so many thousandths off,
    off: i128,
    /// and these among them.
    worth: &'a [bool],
}

fn rounds(placement: &mut Placement<'_>, lists: &mut Exchange, aim: &Aim<'_>) {
    let mut tried = Tried::new(placement);
    for _ in 0..ROUNDS {
        lists.renew(placement);
        let moved = lists.moved();
        if round(placement, lists, &moved, aim, &mut tried) <= moved.len() / RARE {
            return;
        }
    }
}

/// What was tried in vain, so that it is tried again only when its home has changed.
struct Tried {
    /// How often each broker has changed.
    changes: Vec<u32>,
    /// Slot to the changes of its home, and one, at the time.
    at: Vec<u32>,
}

impl Tried {
    fn new(placement: &Placement<'_>) -> Self {
        Self { changes: vec![0; placement.job.seats.len()], at: vec![0; placement.now.len()] }
    }

    fn in_vain(&self, slot: usize, home: usize) -> bool {
        self.at[slot] > self.changes[home]
    }

    fn note(&mut self, slot: usize, home: usize) {
        self.at[slot] = self.changes[home] + 1;
    }
}

/// Tries every moved replica of a broker that is off once. How many were exchanged.
fn round(placement: &mut Placement<'_>, lists: &Exchange, moved: &[u32], aim: &Aim<'_>, tried: &mut Tried) -> usize {
    let mut gained = 0;
    let needs = |placement: &Placement<'_>, seat: usize| aim.worth[seat] && is_off(placement, seat, aim.off);
    for slot in moved.iter().map(|slot| *slot as usize) {
        let (here, home) = (placement.now[slot] as usize, placement.job.old[slot] as usize);
        if here == home || !(needs(placement, here) || needs(placement, home)) {
            continue;
        }
        let with = |placement: &mut Placement<'_>, there: usize, candidates: List<'_>| {
            even_out(placement, slot, there, candidates, aim.topics).then_some(there)
        };
        let mut partner = None;
        if !tried.in_vain(slot, home) {
            partner = with(placement, home, lists.at_home(placement, home));
        }
        if partner.is_none() && needs(placement, here) {
            let opposites = opposites(placement, here, lists);
            partner = opposites.into_iter().find_map(|other| with(placement, other, lists.arrived(other)));
        }
        match partner {
            Some(there) => {
                tried.changes[here] += 1;
                tried.changes[there] += 1;
                gained += 1;
            }
            None => tried.note(slot, home),
        }
    }
    gained
}

fn is_off(placement: &Placement<'_>, seat: usize, thousandths: i128) -> bool {
    let surplus = placement.surplus(seat).saturating_mul(1000).abs();
    placement.job.seats[seat].stays && surplus > i128::from(placement.job.seats[seat].bytes) * thousandths
}

/// Whether a broker could end level by giving its smallest, or its largest, replicas, and by getting small or large ones.
/// Where it could not, topics should not suffer for it.
fn can_be_level(placement: &Placement<'_>, lists: &Exchange, seat: usize) -> bool {
    /// So many times the mean is a large replica.
    const LARGE: i128 = 4;
    let job = &placement.job.seats[seat];
    let (mine, left, come) = (lists.at_home(placement, seat), lists.left(seat), lists.arrived(seat));
    let sum = |sizes: &[u64]| sizes.iter().map(|size| i128::from(*size)).sum::<i128>();
    let given = left.sizes.len().min(mine.sizes.len());
    let (least, most) = (sum(&mine.sizes[..given]), sum(&mine.sizes[mine.sizes.len() - given..]));
    let before = placement.surplus(seat) + sum(left.sizes) - sum(come.sizes);
    let mean = i128::from(job.bytes) / i128::from(job.replicas.high.max(1));
    let large = mean * LARGE * come.sizes.len() as i128;
    let slack = i128::from(job.bytes) * NARROW / 1000;
    before - least + large >= -slack && before - most <= slack
}

/// Of the brokers that replicas have come to, those whose bytes are furthest off the other way: in the same rack, and
/// anywhere.
fn opposites(placement: &Placement<'_>, here: usize, lists: &Exchange) -> Vec<usize> {
    let job = placement.job;
    let over = placement.surplus(here) > 0;
    let furthest = |same_rack: bool| {
        lists
            .takers()
            .filter(|seat| *seat != here && (!same_rack || job.seats[*seat].rack == job.seats[here].rack))
            .min_by_key(|seat| if over { placement.surplus(*seat) } else { -placement.surplus(*seat) })
    };
    let mut seats: Vec<usize> = furthest(true).into_iter().chain(furthest(false)).collect();
    seats.dedup();
    seats
}
