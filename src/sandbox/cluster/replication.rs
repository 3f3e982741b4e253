//! Followers copy the leaders' logs: at the copy rate of the broker that takes in, under the throttles of KIP-73.

use super::Cluster;
use super::configs::{Throttled, ThrottledSide};
use super::partition::bytes_f64;
use super::sharing::{Demand, share};
use std::collections::BTreeMap;
use std::time::Duration;

/// Long silences are gone through in steps, as leaders and moves change on the way.
const STEP: Duration = Duration::from_millis(50);
/// A machine that was suspended does not have to be caught up with.
const LONGEST: Duration = Duration::from_mins(1);

/// A follower that lacks a part of the log.
struct Copy {
    topic: String,
    partition: usize,
    to: i32,
}

/// What a limit is on; limits come into being as copies need them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Limit {
    Intake(i32),
    Throttle(ThrottledSide, i32),
}

impl Cluster {
    /// Lets time pass.
    pub(crate) fn advance(&mut self, elapsed: Duration) {
        self.now += elapsed;
        self.fence_the_silent();
        self.drop_who_cannot_fetch();
        self.groups.advance(self.now);
        let mut left = elapsed.min(LONGEST);
        loop {
            let step = left.min(STEP);
            left -= step;
            let written = self.write_streams(step);
            self.find_the_restless();
            if !(self.copy_for(step) || written) || left.is_zero() {
                break;
            }
        }
        self.clean_logs();
    }

    /// Copies for `step`, then takes into the ISRs who has caught up. Gives whether anything was left to copy.
    fn copy_for(&mut self, step: Duration) -> bool {
        let (copies, demands, limits) = self.copies(step.as_secs_f64());
        let given = share(&demands, &limits);
        for (copy, bytes) in copies.iter().zip(given) {
            let partition = self.topics.get_mut(&copy.topic).and_then(|topic| topic.partitions.get_mut(copy.partition));
            if let Some(copied) = partition.and_then(|partition| partition.copied.get_mut(&copy.to)) {
                *copied += bytes;
            }
            self.fills(copy.to, bytes);
        }
        self.fail_full_disks();
        self.admit_caught_up();
        self.leave_those_at_rest();
        !copies.is_empty()
    }

    fn copies(&self, seconds: f64) -> (Vec<Copy>, Vec<Demand>, Vec<f64>) {
        let (mut copies, mut demands, mut limits) = (vec![], vec![], vec![]);
        let running = self.running();
        let mut places: BTreeMap<Limit, usize> = BTreeMap::new();
        let mut throttled: Option<(&str, [Throttled; 2])> = None;
        for (name, index) in self.restless.iter() {
            let Some(partition) = self.topics.get(name).and_then(|topic| topic.partitions.get(index)) else { continue };
            let Some(leader) = partition.leader.filter(|leader| running.contains(leader)) else { continue };
            for (&to, &copied) in &partition.copied {
                let missing = bytes_f64(partition.log.size()) - copied;
                let fetches = running.contains(&to) && self.generations.may_fetch(to, leader, self.now);
                if to == leader || missing < 0.5 || !fetches {
                    continue;
                }
                if throttled.as_ref().is_none_or(|(of, _)| *of != name) {
                    let listed = [ThrottledSide::Leader, ThrottledSide::Follower];
                    throttled = Some((name, listed.map(|side| self.configs.throttled(name, side))));
                }
                let Some((_, [leaders, followers])) = &throttled else { continue };
                let mut holding = vec![(Limit::Intake(to), bytes_f64(self.copy_rate))];
                let mut throttle = |side, listed: &Throttled, broker| {
                    if let Some(rate) = self.configs.throttle_rate(broker, side).filter(|_| listed.holds(index, broker))
                    {
                        holding.push((Limit::Throttle(side, broker), bytes_f64(rate)));
                    }
                };
                throttle(ThrottledSide::Leader, leaders, leader);
                throttle(ThrottledSide::Follower, followers, to);
                let holding = holding.into_iter().map(|(limit, rate)| {
                    *places.entry(limit).or_insert_with(|| {
                        limits.push(rate * seconds);
                        limits.len() - 1
                    })
                });
                demands.push(Demand { bytes: missing, limits: holding.collect() });
                copies.push(Copy { topic: name.to_owned(), partition: index, to });
            }
        }
        (copies, demands, limits)
    }

    fn admit_caught_up(&mut self) {
        let (living, running) = (self.living(), self.running());
        for (name, index) in self.restless.iter() {
            let Some(topic) = self.topics.get_mut(name) else { continue };
            let Some(partition) = topic.partitions.get_mut(index) else { continue };
            // It is the leader that takes a follower in.
            let Some(leader) = partition.leader.filter(|leader| running.contains(leader)) else { continue };
            if partition.isr.len() == partition.replicas.len() {
                continue;
            }
            let size = bytes_f64(partition.log.size());
            for broker in partition.replicas.clone() {
                let there = partition.copied.get(&broker).is_some_and(|copied| size - copied < 0.5);
                let fetches = running.contains(&broker) && self.generations.may_fetch(broker, leader, self.now);
                if there && fetches && !partition.isr.contains(&broker) {
                    partition.copied.insert(broker, size);
                    partition.caught_up(broker, &|id| living.contains(&id));
                }
            }
        }
    }
}
