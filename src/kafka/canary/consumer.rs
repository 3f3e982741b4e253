//! The canary's consumer: an ordinary member of a group, `read_committed`, which commits what it has read.

use super::tally::Line;
use super::{Canary, Phase, client_error, lock};
use crate::error::Error;
use crate::kafka::librdkafka::{self, Contact};
use jiff::Timestamp;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const COMMIT_EVERY: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// For the coordinator's answer, while everything else of this thread waits.
const QUICK: Duration = Duration::from_secs(2);
/// For one question to a leader.
const ANSWER: Duration = Duration::from_secs(5);

pub(super) fn consume(canary: &Canary) -> Result<(), Error> {
    let topic = canary.plan().topic.as_str();
    let consumer: BaseConsumer<Contact> = librdkafka::settings(&canary.0.client)?
        .set("group.id", topic)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        // The least that brokers allow by default: the member of a killed run is forgotten soon.
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "1000")
        // Below Kafka 2.2 (KIP-394) a member that was lost while it joined holds the group up for so long.
        .set("max.poll.interval.ms", "15000")
        .create_with_context(canary.0.contact.clone())
        .map_err(|error| client_error("consumer", &error))?;
    consumer.subscribe(&[topic]).map_err(|error| client_error("consumer", &error))?;
    let mut work = Work { canary, consumer, read_to: BTreeMap::new(), committed_to: BTreeMap::new(), ends: None };
    work.flow()
}

struct Work<'a> {
    canary: &'a Canary,
    consumer: BaseConsumer<Contact>,
    read_to: BTreeMap<i32, i64>,
    committed_to: BTreeMap<i32, i64>,
    /// By partition: up to where everything must be read, once the producer has ended.
    ends: Option<BTreeMap<i32, i64>>,
}

impl Work<'_> {
    fn flow(&mut self) -> Result<(), Error> {
        let (mut committed, mut moved) = (Instant::now(), Instant::now());
        loop {
            match self.consumer.poll(Duration::from_millis(50)) {
                None => {}
                // What fails is tried again by the client itself; what stays unread is told at the end.
                Some(Err(error)) => self.canary.0.contact.error(error.clone(), &error.to_string()),
                Some(Ok(message)) => {
                    self.read_to.insert(message.partition(), message.offset() + 1);
                    moved = Instant::now();
                    lock(&self.canary.0.beat).read += 1;
                }
            }
            match self.canary.phase() {
                Phase::Cut => return Ok(()),
                Phase::Drained => {
                    let is_over = self.has_read_all() && self.is_committed();
                    if is_over || moved.elapsed() > self.canary.plan().patience {
                        return Ok(());
                    }
                }
                Phase::Flow | Phase::Drain => moved = Instant::now(),
            }
            let pause = if self.ends.is_some() { LOOK_AGAIN } else { COMMIT_EVERY };
            if committed.elapsed() >= pause {
                self.note_commits()?;
                self.commit()?;
                committed = Instant::now();
            }
        }
    }

    fn commit(&mut self) -> Result<(), Error> {
        lock(&self.canary.0.read_to).clone_from(&self.read_to);
        if self.read_to == self.committed_to || self.read_to.is_empty() {
            return Ok(());
        }
        let mut offsets = TopicPartitionList::new();
        for (partition, offset) in &self.read_to {
            let added = offsets.add_partition_offset(&self.canary.plan().topic, *partition, Offset::Offset(*offset));
            added.map_err(|error| client_error("consumer", &error))?;
        }
        // Out of the group for a moment, say: the next one comes in a second.
        if self.consumer.commit(&offsets, CommitMode::Async).is_ok() {
            self.committed_to.clone_from(&self.read_to);
        }
        Ok(())
    }

    /// Which commits are there, by the coordinator's word: the client tells of none that was acknowledged.
    fn note_commits(&self) -> Result<(), Error> {
        if self.committed_to.is_empty() || self.is_committed() {
            return Ok(());
        }
        let mut wanted = TopicPartitionList::new();
        for partition in self.committed_to.keys() {
            wanted.add_partition(&self.canary.plan().topic, *partition);
        }
        let Ok(found) = self.consumer.committed_offsets(wanted, QUICK) else { return Ok(()) };
        let found = found.elements();
        let offsets = found.iter().filter(|one| one.error().is_ok()).filter_map(|one| match one.offset() {
            Offset::Offset(offset) => Some((one.partition(), offset)),
            _ => None,
        });
        self.canary.write(&Line::Committed { at: Timestamp::now(), offsets: offsets.collect() })
    }

    /// Everything acknowledged that is still there, by the ends of the logs as they are once the producer has ended.
    fn has_read_all(&mut self) -> bool {
        if self.ends.is_none() {
            self.ends = self.ends_now();
        }
        let Some(ends) = &self.ends else { return false };
        let earlier = self.canary.ledger().tally.committed.clone();
        let read_to = |partition: &i32| {
            let earlier = earlier.get(partition).copied().unwrap_or_default();
            self.read_to.get(partition).copied().unwrap_or_default().max(earlier)
        };
        ends.iter().all(|(partition, end)| read_to(partition) >= *end)
    }

    fn ends_now(&self) -> Option<BTreeMap<i32, i64>> {
        let acked = self.canary.ledger().tally.acked_ends();
        let mut ends = BTreeMap::new();
        for (partition, acked) in acked {
            let (low, high) = self.consumer.fetch_watermarks(&self.canary.plan().topic, partition, ANSWER).ok()?;
            // Of an emptied log nothing can be read.
            ends.insert(partition, if low >= high { 0 } else { acked.min(high) });
        }
        Some(ends)
    }

    /// Whether every commit that was sent was acknowledged.
    fn is_committed(&self) -> bool {
        let known = self.canary.ledger().tally.committed.clone();
        self.read_to.iter().all(|(partition, offset)| known.get(partition).is_some_and(|known| known >= offset))
    }
}
