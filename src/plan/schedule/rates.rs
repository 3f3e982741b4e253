//! How fast copies run beside each other: max-min fair, as streams through one throttle share it.
//!
//! Each broker sends at most one unit a second, and receives at most one. No copy could run faster without another that is as
//! slow, or slower, running slower still. Copies that have no broker in common, not even over others, do not touch each other:
//! only what is connected to a change is shared out anew.

use std::collections::BTreeMap;

/// The sides of the brokers that a copy goes through: the sending one of its leader, the receiving one of its new replica.
pub(super) type Route = [usize; 2];

pub(super) fn route(leader: usize, receiver: usize) -> Route {
    [2 * leader, 2 * receiver + 1]
}

/// The copies that run now.
#[derive(Debug)]
pub(super) struct Running {
    /// By side: the copies through it.
    through: Vec<Vec<usize>>,
    routes: BTreeMap<usize, Route>,
}

/// One side of a broker while rates are being shared out.
struct Side {
    left: f64,
    /// How many copies through it have no rate yet.
    open: u32,
}

impl Side {
    fn share(&self) -> Option<f64> {
        (self.open > 0).then(|| self.left.max(0.0) / f64::from(self.open))
    }
}

impl Running {
    pub(super) fn among(brokers: usize) -> Self {
        Self { through: vec![Vec::new(); 2 * brokers], routes: BTreeMap::new() }
    }

    pub(super) fn start(&mut self, copy: usize, route: Route) {
        self.routes.insert(copy, route);
        for side in route {
            self.through[side].push(copy);
        }
    }

    /// Gives the sides that are less busy now.
    pub(super) fn end(&mut self, copy: usize) -> Option<Route> {
        let route = self.routes.remove(&copy)?;
        for side in route {
            self.through[side].retain(|other| *other != copy);
        }
        Some(route)
    }

    /// The rates of all copies that a change at these sides has an influence on.
    pub(super) fn rates(&self, changed: &[usize]) -> Vec<(usize, f64)> {
        let mut sides: BTreeMap<usize, Side> = BTreeMap::new();
        let mut copies: BTreeMap<usize, (Route, Option<f64>)> = BTreeMap::new();
        let mut to_visit = changed.to_vec();
        while let Some(side) = to_visit.pop() {
            let through = &self.through[side];
            let open = u32::try_from(through.len()).unwrap_or(u32::MAX);
            if sides.insert(side, Side { left: 1.0, open }).is_some() {
                continue;
            }
            for copy in through {
                if let Some(route) = self.routes.get(copy) {
                    copies.insert(*copy, (*route, None));
                    to_visit.extend(route.iter().filter(|side| !sides.contains_key(side)));
                }
            }
        }
        while let Some(least) = sides.values().filter_map(Side::share).min_by(f64::total_cmp) {
            // A side that is as tight stays so while others are filled: each takes no more than its share away.
            let is_tight = |side: &Side| side.share().is_some_and(|share| share <= least * (1.0 + 1e-12));
            let tight: Vec<usize> = sides.iter().filter(|(_, side)| is_tight(side)).map(|(id, _)| *id).collect();
            for copy in tight.iter().flat_map(|side| &self.through[*side]) {
                let Some((route, rate)) = copies.get_mut(copy).filter(|(_, rate)| rate.is_none()) else { continue };
                *rate = Some(least);
                for side in *route {
                    if let Some(side) = sides.get_mut(&side) {
                        side.left -= least;
                        side.open -= 1;
                    }
                }
            }
        }
        copies.into_iter().filter_map(|(copy, (_, rate))| Some((copy, rate?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(routes: &[(usize, usize)]) -> Vec<f64> {
        let mut running = Running::among(10);
        for (copy, (leader, receiver)) in routes.iter().enumerate() {
            running.start(copy, route(*leader, *receiver));
        }
        let all: Vec<usize> = (0..20).collect();
        running.rates(&all).into_iter().map(|(_, rate)| rate).collect()
    }

    #[test]
    fn one_copy_has_the_whole_rate_and_sending_does_not_slow_receiving() {
        assert_eq!(rates(&[(0, 1), (1, 0)]), [1.0, 1.0]);
    }

    #[test]
    fn what_a_slow_one_leaves_over_the_others_share() {
        // 0 sends to three; 4 receives from 0 and 5: the copy from 5 gets what the third of 0 leaves over.
        let found = rates(&[(0, 2), (0, 3), (0, 4), (5, 4)]);
        let wanted = [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0];
        assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn only_what_is_connected_is_shared_out_anew() {
        let mut running = Running::among(10);
        running.start(0, route(0, 1));
        running.start(1, route(2, 1));
        running.start(2, route(5, 6));
        let touched: Vec<usize> = running.rates(&route(2, 1)).into_iter().map(|(copy, _)| copy).collect();
        assert_eq!(touched, [0, 1]);
        assert_eq!(running.end(0), Some(route(0, 1)));
        assert_eq!(running.rates(&route(0, 1)), [(1, 1.0)]);
    }
}
