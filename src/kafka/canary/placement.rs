//! Where a canary's topic lies: one partition for each broker, which leads it.

use crate::kafka::cluster::Broker;

/// As many as a topic of any weight has; fewer where there are fewer brokers.
const REPLICAS: usize = 3;

/// To each partition its replicas, the leader first. Replicas follow each other through the racks.
pub fn place(brokers: &[Broker]) -> Vec<Vec<i32>> {
    let ring = ring(brokers);
    let replicas = REPLICAS.min(ring.len());
    (0..ring.len()).map(|at| (0..replicas).map(|next| ring[(at + next) % ring.len()]).collect()).collect()
}

/// Acknowledged records survive one broker where three have them.
pub fn min_insync(replicas: usize) -> u32 {
    if replicas >= REPLICAS { 2 } else { 1 }
}

/// All brokers, neighbours in different racks as far as that goes.
fn ring(brokers: &[Broker]) -> Vec<i32> {
    let mut places: Vec<(usize, &Option<String>, i32)> = Vec::new();
    let mut brokers: Vec<&Broker> = brokers.iter().collect();
    brokers.sort_by_key(|broker| broker.id);
    for broker in brokers {
        let nth = places.iter().filter(|(_, rack, _)| **rack == broker.rack).count();
        places.push((nth, &broker.rack, broker.id));
    }
    places.sort();
    places.into_iter().map(|(.., id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(id: i32, rack: Option<&str>) -> Broker {
        Broker { id, host: String::new(), port: 0, rack: rack.map(str::to_owned) }
    }

    #[test]
    fn every_broker_leads_one_and_racks_alternate() {
        let brokers =
            [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c"), (6, "c")].map(|(id, rack)| broker(id, Some(rack)));
        let placed = place(&brokers);
        let mut leaders: Vec<i32> = placed.iter().map(|replicas| replicas[0]).collect();
        leaders.sort_unstable();
        assert_eq!(leaders, [1, 2, 3, 4, 5, 6]);
        for replicas in &placed {
            let mut racks: Vec<_> =
                replicas.iter().map(|id| brokers.iter().find(|one| one.id == *id).map(|one| &one.rack)).collect();
            racks.dedup();
            assert_eq!((replicas.len(), racks.len()), (3, 3), "{placed:?}");
        }
    }

    #[test]
    fn few_brokers_have_few_replicas() {
        assert_eq!(place(&[broker(7, None)]), [[7]]);
        assert_eq!(place(&[broker(7, None), broker(3, None)]), [[3, 7], [7, 3]]);
        assert_eq!((min_insync(3), min_insync(2)), (2, 1));
    }
}
