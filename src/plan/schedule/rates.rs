//! How fast copies run beside each other: max-min fair, as streams through one throttle share it.
//!
//! Each broker sends at most one unit a second, and receives at most one. No copy could run faster without another that is as
//! slow, or slower, running slower still. Copies that have no broker in common, not even over others, do not touch each other:
//! only what is connected to a change is shared out anew.

/// The sides of the brokers that a copy goes through: the sending one of its leader, the receiving one of its new replica.
pub(super) type Route = [usize; 2];

pub(super) fn route(leader: usize, receiver: usize) -> Route {
    [2 * leader, 2 * receiver + 1]
}

/// The copies that run now, numbered as they began.
#[derive(Debug)]
pub(super) struct Running {
    sides: Vec<Side>,
    routes: Vec<Route>,
    /// While rates are being shared out: what each copy has got, if anything.
    shares: Vec<Option<f64>>,
}

/// One side of a broker.
#[derive(Debug, Clone, Default)]
struct Side {
    through: Vec<usize>,
    /// While rates are being shared out: what is left of its own, and how many copies through it have no rate yet.
    left: f64,
    open: u32,
    is_met: bool,
}

impl Side {
    fn share(&self) -> Option<f64> {
        (self.open > 0).then(|| self.left.max(0.0) / f64::from(self.open))
    }
}

impl Running {
    pub(super) fn among(brokers: usize) -> Self {
        Self { sides: vec![Side::default(); 2 * brokers], routes: Vec::new(), shares: Vec::new() }
    }

    /// Gives the number of the copy.
    pub(super) fn start(&mut self, route: Route) -> usize {
        let copy = self.routes.len();
        self.routes.push(route);
        self.shares.push(None);
        for side in route {
            self.sides[side].through.push(copy);
        }
        copy
    }

    /// Gives the sides that are less busy now.
    pub(super) fn end(&mut self, copy: usize) -> Route {
        let route = self.routes[copy];
        for side in route {
            self.sides[side].through.retain(|other| *other != copy);
        }
        route
    }

    /// The rates of all copies that a change at these sides has an influence on.
    pub(super) fn rates(&mut self, changed: &[usize]) -> Vec<(usize, f64)> {
        let (met, copies) = self.connected(changed);
        while let Some(least) = met.iter().filter_map(|side| self.sides[*side].share()).min_by(f64::total_cmp) {
            // A side that is as tight stays so while others are filled: each takes no more than its share away.
            let is_tight = |side: &usize| self.sides[*side].share().is_some_and(|share| share <= least * (1.0 + 1e-12));
            let tight: Vec<usize> = met.iter().copied().filter(is_tight).collect();
            for side in tight {
                for place in 0..self.sides[side].through.len() {
                    let copy = self.sides[side].through[place];
                    if self.shares[copy].is_none() {
                        self.give(copy, least);
                    }
                }
            }
        }
        for side in met {
            self.sides[side].is_met = false;
        }
        copies.into_iter().filter_map(|copy| Some((copy, self.shares[copy]?))).collect()
    }

    fn give(&mut self, copy: usize, rate: f64) {
        self.shares[copy] = Some(rate);
        for side in self.routes[copy] {
            self.sides[side].left -= rate;
            self.sides[side].open -= 1;
        }
    }

    /// The sides that can be reached from these over copies, with their whole rate to share out, and these copies.
    fn connected(&mut self, changed: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let (mut met, mut copies) = (Vec::new(), Vec::new());
        let mut to_visit = changed.to_vec();
        while let Some(id) = to_visit.pop() {
            let side = &mut self.sides[id];
            if std::mem::replace(&mut side.is_met, true) {
                continue;
            }
            (side.left, side.open) = (1.0, u32::try_from(side.through.len()).unwrap_or(u32::MAX));
            met.push(id);
            for copy in &self.sides[id].through {
                self.shares[*copy] = None;
                let [sends, receives] = self.routes[*copy];
                // Each copy goes through one sending side.
                if sends == id {
                    copies.push(*copy);
                }
                to_visit.push(if sends == id { receives } else { sends });
            }
        }
        (met, copies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(routes: &[(usize, usize)]) -> Vec<f64> {
        let mut running = Running::among(10);
        for (leader, receiver) in routes {
            running.start(route(*leader, *receiver));
        }
        let all: Vec<usize> = (0..20).collect();
        let mut rates = running.rates(&all);
        rates.sort_by_key(|(copy, _)| *copy);
        rates.into_iter().map(|(_, rate)| rate).collect()
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
        running.start(route(0, 1));
        running.start(route(2, 1));
        running.start(route(5, 6));
        let mut touched: Vec<usize> = running.rates(&route(2, 1)).into_iter().map(|(copy, _)| copy).collect();
        touched.sort_unstable();
        assert_eq!(touched, [0, 1]);
        assert_eq!(running.end(0), route(0, 1));
        assert_eq!(running.rates(&route(0, 1)), [(1, 1.0)]);
    }
}
