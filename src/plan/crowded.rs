//! Topics that crowd on a broker: exchanges that bring them below their limit, where the bytes stay level.

use super::by_size::{List, Sizes};
use super::exchange::{Exchange, exchange, may_exchange, share_topic, strain_change};
use super::placement::Placement;
use super::spread::Topics;

const ROUNDS: usize = 4;
/// How many replicas on either side of the same size are tried.
const NEAR: usize = 32;
/// To how many brokers a replica may go that has moved already.
const OTHERS: usize = 8;
/// Bytes may get this part of a broker's level off by it.
const SLACK: i128 = 125;

/// Takes one replica after another from brokers that have more of its topic than the limit, or more of its leaders.
pub(super) fn disperse(placement: &mut Placement<'_>, lists: &mut Exchange) {
    for _ in 0..ROUNDS {
        lists.renew(placement);
        if lists.takers().next().is_none() || !round(placement, lists) {
            return;
        }
    }
}

fn round(placement: &mut Placement<'_>, lists: &Exchange) -> bool {
    let mut gained = false;
    let welcome: Vec<Sizes> = (0..placement.job.seats.len()).map(|seat| welcome(placement, lists, seat)).collect();
    for slot in 0..placement.now.len() {
        gained |= is_crowded(placement, slot) && relieve(placement, lists, &welcome, slot);
    }
    gained
}

/// What has left a broker and would not crowd there if it came back.
fn welcome(placement: &Placement<'_>, lists: &Exchange, seat: usize) -> Sizes {
    let crowds = |topic: u32| placement.topic_count(topic, seat) > placement.job.topic_marks(topic, seat).high;
    let left = lists.left(seat).slots.iter().copied();
    Sizes::of(placement, left.filter(|slot| !crowds(placement.job.partition(*slot as usize).topic)).collect())
}

/// Whether the replica is one of too many of its topic.
fn is_crowded(placement: &Placement<'_>, slot: usize) -> bool {
    let (topic, seat) = (placement.job.partition(slot).topic, placement.now[slot] as usize);
    // Not more than the partitions can be on a broker, so a small topic is never crowded.
    if placement.spread.partitions(topic).len() < 3 {
        return false;
    }
    placement.topic_count(topic, seat) > placement.job.topic_marks(topic, seat).high + 1
        || (placement.is_leader(slot) && placement.topic_leads(topic, seat) > placement.spread.most_leaders(topic))
}

/// Exchanges the replica for one of like size of a topic that does not crowd.
fn relieve(placement: &mut Placement<'_>, lists: &Exchange, welcome: &[Sizes], slot: usize) -> bool {
    let (here, home) = (placement.now[slot] as usize, placement.job.old[slot] as usize);
    if here == home {
        // It moves in the place of one that has left.
        return for_one_of(placement, slot, welcome[here].list());
    }
    if for_one_of(placement, slot, lists.at_home(placement, home)) {
        return true;
    }
    let topic = placement.job.partition(slot).topic;
    let mut others: Vec<usize> = lists.takers().filter(|seat| *seat != here).collect();
    others.sort_by_key(|seat| (placement.topic_count(topic, *seat), *seat));
    others.into_iter().take(OTHERS).any(|other| for_one_of(placement, slot, lists.arrived(other)))
}

fn for_one_of(placement: &mut Placement<'_>, slot: usize, candidates: List<'_>) -> bool {
    let (smaller, larger) = candidates.around(i128::from(placement.job.partition(slot).bytes));
    let near = |side: &mut dyn Iterator<Item = (u64, usize)>| {
        side.take(NEAR).map(|(_, other)| other).find(|other| relieves(placement, slot, *other))
    };
    let found = near(&mut larger.forwards()).or_else(|| near(&mut smaller.backwards()));
    let Some(other) = found else { return false };
    exchange(placement, slot, other);
    true
}

fn relieves(placement: &Placement<'_>, slot: usize, other: usize) -> bool {
    let (here, there) = (placement.now[slot] as usize, placement.now[other] as usize);
    let bytes = |slot: usize| i128::from(placement.job.partition(slot).bytes);
    let shift = bytes(slot) - bytes(other);
    let keeps = |seat: usize, change: i128| {
        let (surplus, slack) = (placement.surplus(seat), i128::from(placement.job.seats[seat].bytes) / SLACK);
        (surplus + change).abs() <= surplus.abs().max(slack)
    };
    if !keeps(here, -shift) || !keeps(there, shift) || share_topic(placement, slot, other) {
        return false;
    }
    let change = |slot: usize, to: usize| strain_change(placement, slot, to, Topics::Loosened);
    may_exchange(placement, slot, other) && change(other, here) + change(slot, there) < 0
}
