//! Who gets how much of a bandwidth that several copies share.

/// One copy: how many bytes it still wants, and the limits that hold for it, as places in the list of limits.
pub(crate) struct Demand {
    pub(crate) bytes: f64,
    pub(crate) limits: Vec<usize>,
}

/// Shares the limits among the demands, max-min fair: all grow alike, and one stops when it has what it wants or when a
/// limit that holds for it is used up.
pub(crate) fn share(demands: &[Demand], limits: &[f64]) -> Vec<f64> {
    let mut left = limits.to_vec();
    let mut given = vec![0.0; demands.len()];
    let mut growing: Vec<usize> = (0..demands.len()).filter(|&at| demands[at].bytes > 0.0).collect();
    while !growing.is_empty() {
        let mut users = vec![0.0; left.len()];
        for &at in &growing {
            for &limit in &demands[at].limits {
                users[limit] += 1.0;
            }
        }
        let by_limit = |at: usize| demands[at].limits.iter().map(|&limit| left[limit] / users[limit]);
        let room = |at: usize| by_limit(at).fold(demands[at].bytes - given[at], f64::min);
        let step = growing.iter().map(|&at| room(at)).fold(f64::INFINITY, f64::min).max(0.0);
        for &at in &growing {
            given[at] += step;
            for &limit in &demands[at].limits {
                left[limit] -= step;
            }
        }
        let before = growing.len();
        growing.retain(|&at| {
            demands[at].bytes - given[at] > 1e-6 && demands[at].limits.iter().all(|&limit| left[limit] > 1e-6)
        });
        if growing.len() == before && step <= 1e-6 {
            break;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(demands: &[(f64, &[usize])], limits: &[f64]) -> Vec<f64> {
        let demands: Vec<Demand> =
            demands.iter().map(|(bytes, limits)| Demand { bytes: *bytes, limits: limits.to_vec() }).collect();
        share(&demands, limits).iter().map(|bytes| bytes.round()).collect()
    }

    #[test]
    fn what_one_does_not_need_the_others_get() {
        assert_eq!(shares(&[(10.0, &[0]), (100.0, &[0]), (100.0, &[0])], &[90.0]), [10.0, 40.0, 40.0]);
    }

    #[test]
    fn a_throttled_copy_leaves_its_bandwidth_to_the_others() {
        assert_eq!(shares(&[(100.0, &[0, 1]), (100.0, &[0])], &[100.0, 20.0]), [20.0, 80.0]);
    }

    #[test]
    fn a_limit_of_nothing_stops_only_those_that_it_holds_for() {
        assert_eq!(shares(&[(100.0, &[0, 1]), (100.0, &[0])], &[100.0, 0.0]), [0.0, 100.0]);
        assert_eq!(shares(&[(100.0, &[0])], &[f64::INFINITY]), [100.0]);
    }
}
