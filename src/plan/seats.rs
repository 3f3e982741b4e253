//! The brokers of a job by index, with their racks.

use super::disk;
use super::job::{Marks, Seat};
use super::state::{Broker, State};
use std::collections::BTreeSet;

pub(super) struct Seats {
    /// By id; the last is the pool, which is no broker.
    pub(super) list: Vec<Seat>,
    /// The names of the racks, those of staying brokers first.
    pub(super) names: Vec<String>,
    /// How many racks the staying brokers have.
    pub(super) racks: usize,
}

impl Seats {
    /// Racks count only where every broker of the target has one, as for Kafka itself.
    pub(super) fn of(state: &State, staying: &BTreeSet<i32>, spare: u8) -> Self {
        let stays = |id: i32| staying.contains(&id);
        let aware = state.brokers.iter().all(|broker| broker.rack.is_some() || !stays(broker.id));
        let rack_of = |broker: &Broker| match (&broker.rack, aware) {
            (Some(rack), true) => rack.clone(),
            _ => String::new(),
        };
        let targets: BTreeSet<String> = state.brokers.iter().filter(|b| stays(b.id)).map(rack_of).collect();
        let others: BTreeSet<String> =
            state.brokers.iter().map(rack_of).filter(|rack| !targets.contains(rack)).collect();
        let racks = targets.len();
        let names: Vec<String> = targets.into_iter().chain(others).collect();
        let seat = |broker: &Broker| {
            let rack = rack_of(broker);
            let rack = names.iter().position(|name| *name == rack).unwrap_or(0);
            let room = disk::room(&broker.log_dirs, spare);
            Seat { room, down: !broker.registered, ..empty(broker.id, rack, stays(broker.id)) }
        };
        let mut seats: Vec<Seat> = state.brokers.iter().map(seat).collect();
        seats.sort_unstable_by_key(|seat| seat.id);
        seats.push(empty(-1, names.len(), false));
        Self { list: seats, names, racks }
    }
}

fn empty(id: i32, rack: usize, stays: bool) -> Seat {
    Seat { id, rack, stays, down: false, replicas: Marks::default(), leaders: Marks::default(), bytes: 0, room: None }
}
