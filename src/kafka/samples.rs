//! Single records by their offsets, told by a hash: whether an old one is still there, and still the same.
//!
//! All partitions of a topic are asked in one round, each for one record: a round costs about as much as a fetch.
//!
//! librdkafka asks for the coordinator of a group though there is none here: on a cluster where nobody ever had one, brokers make
//! `__consumer_offsets` for its sake.

use super::Client;
use super::librdkafka::{self, Contact};
use crate::error::Error;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message, Timestamp};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Nothing came for so long: the leader of what is left does not answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Topics are read side by side.
const READERS: usize = 4;
/// Bytes of a hash that are kept.
const KEPT: usize = 16;

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub offset: i64,
    /// Milliseconds since 1970; -1 where it has none.
    pub timestamp: i64,
    /// Of key, value, headers and timestamp.
    pub hash: String,
}

/// A topic's name and a partition of it.
pub type Place = (String, i32);

/// To each place and wanted offset what was found.
pub type Found = BTreeMap<Place, BTreeMap<i64, Option<Sample>>>;

/// The offsets at which a log of `start..end` is sampled: the first, the last two, and so many between, evenly.
///
/// The very last may be no record but the mark that ends a transaction.
pub fn spread(start: i64, end: i64, between: u32) -> BTreeSet<i64> {
    let (last, steps) = (end - 1, i64::from(between) + 1);
    let evenly = (0..steps).map(|nth| start + (last - start).saturating_mul(nth) / steps);
    evenly.chain([last - 1, last]).filter(|offset| (start..end).contains(offset)).collect()
}

/// To each wanted offset the record there, or the next one behind it; nothing where there is none.
///
/// Blocks its thread. Errors: `NOT_FOR_LIBRDKAFKA`, `RECORDS_UNREAD` names the partitions that do not answer. Nothing where
/// `give_up` came first.
pub fn read(
    client: &Client,
    runtime: &Handle,
    wanted: &BTreeMap<Place, BTreeSet<i64>>,
    give_up: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Found>, Error> {
    let topics: BTreeSet<&String> = wanted.keys().map(|(topic, _)| topic).collect();
    let left = Mutex::new(topics.into_iter());
    let work = || {
        let reader = Reader::new(client, runtime, give_up)?;
        let mut found = Found::new();
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(topic) = next else { return Ok(Some(found)) };
            let Some(read) = reader.topic(topic, wanted)? else { return Ok(None) };
            found.extend(read);
        }
    };
    let results: Vec<Result<Option<Found>, Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..READERS).map(|_| scope.spawn(work)).collect();
        let panicked = || Error::new("THREAD_PANICKED", "a thread that read records ended in a panic");
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(panicked()))).collect()
    });
    let mut all = Found::new();
    for result in results {
        match result? {
            Some(found) => all.extend(found),
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// A consumer that reads single records.
struct Reader<'a> {
    consumer: BaseConsumer<Contact>,
    contact: Contact,
    give_up: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Reader<'a> {
    fn new(client: &Client, runtime: &Handle, give_up: &'a (dyn Fn() -> bool + Sync)) -> Result<Self, Error> {
        let contact = Contact::new(client, runtime);
        let consumer = librdkafka::settings(client)?
            .set("group.id", "krun-samples")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", "read_committed")
            // One record a partition is wanted: a broker sends at least one batch, and little more.
            .set("fetch.message.max.bytes", "16384")
            // At the end of a log a fetch waits, and the next round waits for it.
            .set("fetch.wait.max.ms", "10")
            .set("queued.max.messages.kbytes", "16384")
            .create_with_context(contact.clone())
            .map_err(|error| broken(&error))?;
        Ok(Self { consumer, contact, give_up })
    }

    /// Nothing where it was given up.
    fn topic(&self, topic: &str, wanted: &BTreeMap<Place, BTreeSet<i64>>) -> Result<Option<Found>, Error> {
        let mut left: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        for ((_, partition), offsets) in wanted.iter().filter(|((of, _), _)| of == topic) {
            left.insert(*partition, offsets.iter().rev().copied().collect());
        }
        let mut found = Found::new();
        loop {
            let next = left.iter_mut().filter_map(|(partition, offsets)| Some((*partition, offsets.pop()?)));
            let round = Round { topic, wanted: next.collect(), records: BTreeMap::new() };
            if round.wanted.is_empty() {
                return Ok(Some(found));
            }
            let wanted = round.wanted.clone();
            let Some(records) = round.read(self)? else { return Ok(None) };
            for (partition, sample) in records {
                let of = found.entry((topic.to_owned(), partition)).or_default();
                of.insert(wanted.get(&partition).copied().unwrap_or_default(), sample);
            }
        }
    }
}

/// One record of each partition of a topic. An end of a log is told by the number of its partition only.
struct Round<'a> {
    topic: &'a str,
    wanted: BTreeMap<i32, i64>,
    records: BTreeMap<i32, Option<Sample>>,
}

