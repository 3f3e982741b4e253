//! A way over other brokers for a count that no straight move can level.
//!
//! Along a path each broker hands one replica on to the next, so that only the first has one less and the last one more.
//! A replica that was moved already is handed on without moving more data, so such steps are free.

use super::placement::Placement;
use std::collections::{BTreeSet, VecDeque};

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    /// Replicas moved more: 0 or 1.
    cost: u8,
    slot: usize,
}

/// Hands replicas along the cheapest path from one of the givers to one of the takers. False where there is none.
pub(super) fn along_a_path(placement: &mut Placement<'_>, givers: &[usize], takers: &[usize]) -> bool {
    if givers.is_empty() || takers.is_empty() {
        return false;
    }
    let edges = edges(placement);
    let mut closed = BTreeSet::new();
    while let Some(path) = cheapest(&edges, &closed, givers, takers) {
        match hand_on(placement, &edges, &path) {
            Ok(()) => return true,
            // Two steps of the path were in each other's way, such as two replicas of one partition.
            Err(blocked) => closed.insert(blocked),
        };
    }
    false
}

/// The cheapest replica of each broker for each other one.
fn edges(placement: &Placement<'_>) -> Vec<Vec<Option<Edge>>> {
    let seats = placement.job.seats.len();
    let mut edges = vec![vec![None; seats]; seats];
    for (from, edges) in edges.iter_mut().enumerate() {
        for slot in placement.on[from].iter().map(|slot| *slot as usize) {
            for (to, edge) in edges.iter_mut().enumerate() {
                let found = Edge { cost: cost(placement, slot, to), slot };
                if to != from && edge.is_none_or(|edge| found < edge) && placement.may_go(slot, to) {
                    *edge = Some(found);
                }
            }
        }
    }
    edges
}

fn cost(placement: &Placement<'_>, slot: usize, to: usize) -> u8 {
    let was_there = |seat: u32| placement.job.partition(slot).slots().any(|slot| placement.job.old[slot] == seat);
    u8::from(!was_there(super::job::narrow(to)) && was_there(placement.now[slot]))
}

/// The brokers of the cheapest path, the shortest among equals (breadth first, free steps at the front).
fn cheapest(
    edges: &[Vec<Option<Edge>>],
    closed: &BTreeSet<(usize, usize)>,
    givers: &[usize],
    takers: &[usize],
) -> Option<Vec<usize>> {
    let mut cost = vec![usize::MAX; edges.len()];
    let mut before = vec![None; edges.len()];
    let mut queue: VecDeque<usize> = givers.iter().copied().collect();
    for giver in givers {
        cost[*giver] = 0;
    }
    while let Some(from) = queue.pop_front() {
        for (to, edge) in edges[from].iter().enumerate() {
            let Some(edge) = edge.filter(|_| !closed.contains(&(from, to))) else { continue };
            let reached = cost[from] + usize::from(edge.cost);
            if reached < cost[to] {
                cost[to] = reached;
                before[to] = Some(from);
                if edge.cost == 0 { queue.push_front(to) } else { queue.push_back(to) }
            }
        }
    }
    let end = takers.iter().copied().filter(|to| cost[*to] < usize::MAX).min_by_key(|to| (cost[*to], *to))?;
    let mut path = vec![end];
    while let Some(from) = path.last().and_then(|last| before[*last]) {
        path.push(from);
    }
    path.reverse();
    (path.len() > 1).then_some(path)
}

/// Carries the steps out from the end, so that no broker is fuller than it was. On a blocked step all is as before.
fn hand_on(placement: &mut Placement<'_>, edges: &[Vec<Option<Edge>>], path: &[usize]) -> Result<(), (usize, usize)> {
    let mut done = Vec::new();
    for step in path.windows(2).rev() {
        let (from, to) = (step[0], step[1]);
        match edges[from][to] {
            Some(edge) if placement.may_go(edge.slot, to) => {
                placement.relocate(edge.slot, to);
                done.push((edge.slot, from));
            }
            _ => {
                for (slot, back) in done.into_iter().rev() {
                    placement.relocate(slot, back);
                }
                return Err((from, to));
            }
        }
    }
    Ok(())
}
