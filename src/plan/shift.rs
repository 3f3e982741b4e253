//! Levelling the counts: replicas go straight from a broker that has too many to one that has too few.
//!
//! Every such move is one that the bound asks for, so as long as none is blocked the plan moves no more than it must. The
//! choice among the replicas of the giver is free, and is used to spread topics, leaders and bytes. Where every straight
//! way is blocked (by racks, or by replicas that are there already), `reroute` looks for a way over other brokers.

use super::placement::Placement;
use super::reroute;

/// Moves replicas until every count is between its marks, or nothing more can be done. Whether anything was moved.
pub(super) fn level_counts(placement: &mut Placement<'_>) -> bool {
    let mut moved = false;
    // A later part can open a way that was blocked in an earlier one.
    while send_away(placement) | empty_the_leaving(placement) | fetch_missing(placement) {
        moved = true;
    }
    moved
}

/// What must go: from brokers above their high mark, to those below the low one while there are any.
fn send_away(placement: &mut Placement<'_>) -> bool {
    let mut moved = false;
    while let Some(givers) = seats(placement, |load| load.count > load.high) {
        let needy = seats(placement, |load| load.stays && load.count < load.low);
        let roomy = seats(placement, |load| load.stays && load.count < load.high);
        if !step(placement, &givers, &[needy.unwrap_or_default(), roomy.unwrap_or_default()]) {
            break;
        }
        moved = true;
    }
    moved
}

/// Brokers that leave end empty, level or not: some broker that stays can take each replica.
fn empty_the_leaving(placement: &mut Placement<'_>) -> bool {
    let mut moved = false;
    while let Some(givers) = seats(placement, |load| !load.stays && load.count > 0) {
        let staying = seats(placement, |load| load.stays).unwrap_or_default();
        if !step(placement, &givers, &[staying]) {
            break;
        }
        moved = true;
    }
    moved
}

/// What must still come: to brokers below their low mark, from those above it.
fn fetch_missing(placement: &mut Placement<'_>) -> bool {
    let mut moved = false;
    while let Some(needy) = seats(placement, |load| load.stays && load.count < load.low) {
        let givers = seats(placement, |load| load.count > load.low).unwrap_or_default();
        if !step(placement, &givers, &[needy]) {
            break;
        }
        moved = true;
    }
    moved
}

fn step(placement: &mut Placement<'_>, givers: &[usize], takers: &[Vec<usize>]) -> bool {
    for takers in takers {
        if let Some((slot, to)) = straight(placement, givers, takers) {
            placement.relocate(slot, to);
            return true;
        }
    }
    takers.iter().any(|takers| reroute::along_a_path(placement, givers, takers))
}

struct Load {
    stays: bool,
    count: u64,
    low: u64,
    high: u64,
}

/// The brokers that answer the question, or none.
fn seats(placement: &Placement<'_>, asks: impl Fn(Load) -> bool) -> Option<Vec<usize>> {
    let load = |seat: usize| {
        let marks = placement.job.seats[seat].replicas;
        Load { stays: placement.job.seats[seat].stays, count: placement.count(seat), low: marks.low, high: marks.high }
    };
    let found: Vec<usize> = (0..placement.job.seats.len()).filter(|seat| asks(load(*seat))).collect();
    (!found.is_empty()).then_some(found)
}

/// The best single move from one of the givers to one of the takers: the neediest taker, the fullest giver.
fn straight(placement: &Placement<'_>, givers: &[usize], takers: &[usize]) -> Option<(usize, usize)> {
    let excess = |seat: usize| placement.count(seat).saturating_sub(placement.job.seats[seat].replicas.low);
    let need = |seat: usize| placement.job.seats[seat].replicas.high.saturating_sub(placement.count(seat));
    let mut givers = givers.to_vec();
    givers.sort_by_key(|seat| (std::cmp::Reverse((excess(*seat), placement.surplus(*seat))), *seat));
    let mut takers = takers.to_vec();
    takers.sort_by_key(|seat| (std::cmp::Reverse(need(*seat)), placement.surplus(*seat), *seat));
    takers.into_iter().find_map(|to| {
        let best = |from: &usize| best_slot(placement, *from, to).map(|slot| (slot, to));
        givers.iter().filter(|from| **from != to).find_map(best)
    })
}

/// The replica on `from` whose move to `to` does most for topics, then leaders, then bytes.
fn best_slot(placement: &Placement<'_>, from: usize, to: usize) -> Option<usize> {
    let job = placement.job;
    let wants_leader =
        placement.leads[to] < job.seats[to].leaders.low && placement.leads[from] > job.seats[from].leaders.high;
    let ideal = ideal_size(placement, from, to);
    let mut best = None;
    for slot in placement.on[from].iter().map(|slot| *slot as usize) {
        let partition = job.partition(slot);
        let score = (
            topic_cost(placement, partition.topic, from, to),
            placement.is_leader(slot) != wants_leader,
            (i128::from(partition.bytes) - ideal).unsigned_abs(),
            slot,
        );
        if best.as_ref().is_none_or(|best| score < *best) && placement.may_go(slot, to) {
            best = Some(score);
        }
    }
    best.map(|(.., slot)| slot)
}

/// 0 where the topic has too many replicas on the giver and too few on the taker, up to 4 where it is the other way round.
fn topic_cost(placement: &Placement<'_>, topic: u32, from: usize, to: usize) -> u8 {
    let (has, gets) = (placement.topic_count(topic, from), placement.topic_count(topic, to));
    let (giver, taker) = (placement.job.topic_marks(topic, from), placement.job.topic_marks(topic, to));
    u8::from(has <= giver.high)
        + u8::from(has <= giver.low)
        + u8::from(gets >= taker.low)
        + u8::from(gets >= taker.high)
}

/// The mean of what each replica that the giver still gives, and each that the taker still takes, should weigh.
fn ideal_size(placement: &Placement<'_>, from: usize, to: usize) -> i128 {
    let (least, most) = (placement.job.seats[from].replicas.low, placement.job.seats[to].replicas.high);
    let leaving = i128::from(placement.count(from).saturating_sub(least).max(1));
    let coming = i128::from(most.saturating_sub(placement.count(to)).max(1));
    i128::midpoint(placement.surplus(from) / leaving, -placement.surplus(to) / coming).max(0)
}
