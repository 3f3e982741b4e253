//! How the replicas and the leaders of each topic are spread over the brokers, and where there are too many.

use super::job::{Job, Marks};
use std::ops::Range;

/// What one more replica of a topic weighs on a broker that has enough of it.
///
/// A topic of which a broker should hold one at most spreads first: it is the one that an operator looks at, and that has
/// a hot spot at once.
const FEW: u64 = 4;
/// Above its limit: one more than the level, rounded up.
pub(super) const BEYOND: u64 = 16;

/// How far a step may take topics from their levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topics {
    /// No further than they are.
    Kept,
    /// By one replica; but a topic of which a broker should hold one at most is kept.
    Loosened,
    /// Up to the limit.
    Limited,
    /// As far as it takes.
    Free,
}

#[derive(Debug, Clone, Copy, Default)]
struct Held {
    replicas: u32,
    leaders: u32,
}

/// Replicas, and first slots, of each topic on each broker.
///
/// A topic with few replicas for so many brokers has no row of its own in the table: it is counted when asked. So the table
/// is never larger than a few times the replicas, however many topics and brokers there are.
#[derive(Debug)]
pub(super) struct Spread {
    /// Where the row of a topic begins.
    row: Vec<Option<usize>>,
    rows: Vec<Held>,
    /// The first partition of each topic, and the end.
    first: Vec<usize>,
    /// The most leaders of each topic that a broker should have.
    leaders: Vec<u64>,
}

impl Spread {
    /// All counts 0.
    pub(super) fn new(job: &Job) -> Self {
        let seats = job.seats.len();
        let staying = job.seats.iter().filter(|seat| seat.stays).count().max(1) as u64;
        let first: Vec<usize> = (0..=job.topics.len())
            .map(|topic| job.partitions.partition_point(|partition| (partition.topic as usize) < topic))
            .collect();
        let (mut row, mut end) = (Vec::with_capacity(job.topics.len()), 0);
        for partitions in first.windows(2) {
            let slots = slots(job, partitions[0]..partitions[1]).len();
            let has_one = slots * 2 >= seats;
            row.push(has_one.then_some(end));
            end += if has_one { seats } else { 0 };
        }
        let leaders = first.windows(2).map(|pair| ((pair[1] - pair[0]) as u64).div_ceil(staying) + 1).collect();
        Self { row, rows: vec![Held::default(); end], first, leaders }
    }

    pub(super) fn enter(&mut self, topic: u32, seat: usize, leads: bool) {
        if let Some(row) = self.row[topic as usize] {
            let held = &mut self.rows[row + seat];
            held.replicas += 1;
            held.leaders += u32::from(leads);
        }
    }

    /// A leader more or less, without its replica.
    pub(super) fn lead(&mut self, topic: u32, from: Option<usize>, to: usize) {
        if let Some(row) = self.row[topic as usize] {
            self.rows[row + to].leaders += 1;
            if let Some(from) = from {
                self.rows[row + from].leaders -= 1;
            }
        }
    }

    pub(super) fn leave(&mut self, topic: u32, seat: usize, leads: bool) {
        if let Some(row) = self.row[topic as usize] {
            let held = &mut self.rows[row + seat];
            held.replicas -= 1;
            held.leaders -= u32::from(leads);
        }
    }

    /// The topic's replicas on the broker, `now` being the broker of every slot.
    pub(super) fn replicas(&self, job: &Job, now: &[u32], topic: u32, seat: usize) -> u64 {
        if let Some(row) = self.row[topic as usize] {
            return u64::from(self.rows[row + seat].replicas);
        }
        let here = &now[slots(job, self.partitions(topic))];
        here.iter().map(|now| u64::from(*now as usize == seat)).sum()
    }

