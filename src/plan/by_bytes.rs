//! Levelling bytes alone: every broker within a tolerance of its level, with as few bytes moved as can be.

use super::job::{Job, Marks};
use super::placement::Placement;

/// The bytes between which a broker is level.
pub(super) fn marks(job: &Job, seat: usize, tolerance: u8) -> Marks {
    let level = u128::from(job.seats[seat].bytes);
    let tolerance = u128::from(tolerance);
    let narrow = |bytes: u128| u64::try_from(bytes).unwrap_or(u64::MAX);
    Marks {
        low: narrow((level * 100_u128.saturating_sub(tolerance)).div_ceil(100)),
        high: narrow(level * (100 + tolerance) / 100),
    }
}

/// Moves replicas until every broker is within the tolerance, or nothing more helps.
pub(super) fn level(placement: &mut Placement<'_>, tolerance: u8, forced_only: bool) {
    let limits: Vec<Marks> = (0..placement.job.seats.len())
        .map(|seat| match (placement.job.seats[seat].stays, forced_only) {
            (false, _) => Marks::default(),
            (true, true) => Marks { low: 0, high: u64::MAX },
            (true, false) => marks(placement.job, seat, tolerance),
        })
        .collect();
    while send_away(placement, &limits) || fetch_missing(placement, &limits) {}
}

/// From the broker that is furthest above, to whichever is furthest below its level.
fn send_away(placement: &mut Placement<'_>, limits: &[Marks]) -> bool {
    let job = placement.job;
    let above = |seat: usize| placement.bytes[seat].saturating_sub(limits[seat].high);
    let must_go = |seat: usize| !job.seats[seat].stays && placement.count(seat) > 0;
    let mut givers: Vec<usize> = (0..limits.len()).filter(|seat| above(*seat) > 0 || must_go(*seat)).collect();
    givers.sort_by_key(|seat| (job.seats[*seat].stays, std::cmp::Reverse(above(*seat)), *seat));
    let mut takers: Vec<usize> = (0..limits.len()).filter(|seat| job.seats[*seat].stays).collect();
    takers.sort_by_key(|seat| (placement.surplus(*seat), *seat));
    let chosen = givers.iter().find_map(|from| {
        let forced = !job.seats[*from].stays;
        takers.iter().filter(|to| *to != from).find_map(|to| best_slot(placement, limits, *from, *to, forced))
    });
    let Some((slot, to)) = chosen else { return false };
    placement.relocate(slot, to);
    true
}

/// To the broker that is furthest below, from whichever is furthest above its level.
fn fetch_missing(placement: &mut Placement<'_>, limits: &[Marks]) -> bool {
    let below = |seat: usize| limits[seat].low.saturating_sub(placement.bytes[seat]);
    let mut takers: Vec<usize> = (0..limits.len()).filter(|seat| below(*seat) > 0).collect();
    takers.sort_by_key(|seat| (std::cmp::Reverse(below(*seat)), *seat));
    let mut givers: Vec<usize> = (0..limits.len()).filter(|seat| placement.surplus(*seat) > 0).collect();
    givers.sort_by_key(|seat| (std::cmp::Reverse(placement.surplus(*seat)), *seat));
    let chosen = takers.iter().find_map(|to| {
        givers.iter().filter(|from| *from != to).find_map(|from| best_slot(placement, limits, *from, *to, false))
    });
    let Some((slot, to)) = chosen else { return false };
    placement.relocate(slot, to);
    true
}

/// The replica whose size is nearest to what the giver has too much, or the taker too little. One that would only turn the
/// two round is none: the taker stays below its high mark and the giver above its low one, unless the giver must be empty.
fn best_slot(
    placement: &Placement<'_>,
    limits: &[Marks],
    from: usize,
    to: usize,
    forced: bool,
) -> Option<(usize, usize)> {
    let above = placement.bytes[from].saturating_sub(limits[from].high);
    let below = limits[to].low.saturating_sub(placement.bytes[to]);
    let wanted = if above > 0 && below > 0 { above.min(below) } else { above.max(below) };
    let fits = |bytes: u64| {
        let taker = placement.bytes[to].saturating_add(bytes) <= limits[to].high;
        forced || (bytes > 0 && taker && placement.bytes[from].saturating_sub(bytes) >= limits[from].low)
    };
    let slots = placement.on[from].iter().map(|slot| *slot as usize);
    let key = |slot: usize| (placement.job.partition(slot).bytes.abs_diff(wanted), slot);
    let fitting = slots.filter(|slot| fits(placement.job.partition(*slot).bytes) && placement.may_go(*slot, to));
    fitting.min_by_key(|slot| key(*slot)).map(|slot| (slot, to))
}
