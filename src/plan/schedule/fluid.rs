//! How long a schedule takes: a fluid model in which copies run beside each other at max-min fair rates.
//!
//! Not in it: the time until somebody sees that a move has ended, new records that arrive meanwhile, and slow disks.

use super::queue::Schedule;
use super::rates::{Route, Running, route};
use super::traffic::Traffic;
use super::{MoveIndex, Order};
use crate::plan::Plan;
use crate::quantity::Rate;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// How long a plan takes in some order, beside the least that it could take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Makespan {
    pub time: Duration,
    /// The busiest broker needs as long for what it sends or receives, whatever the order: `max(in ÷ rate, out ÷ rate)`
    /// with the leaders that partitions have after [`Plan::lead_away`].
    pub bound: Duration,
    /// By topic of the plan: after what time it is whole.
    pub topics: Vec<Duration>,
}

impl Makespan {
    /// Time by bound; 1 where there is nothing to copy.
    pub fn ratio(&self) -> f64 {
        if self.bound.is_zero() { 1.0 } else { self.time.as_secs_f64() / self.bound.as_secs_f64() }
    }
}

/// Carries a plan out in the model: each broker sends at most `rate` and receives at most `rate`, and has a part in at most
/// `per_broker` moves at a time.
pub fn simulate(plan: &Plan, order: Order, per_broker: NonZeroUsize, rate: Rate) -> Makespan {
    let traffic = Arc::new(Traffic::of(plan));
    let bound = seconds_for(traffic.bound(traffic.all()), rate);
    let mut ends = vec![0.0; traffic.topics()];
    let time = match order {
        Order::AcrossTopics => {
            let all: Vec<usize> = (0..traffic.topics()).collect();
            Model::new(&traffic, rate).run(Schedule::new(traffic.clone(), &all, per_broker), 0.0, &mut ends)
        }
        Order::OneTopic => {
            let mut model = Model::new(&traffic, rate);
            (0..traffic.topics())
                .fold(0.0, |now, topic| model.run(Schedule::new(traffic.clone(), &[topic], per_broker), now, &mut ends))
        }
    };
    Makespan { time: duration(time), bound: duration(bound), topics: ends.into_iter().map(duration).collect() }
}

#[expect(clippy::cast_precision_loss, reason = "of more than nine petabytes the last bytes do not count")]
fn seconds_for(bytes: u64, rate: Rate) -> f64 {
    bytes as f64 / rate.bytes_per_second() as f64
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// The copies in flight, one for each new replica.
struct Model<'a> {
    traffic: &'a Traffic,
    rate: Rate,
    running: Running,
    streams: Vec<Stream>,
    /// When each stream ends at its present rate.
    ends: BinaryHeap<Reverse<End>>,
    /// Streams of each move that still run.
    open: Vec<u32>,
}

/// The copy of one new replica.
struct Stream {
    copy: usize,
    /// In seconds at the whole rate of a broker, at the moment `since`.
    left: f64,
    rate: f64,
    since: f64,
    /// Counts the rates that it has had.
    version: u32,
}

struct End {
    at: f64,
    stream: usize,
    version: u32,
}

impl Ord for End {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.total_cmp(&other.at).then(self.stream.cmp(&other.stream)).then(self.version.cmp(&other.version))
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for End {}

impl<'a> Model<'a> {
    fn new(traffic: &'a Traffic, rate: Rate) -> Self {
        Self {
            traffic,
            rate,
            running: Running::among(traffic.brokers),
            streams: Vec::new(),
            ends: BinaryHeap::new(),
            open: vec![0; traffic.copies.len()],
        }
    }

    /// Runs a schedule from the moment `now` to its end, which it gives.
    fn run(&mut self, mut schedule: Schedule, mut now: f64, ends: &mut [f64]) -> f64 {
        let mut changed = Vec::new();
        loop {
            self.submit(&mut schedule, now, &mut changed, ends);
            self.share(&changed, now);
            changed.clear();
            let Some(stream) = self.next_end(&mut now) else { return now };
            changed.extend(self.running.end(stream));
            let copy = self.streams[stream].copy;
            self.open[copy] -= 1;
            if self.open[copy] == 0 {
                let one = self.traffic.copies[copy].at;
                ends[one.topic] = now;
                schedule.end(one);
            }
        }
    }

    fn submit(&mut self, schedule: &mut Schedule, now: f64, changed: &mut Vec<usize>, ends: &mut [f64]) {
        loop {
            let mut at_once = Vec::new();
            for one in schedule.give_out() {
                if !self.begin(one, now, changed) {
                    at_once.push(one);
                }
            }
            if at_once.is_empty() {
                return;
            }
            // A change of order takes no time.
            for one in at_once {
                ends[one.topic] = now;
                schedule.end(one);
            }
        }
    }

    /// False where there is nothing to copy.
    fn begin(&mut self, one: MoveIndex, now: f64, changed: &mut Vec<usize>) -> bool {
        let Some(copy) = self.traffic.position(one) else { return false };
        let receivers = self.traffic.receivers(copy);
        let about = &self.traffic.copies[copy];
        for receiver in receivers {
            let route: Route = route(about.leader as usize, *receiver as usize);
            changed.extend(route);
            self.running.start(route);
            let left = seconds_for(about.bytes, self.rate);
            self.streams.push(Stream { copy, left, rate: 0.0, since: now, version: 0 });
        }
        self.open[copy] = super::traffic::narrow(receivers.len());
        !receivers.is_empty()
    }

    /// Shares the brokers' rates out where something changed.
    fn share(&mut self, changed: &[usize], now: f64) {
        for (id, rate) in self.running.rates(changed) {
            let stream = &mut self.streams[id];
            if (stream.rate - rate).abs() <= rate * 1e-12 {
                continue;
            }
            stream.left = (stream.left - stream.rate * (now - stream.since)).max(0.0);
            (stream.since, stream.rate) = (now, rate);
            stream.version += 1;
            self.ends.push(Reverse(End { at: now + stream.left / rate, stream: id, version: stream.version }));
        }
    }

    /// The stream that ends next; the clock goes on to that moment.
    fn next_end(&mut self, now: &mut f64) -> Option<usize> {
        loop {
            let Reverse(end) = self.ends.pop()?;
            if self.streams[end.stream].version == end.version {
                *now = end.at.max(*now);
                return Some(end.stream);
            }
        }
    }
}
