//! The last look: a fresh client reads the whole log of the canary's topic, and the commits of its group.

use super::tally::Stream;
use super::{Canary, client_error};
use crate::error::Error;
use crate::kafka::librdkafka::{self, Contact};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// For one question to a broker.
const ANSWER: Duration = Duration::from_secs(5);

/// A new leader knows by then how far its followers are (`replica.lag.time.max.ms` is 10 s in old releases).
const SETTLED: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Audit {
    /// Those whose leader answered.
    pub(super) logs: BTreeMap<i32, Log>,
    pub(super) found: BTreeMap<Stream, Numbers>,
    pub(super) duplicates: u64,
    /// What a fresh client reads of the group's commits, or why it cannot.
    pub(super) commits: Result<BTreeMap<i32, i64>, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) start: i64,
    pub(super) end: i64,
    /// Everything before this offset was read.
    pub(super) read_to: i64,
}

impl Audit {
    pub(super) fn new() -> Self {
        Self { logs: BTreeMap::new(), found: BTreeMap::new(), duplicates: 0, commits: Ok(BTreeMap::new()) }
    }
}

/// Numbers from zero, one bit each.
#[derive(Debug, Default)]
pub(super) struct Numbers(Vec<u64>);

impl Numbers {
    /// False where it was there already.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = (usize::try_from(number / 64).unwrap_or(usize::MAX), 1 << (number % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let was = self.0[word] & bit;
        self.0[word] |= bit;
        was == 0
    }

    pub(super) fn has(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|word| self.0.get(word));
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

/// Nothing where `give_up` came first.
pub(super) fn read(canary: &Canary, give_up: &dyn Fn() -> bool) -> Result<Option<Audit>, Error> {
    let reader = fresh(canary, "krun-canary-audit")?;
    let mut audit = Audit::new();
    let Some(logs) = ends(canary, &reader, give_up) else { return Ok(None) };
    audit.logs = logs;
    if !read_logs(canary, &reader, &mut audit, give_up)? {
        return Ok(None);
    }
    // Retention may have gone on meanwhile.
    for (partition, log) in &mut audit.logs {
        if let Ok((start, _)) = reader.fetch_watermarks(&canary.plan().topic, *partition, ANSWER) {
            log.start = log.start.max(start);
        }
    }
    let known: Vec<i32> = canary.ledger().tally.committed.keys().copied().collect();
    if !known.is_empty() {
        let Some(commits) = commits(canary, &known, give_up)? else { return Ok(None) };
        audit.commits = commits;
    }
    Ok(Some(audit))
}

fn fresh(canary: &Canary, group: &str) -> Result<BaseConsumer<Contact>, Error> {
    librdkafka::settings(&canary.0.client)?
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .create_with_context(canary.0.contact.clone())
        .map_err(|error| client_error("reader", &error))
}

/// Start and end of each log. A leader that was elected just now may not know yet how far its followers are, and tells
/// an end that is too low: for a moment it is asked again. A leader that does not answer within the patience is left out.
fn ends(canary: &Canary, reader: &BaseConsumer<Contact>, give_up: &dyn Fn() -> bool) -> Option<BTreeMap<i32, Log>> {
    let (mut logs, since) = (BTreeMap::<i32, Log>::new(), Instant::now());
    let acked = canary.ledger().tally.acked_ends();
    let is_known = |logs: &BTreeMap<i32, Log>, partition: &i32| {
        let acked = acked.get(partition).copied().unwrap_or_default();
        logs.get(partition).is_some_and(|log| log.end >= acked || since.elapsed() > SETTLED)
    };
    loop {
        for partition in 0..canary.plan().partitions {
            if give_up() {
                return None;
            }
            if !is_known(&logs, &partition)
                && let Ok((start, end)) = reader.fetch_watermarks(&canary.plan().topic, partition, ANSWER)
            {
                logs.insert(partition, Log { start, end, read_to: start });
            }
        }
        let all = (0..canary.plan().partitions).all(|partition| is_known(&logs, &partition));
        if all || since.elapsed() > canary.plan().patience.max(SETTLED) {
            return Some(logs);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// False where it was given up.
fn read_logs(
    canary: &Canary,
    reader: &BaseConsumer<Contact>,
    audit: &mut Audit,
    give_up: &dyn Fn() -> bool,
) -> Result<bool, Error> {
    let mut from = TopicPartitionList::new();
    for (partition, log) in audit.logs.iter().filter(|(_, log)| log.start < log.end) {
        from.add_partition_offset(&canary.plan().topic, *partition, Offset::Offset(log.start))
            .map_err(|error| client_error("reader", &error))?;
    }
    reader.assign(&from).map_err(|error| client_error("reader", &error))?;
    let mut moved = Instant::now();
    while audit.logs.values().any(|log| log.read_to < log.end) {
        if give_up() {
            return Ok(false);
        }
        if moved.elapsed() > canary.plan().patience {
            break;
        }
        let Some(Ok(message)) = reader.poll(Duration::from_millis(50)) else { continue };
        moved = Instant::now();
        let partition = message.partition();
        if let Some(log) = audit.logs.get_mut(&partition) {
            log.read_to = log.read_to.max(message.offset() + 1);
        }
        if let Some((session, number)) = message.payload().and_then(super::producer::parse)
            && !audit.found.entry((session, partition)).or_default().insert(number)
        {
            audit.duplicates += 1;
        }
    }
    Ok(true)
}

/// Nothing where it was given up.
type Commits = Option<Result<BTreeMap<i32, i64>, String>>;

fn commits(canary: &Canary, partitions: &[i32], give_up: &dyn Fn() -> bool) -> Result<Commits, Error> {
    let topic = canary.plan().topic.as_str();
    let member = fresh(canary, topic)?;
    let since = Instant::now();
    loop {
        let mut wanted = TopicPartitionList::new();
        for partition in partitions {
            wanted.add_partition(topic, *partition);
        }
        let why = match member.committed_offsets(wanted, ANSWER) {
            Ok(found) => match found.elements().iter().find_map(|one| one.error().err()) {
                None => {
                    let one = |one: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| match one.offset() {
                        Offset::Offset(offset) => Some((one.partition(), offset)),
                        _ => None,
                    };
                    return Ok(Some(Ok(found.elements().iter().filter_map(one).collect())));
                }
                Some(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        if give_up() {
            return Ok(None);
        }
        if since.elapsed() > canary.plan().patience {
            return Ok(Some(Err(why)));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