    /// The partitions of the topic that the broker leads, `leader` being the broker that leads a partition.
    pub(super) fn leaders(&self, topic: u32, seat: usize, leader: impl Fn(usize) -> u32) -> u64 {
        if let Some(row) = self.row[topic as usize] {
            return u64::from(self.rows[row + seat].leaders);
        }
        self.partitions(topic).map(|partition| u64::from(leader(partition) as usize == seat)).sum()
    }

    /// The most leaders of a topic that a broker should have: its share, rounded up, and one.
    pub(super) fn most_leaders(&self, topic: u32) -> u64 {
        self.leaders[topic as usize]
    }

    pub(super) fn partitions(&self, topic: u32) -> Range<usize> {
        self.first[topic as usize]..self.first[topic as usize + 1]
    }
}

fn slots(job: &Job, partitions: Range<usize>) -> Range<usize> {
    match (job.partitions.get(partitions.start), job.partitions[partitions.clone()].last()) {
        (Some(first), Some(last)) => first.slots().start..last.slots().end,
        _ => 0..0,
    }
}

/// How badly `count` replicas of a topic fit a broker that should hold what the marks say. 0: well.
pub(super) fn strain(count: u64, marks: Marks, topics: Topics) -> u64 {
    let over = count.saturating_sub(marks.high);
    let off = over + marks.low.saturating_sub(count);
    let weight = match (topics, marks.high <= 1) {
        (Topics::Free | Topics::Limited, _) | (Topics::Loosened, false) => 0,
        (_, true) => FEW,
        (Topics::Kept, false) => 1,
    };
    off * weight + over.saturating_sub(1) * BEYOND
}

/// The same for leaders, of which only too many hurt.
pub(super) fn leader_strain(count: u64, most: u64) -> u64 {
    count.saturating_sub(most) * BEYOND
}

#[cfg(test)]
mod tests {
    use super::super::placement::Placement;
    use super::super::scope::Scope;
    use super::super::state::{Broker, BrokerState, State, Topic};
    use super::*;

    #[test]
    fn a_topic_in_the_table_and_one_that_is_counted_say_the_same_after_every_move() {
        let brokers = (0..24).map(|id| Broker::new(id, None, BrokerState::Old)).collect();
        let topic = |name: &str, partitions: i32| {
            let lists: Vec<Vec<i32>> = (0..partitions).map(|p| vec![p % 3, p % 3 + 3]).collect();
            Topic::new(name, lists, (0..partitions).map(|_| 1).collect())
        };
        let topics = vec![topic("few", 2), topic("many", 40)];
        let state = State { brokers, topics, ..State::default() };
        let job = Job::new(&state, &Scope::default()).expect("a job");
        let mut placement = Placement::new(&job);
        assert_eq!(placement.spread.row.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
        for slot in (0..job.old.len()).step_by(3) {
            placement.relocate(slot, 6 + slot % 18);
            for (topic, seat) in (0..2).flat_map(|topic| (0..24).map(move |seat| (topic, seat))) {
                let of_topic = |slot: &usize| job.partition(*slot).topic == topic && placement.now[*slot] == seat;
                let here: Vec<usize> = (0..job.old.len()).filter(of_topic).collect();
                assert_eq!(placement.topic_count(topic, seat as usize), here.len() as u64);
                let first = here.iter().filter(|slot| placement.is_leader(**slot)).count() as u64;
                assert_eq!(placement.topic_leads(topic, seat as usize), first);
            }
        }
    }

    #[test]
    fn a_replica_beyond_the_limit_weighs_more_than_any_below_it() {
        let marks = Marks { low: 2, high: 3 };
        let of = |count: u64, topics: Topics| strain(count, marks, topics);
        assert_eq!([1, 2, 3, 4].map(|count| of(count, Topics::Kept)), [1, 0, 0, 1]);
        assert!(of(5, Topics::Limited) > of(4, Topics::Kept) && of(4, Topics::Limited) == 0);
        let one = Marks { low: 1, high: 1 };
        assert!(strain(2, one, Topics::Loosened) > of(4, Topics::Loosened), "one each is kept longer");
    }
}