impl Round<'_> {
    fn read(mut self, reader: &Reader<'_>) -> Result<Option<BTreeMap<i32, Option<Sample>>>, Error> {
        let mut from = TopicPartitionList::new();
        for (partition, offset) in &self.wanted {
            from.add_partition_offset(self.topic, *partition, Offset::Offset(*offset))
                .map_err(|error| broken(&error))?;
        }
        reader.consumer.assign(&from).map_err(|error| broken(&error))?;
        let mut moved = Instant::now();
        while self.records.len() < self.wanted.len() {
            if (reader.give_up)() {
                return Ok(None);
            }
            let (partition, seen) = match reader.consumer.poll(Duration::from_millis(50)) {
                Some(Ok(message)) => (message.partition(), Some(sample(&message))),
                Some(Err(KafkaError::PartitionEOF(partition))) => (partition, None),
                // Passing faults are tried again by the client itself.
                Some(Err(_)) | None => {
                    if moved.elapsed() > PATIENCE {
                        return Err(self.unread(reader.contact.complaint()));
                    }
                    continue;
                }
            };
            if self.wanted.contains_key(&partition) && !self.records.contains_key(&partition) {
                self.records.insert(partition, seen);
                moved = Instant::now();
            }
        }
        Ok(Some(self.records))
    }

    fn unread(&self, complaint: Option<String>) -> Error {
        const NAMED: usize = 8;
        let silent: Vec<&i32> = self.wanted.keys().filter(|partition| !self.records.contains_key(*partition)).collect();
        let more = silent.len().saturating_sub(NAMED);
        let named: Vec<String> = silent.iter().take(NAMED).map(|one| format!("{}-{one}", self.topic)).collect();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let why = complaint.map_or(String::new(), |why| format!(": {why}"));
        let text = format!("no record of {}{more} can be read{why}", named.join(", "));
        Error::new("RECORDS_UNREAD", text).retriable()
    }
}

fn sample(message: &BorrowedMessage<'_>) -> Sample {
    let mut hash = Sha256::new();
    let mut add = |part: Option<&[u8]>| {
        // Nothing and an empty text are not the same.
        hash.update(part.map_or(-1, |part| i64::try_from(part.len()).unwrap_or(i64::MAX)).to_be_bytes());
        hash.update(part.unwrap_or_default());
    };
    add(message.key());
    add(message.payload());
    for header in message.headers().into_iter().flat_map(Headers::iter) {
        add(Some(header.key.as_bytes()));
        add(header.value);
    }
    let timestamp = match message.timestamp() {
        Timestamp::CreateTime(at) | Timestamp::LogAppendTime(at) => at,
        Timestamp::NotAvailable => -1,
    };
    hash.update(timestamp.to_be_bytes());
    let hash = hash.finalize();
    let hash = hash.iter().take(KEPT).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    Sample { offset: message.offset(), timestamp, hash }
}

fn broken(error: &KafkaError) -> Error {
    Error::new("RECORDS_UNREAD", format!("records cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn samples_are_spread_evenly_and_within_the_log() {
        let at = |start, end, between| spread(start, end, between).into_iter().collect::<Vec<_>>();
        assert_eq!(at(0, 101, 3), [0, 25, 50, 75, 99, 100]);
        assert_eq!(at(10, 12, 3), [10, 11]);
        assert_eq!(at(10, 11, 3), [10]);
        assert_eq!(at(10, 10, 3), [0_i64; 0]);
        assert_eq!(at(7, 1000, 0), [7, 998, 999]);
    }
}
