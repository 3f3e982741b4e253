//! What every broker should hold: between a low and a high mark it is level.

use super::job::{Job, Marks};
use super::level::{Level, RackShare, rack_shares, water_levels};
use super::pour::{Vessel, pour};
use super::scope::{Aim, Scope};
use std::collections::BTreeMap;

/// Weight per replication factor: a number of partitions, or their bytes.
type Weights = BTreeMap<usize, u128>;

pub(super) fn set(job: &mut Job, scope: &Scope) {
    let mut brokers = vec![0_u64; job.racks];
    for seat in job.seats.iter().filter(|seat| seat.stays) {
        brokers[seat.rack] += 1;
    }
    let (mut number, mut size) = (Weights::new(), Weights::new());
    let mut by_topic: Vec<Weights> = vec![Weights::new(); job.topics.len()];
    for partition in &job.partitions {
        let replicas = partition.replicas as usize;
        *number.entry(replicas).or_default() += 1;
        *by_topic[partition.topic as usize].entry(replicas).or_default() += 1;
        *size.entry(replicas).or_default() += u128::from(partition.bytes);
    }
    let levels = |weights: &Weights| water_levels(total(weights), &rack_shares(&brokers, weights));
    let topics = by_topic.iter().flat_map(levels).map(Marks::of).collect();
    job.set_topic_marks(topics);
    if scope.keeps() {
        keep(job, &rack_shares(&brokers, &number), &rack_shares(&brokers, &size));
    } else {
        even_out(job, &levels(&number), &levels(&size));
    }
    if scope.leaders_only {
        even_out_leaders(job);
    }
    if scope.by != Aim::Counts {
        for seat in job.seats.iter_mut().filter(|seat| seat.stays) {
            seat.replicas = Marks { low: 0, high: u64::MAX };
        }
    }
}

fn total(weights: &Weights) -> u128 {
    weights.iter().map(|(replicas, weight)| *replicas as u128 * weight).sum()
}

/// Every broker as much as the others of its rack.
fn even_out(job: &mut Job, replicas: &[Level], bytes: &[Level]) {
    for seat in job.seats.iter_mut().filter(|seat| seat.stays) {
        seat.replicas = Marks::of(replicas[seat.rack]);
        seat.bytes = bytes[seat.rack].floor();
    }
    even_out_leaders(job);
}

fn even_out_leaders(job: &mut Job) {
    let brokers = job.seats.iter().filter(|seat| seat.stays).count() as u128;
    let leaders = Level { total: job.partitions.len() as u128, brokers };
    for seat in job.seats.iter_mut().filter(|seat| seat.stays) {
        seat.leaders = Marks::of(leaders);
    }
}

/// Every broker keeps what it has; what must go comes on top, where there is least.
fn keep(job: &mut Job, replicas: &[RackShare], bytes: &[RackShare]) {
    let mut held = vec![Held::default(); job.seats.len()];
    for (slot, seat) in job.old.iter().enumerate() {
        let partition = job.partition(slot);
        let held = &mut held[*seat as usize];
        held.replicas += 1;
        held.bytes += u128::from(partition.bytes);
        held.leaders += u128::from(partition.first as usize == slot);
    }
    for (broker, with) in &job.replaced {
        let given = std::mem::take(&mut held[*broker as usize]);
        held[*with as usize].add(given);
    }
    let free = vec![RackShare { brokers: 0, least: 0, most: u128::MAX }; job.racks];
    let replicas = poured(job, &held, |held| held.replicas, replicas);
    let leaders = poured(job, &held, |held| held.leaders, &free);
    let bytes = poured(job, &held, |held| held.bytes, bytes);
    for seat in 0..job.seats.len() {
        if job.seats[seat].stays {
            job.seats[seat].replicas = replicas[seat];
            job.seats[seat].leaders = leaders[seat];
            job.seats[seat].bytes = bytes[seat].low;
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Held {
    replicas: u128,
    leaders: u128,
    bytes: u128,
}

impl Held {
    fn add(&mut self, other: Self) {
        self.replicas += other.replicas;
        self.leaders += other.leaders;
        self.bytes += other.bytes;
    }
}

/// The marks of every seat when what the brokers that do not stay hold is poured over those that do.
fn poured(job: &Job, held: &[Held], of: impl Fn(&Held) -> u128, shares: &[RackShare]) -> Vec<Marks> {
    let load = |seat: usize| of(&held[seat]);
    let seats = 0..job.seats.len();
    let staying: Vec<usize> = seats.clone().filter(|seat| job.seats[*seat].stays).collect();
    let amount = seats.filter(|seat| !job.seats[*seat].stays).map(load).sum();
    let vessels: Vec<Vessel> =
        staying.iter().map(|seat| Vessel { held: load(*seat), rack: job.seats[*seat].rack }).collect();
    let room: Vec<u128> = (0..job.racks)
        .map(|rack| {
            let has: u128 = vessels.iter().filter(|vessel| vessel.rack == rack).map(|vessel| vessel.held).sum();
            shares[rack].most.saturating_sub(has)
        })
        .collect();
    let mut marks = vec![Marks::default(); job.seats.len()];
    for (seat, level) in staying.iter().zip(pour(amount, &vessels, &room)) {
        marks[*seat] = Marks { low: narrow(level.0), high: narrow(level.1) };
    }
    marks
}

fn narrow(load: u128) -> u64 {
    u64::try_from(load).unwrap_or(u64::MAX)
}
