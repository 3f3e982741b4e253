//! The schedule itself: which moves wait, which are under way, and which broker has a slot.

use super::MoveIndex;
use super::traffic::{Traffic, narrow};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Gives the moves of some topics out as slots become free.
///
/// A broker is busy with a move as the leader that sends, or as one that receives. A change of order keeps nobody busy and
/// goes at once. Moves of Kafka's own topics are given out when all others have been. What comes next depends on the plan and
/// on what has begun and ended, and on nothing else.
#[derive(Debug)]
pub struct Schedule {
    traffic: Arc<Traffic>,
    slots: usize,
    /// By copy; those of other topics are over.
    progress: Vec<Progress>,
    /// Copies that are not in the queues yet; the last one comes next.
    stages: Vec<Vec<u32>>,
    brokers: Vec<Broker>,
    /// Brokers for which a slot or work came since moves were given out last.
    stirred: BTreeSet<usize>,
    /// How many of those in the queues wait.
    waiting: usize,
    under_way: BTreeSet<usize>,
    left: usize,
    bytes_left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// In a stage that has not begun.
    Later,
    Waits,
    UnderWay,
    Over,
}

#[derive(Debug, Clone, Default)]
struct Broker {
    busy: usize,
    /// Bytes of the moves that wait.
    sends: u64,
    receives: u64,
    /// Copies that this broker has a part in, the largest first.
    queue: Vec<u32>,
    /// Those before it do not wait any more.
    head: usize,
}

impl Schedule {
    /// `topics` by their index in the plan.
    pub fn new(traffic: Arc<Traffic>, topics: &[usize], per_broker: NonZeroUsize) -> Self {
        let mut progress = vec![Progress::Over; traffic.copies.len()];
        let (mut ours, mut kafkas) = (Vec::new(), Vec::new());
        for topic in topics.iter().copied().collect::<BTreeSet<_>>() {
            let copies = traffic.positions(topic);
            progress[copies.clone()].fill(Progress::Later);
            let stage = if traffic.is_internal(topic) { &mut kafkas } else { &mut ours };
            stage.extend(copies.map(narrow));
        }
        Self {
            slots: per_broker.get(),
            progress,
            left: ours.len() + kafkas.len(),
            bytes_left: ours
                .iter()
                .chain(&kafkas)
                .fold(0, |sum: u64, copy| sum.saturating_add(traffic.copies[*copy as usize].sent())),
            under_way: BTreeSet::new(),
            stages: vec![kafkas, ours],
            brokers: vec![Broker::default(); traffic.brokers],
            stirred: BTreeSet::new(),
            waiting: 0,
            traffic,
        }
    }

    /// How many moves have not ended.
    pub fn left(&self) -> usize {
        self.left
    }

    /// How many of these were not given out yet.
    pub fn waiting(&self) -> usize {
        self.left - self.under_way.len()
    }

    /// Those that were given out and have not ended.
    pub fn under_way(&self) -> impl Iterator<Item = MoveIndex> {
        self.under_way.iter().map(|copy| self.traffic.copies[*copy].at)
    }

    /// Those that were not given out.
    pub fn to_come(&self) -> impl Iterator<Item = MoveIndex> {
        let waits = |progress: &Progress| matches!(progress, Progress::Later | Progress::Waits);
        self.progress
            .iter()
            .zip(&self.traffic.copies)
            .filter(move |(progress, _)| waits(progress))
            .map(|(_, copy)| copy.at)
    }

    /// The bytes that the moves which have not ended copy.
    pub fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    /// Whether all moves of a topic have ended.
    pub fn is_over(&self, topic: usize) -> bool {
        self.progress[self.traffic.positions(topic)].iter().all(|progress| *progress == Progress::Over)
    }

    /// The moves to submit now. They are under way from here on.
    pub fn give_out(&mut self) -> Vec<MoveIndex> {
        let mut given = Vec::new();
        loop {
            while let Some(copy) = self.choose() {
                given.push(self.traffic.copies[copy].at);
                self.start(copy);
            }
            if self.waiting > 0 || !self.open_stage(&mut given) {
                return given;
            }
        }
    }

    /// A move that was submitted already is under way, whether there is a slot for it or not.
    pub fn begin(&mut self, one: MoveIndex) {
        let copy = self.traffic.position(one);
        if let Some(copy) = copy.filter(|copy| matches!(self.progress[*copy], Progress::Later | Progress::Waits)) {
            self.start(copy);
        }
    }

    /// A move has ended: its slots are free.
    pub fn end(&mut self, one: MoveIndex) {
        let copy = self.traffic.position(one);
        let Some(copy) = copy.filter(|copy| self.progress[*copy] == Progress::UnderWay) else { return };
        self.progress[copy] = Progress::Over;
        self.left -= 1;
        self.under_way.remove(&copy);
        self.bytes_left = self.bytes_left.saturating_sub(self.traffic.copies[copy].sent());
        for broker in self.traffic.busy(copy) {
            self.brokers[broker].busy -= 1;
            self.stirred.insert(broker);
        }
    }

    fn start(&mut self, copy: usize) {
        if self.progress[copy] == Progress::Waits {
            self.waiting -= 1;
            let one = &self.traffic.copies[copy];
            let leader = &mut self.brokers[one.leader as usize];
            leader.sends = leader.sends.saturating_sub(one.sent());
            for broker in self.traffic.receivers(copy) {
                let receiver = &mut self.brokers[*broker as usize];
                receiver.receives = receiver.receives.saturating_sub(one.bytes);
            }
        }
        self.progress[copy] = Progress::UnderWay;
        self.under_way.insert(copy);
        for broker in self.traffic.busy(copy) {
            self.brokers[broker].busy += 1;
        }
    }

    /// Puts the next stage into the queues; its changes of order begin at once. False where there is no other stage.
    fn open_stage(&mut self, given: &mut Vec<MoveIndex>) -> bool {
        let Some(stage) = self.stages.pop() else { return false };
        let (order_only, mut copies): (Vec<u32>, Vec<u32>) = stage
            .into_iter()
            .filter(|copy| self.progress[*copy as usize] == Progress::Later)
            .partition(|copy| self.traffic.receivers(*copy as usize).is_empty());
        for copy in order_only {
            given.push(self.traffic.copies[copy as usize].at);
            self.start(copy as usize);
        }
        copies.sort_by_key(|copy| Reverse(self.traffic.copies[*copy as usize].sent()));
        self.waiting = copies.len();
        for copy in copies {
            let one = &self.traffic.copies[copy as usize];
            self.progress[copy as usize] = Progress::Waits;
            for broker in self.traffic.busy(copy as usize) {
                self.brokers[broker].queue.push(copy);
                self.stirred.insert(broker);
            }
            let leader = &mut self.brokers[one.leader as usize];
            leader.sends = leader.sends.saturating_add(one.sent());
            for broker in self.traffic.receivers(copy as usize) {
                let receiver = &mut self.brokers[*broker as usize];
                receiver.receives = receiver.receives.saturating_add(one.bytes);
            }
        }
        true
    }

    /// The next move of the broker with the most to copy, among those for which there are slots.
    ///
    /// Only brokers that were stirred are asked: a move that could not begin before needs one of them.
    fn choose(&mut self) -> Option<usize> {
        loop {
            let free = |broker: &&usize| self.brokers[**broker].busy < self.slots;
            let longest = self.stirred.iter().filter(free).max_by_key(|id| (self.brokers[**id].load(), Reverse(**id)));
            let Some(longest) = longest.copied() else {
                self.stirred.clear();
                return None;
            };
            if let Some(copy) = self.best_of(longest) {
                return Some(copy);
            }
            self.stirred.remove(&longest);
        }
    }

    /// The largest, as seen by how many copies it has to share its brokers' rates with: a large move whose leader sends others
    /// already comes after one of half its size whose leader is idle, so that receivers get their whole rate.
    fn best_of(&mut self, broker: usize) -> Option<usize> {
        let (progress, traffic, brokers) = (&self.progress, &self.traffic, &self.brokers);
        let waits = |copy: &&u32| progress[**copy as usize] == Progress::Waits;
        let has_slots = |copy: &usize| traffic.busy(*copy).all(|id| brokers[id].busy < self.slots);
        let (queue, head) = (&brokers[broker].queue, brokers[broker].head);
        let head = head + queue[head..].iter().take_while(|copy| !waits(copy)).count();
        let mut best: Option<(Share, usize)> = None;
        for copy in queue[head..].iter().filter(waits).map(|copy| *copy as usize) {
            let bytes = traffic.copies[copy].sent();
            // Those that follow are no larger, and share this broker at least.
            if best.is_some_and(|(best, _)| best >= Share { bytes, among: 1 + brokers[broker].busy }) {
                break;
            }
            if has_slots(&copy) {
                let receivers = traffic.receivers(copy).iter().map(|id| brokers[*id as usize].busy).max().unwrap_or(0);
                let among = 1 + brokers[traffic.copies[copy].leader as usize].busy + receivers;
                let share = Share { bytes, among };
                if best.is_none_or(|(best, _)| share > best) {
                    best = Some((share, copy));
                }
            }
        }
        self.brokers[broker].head = head;
        best.map(|(_, copy)| copy)
    }
}

/// A number of bytes, divided.
#[derive(Debug, Clone, Copy)]
struct Share {
    bytes: u64,
    among: usize,
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        let times = |one: &Self, other: &Self| u128::from(one.bytes) * other.among as u128;
        times(self, other).cmp(&times(other, self))
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Share {}

impl Broker {
    /// Both directions have the same rate: the busier one sets the time.
    fn load(&self) -> u64 {
        self.sends.max(self.receives)
    }
}
