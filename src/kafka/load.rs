//! What is written to a cluster, without an agent: two looks at offsets and log dirs, and the difference.
//!
//! | seen | not seen |
//! |---|---|
//! | records: how far the end of each partition went | what consumers read |
//! | bytes written: how much the leader's log grew | a partition whose leader or broker did not answer at both looks |
//! | bytes copied: how much the logs of followers grew | |
//!
//! Where a log shrank between the looks, by retention or compaction, or another broker leads it by now, the records count at the mean
//! size of those that were in the log at the first look, and the partition is counted as estimated.

use super::offsets::{self, Spec};
use super::{Client, Deadlines, cluster, log_dirs, topics};
use crate::error::Error;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

type Key = (String, i32);

/// A cluster at one moment.
#[derive(Debug, Clone)]
pub struct Look {
    at: Instant,
    leaders: BTreeMap<Key, Option<i32>>,
    earliest: BTreeMap<Key, i64>,
    latest: BTreeMap<Key, i64>,
    /// Of each broker that is registered, the bytes of its replicas, or why it does not tell.
    sizes: BTreeMap<i32, Result<BTreeMap<Key, i64>, Error>>,
}

/// A broker that hangs makes its figures unknown; it need not be waited for long.
const HASTY: Deadlines =
    Deadlines { connect: Duration::from_secs(2), request: Duration::from_secs(5), call: Duration::from_secs(5) };

/// Errors: those of reading the topics. A broker that does not answer is one whose figures are unknown.
pub async fn look(client: &Client) -> Result<Look, Error> {
    let topics = topics::list(client, None).await?;
    let client = &client.with_deadlines(HASTY);
    let names: Vec<String> = topics.iter().map(|topic| topic.name.clone()).collect();
    let earliest = known(offsets::of_topics(client, &names, Spec::Earliest).await?);
    let mut sizes = BTreeMap::new();
    for broker in cluster::describe(client).await?.brokers {
        let of_replicas = |dirs: Vec<log_dirs::LogDir>| {
            let replicas = dirs.into_iter().flat_map(|dir| dir.replicas).filter(|replica| !replica.future);
            replicas.map(|replica| ((replica.topic, replica.partition), replica.bytes)).collect()
        };
        sizes.insert(broker.id, log_dirs::describe(client, broker.id).await.map(of_replicas));
    }
    // Last, so that the time between two looks is that between their offsets.
    let latest = known(offsets::of_topics(client, &names, Spec::Latest).await?);
    let leaders = topics.into_iter().flat_map(|topic| {
        let name = topic.name;
        topic.partitions.into_iter().map(move |one| ((name.clone(), one.id), one.leader))
    });
    Ok(Look { at: Instant::now(), leaders: leaders.collect(), earliest, latest, sizes })
}

fn known(found: offsets::ByPartition) -> BTreeMap<Key, i64> {
    found.into_iter().filter_map(|(key, found)| Some((key, found.ok()?.offset))).collect()
}

/// So much in a second, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Flow {
    pub records: f64,
    /// Written by producers, as they lie in the leader's log: compressed, if producers compress.
    pub bytes: f64,
    /// Copied by followers.
    pub copied: f64,
    /// Partitions whose bytes are records at their mean size.
    pub estimated: usize,
    /// Partitions of which nothing, or not all, is known.
    pub unknown: usize,
}

/// What flowed between two looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    pub seconds: f64,
    pub all: Flow,
    pub topics: BTreeMap<String, Flow>,
    /// What a broker leads counts as its `records` and `bytes`, what it follows as `copied`.
    pub brokers: BTreeMap<i32, Flow>,
    /// Those that did not tell what lies on their disks, and why.
    pub silent: BTreeMap<i32, Error>,
}

/// One partition between two looks.
struct Part {
    leader: Option<i32>,
    records: Option<u64>,
    bytes: Option<(f64, bool)>,
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
pub fn between(first: &Look, second: &Look) -> Load {
    let seconds = second.at.saturating_duration_since(first.at).as_secs_f64().max(0.001);
    let mut load = Load {
        seconds,
        all: Flow::default(),
        topics: BTreeMap::new(),
        brokers: second.sizes.keys().map(|id| (*id, Flow::default())).collect(),
        silent: BTreeMap::new(),
    };
    for (id, sizes) in first.sizes.iter().chain(&second.sizes) {
        if let Err(error) = sizes {
            load.silent.insert(*id, error.clone());
        }
    }
    for (key, leader) in &second.leaders {
        let part = part(first, second, key, *leader);
        let flow = Flow {
            records: part.records.map_or(0.0, |records| records as f64 / seconds),
            bytes: part.bytes.map_or(0.0, |(bytes, _)| bytes / seconds),
            copied: 0.0,
            estimated: usize::from(part.bytes.is_some_and(|(_, estimated)| estimated)),
            unknown: usize::from(part.records.is_none() || part.bytes.is_none()),
        };
        load.add(&key.0, part.leader, flow);
    }
    for (id, now) in &second.sizes {
        let (Ok(now), Some(Ok(before))) = (now, first.sizes.get(id)) else { continue };
        for (key, bytes) in now.iter().filter(|(key, _)| second.leaders.get(key) != Some(&Some(*id))) {
            let grown = bytes - before.get(key).copied().unwrap_or(0);
            if grown > 0 {
                load.add(&key.0, Some(*id), Flow { copied: grown as f64 / seconds, ..Flow::default() });
            }
        }
    }
    load
}

#[expect(clippy::cast_precision_loss, reason = "sizes of logs")]
fn part(first: &Look, second: &Look, key: &Key, leader: Option<i32>) -> Part {
    let (was, is) = (first.latest.get(key), second.latest.get(key));
    // A topic that was made again starts anew, and one that is new since had nothing.
    let was = was.or_else(|| (!first.leaders.contains_key(key)).then_some(&0));
    let records = was.zip(is).and_then(|(was, is)| u64::try_from(is - was).ok());
    let size = |look: &Look, id: i32| look.sizes.get(&id)?.as_ref().ok()?.get(key).copied();
    let led = leader.filter(|leader| first.leaders.get(key).is_none_or(|before| *before == Some(*leader)));
    let grown = led.and_then(|id| {
        let before = size(first, id).or_else(|| (!first.leaders.contains_key(key)).then_some(0))?;
        Some(size(second, id)? - before)
    });
    let bytes = match (grown, records) {
        (_, Some(0)) => Some((0.0, false)),
        (Some(grown), _) if grown > 0 => Some((grown as f64, false)),
        (_, Some(records)) => mean(first, key).map(|mean| (mean * records as f64, true)),
        _ => None,
    };
    Part { leader, records, bytes }
}

/// Bytes of a record, of those that were in the log at a look.
#[expect(clippy::cast_precision_loss, reason = "sizes of logs")]
fn mean(look: &Look, key: &Key) -> Option<f64> {
    let leader = (*look.leaders.get(key)?)?;
    let bytes = *look.sizes.get(&leader)?.as_ref().ok()?.get(key)?;
    let records = look.latest.get(key)? - look.earliest.get(key)?;
    (records > 0 && bytes > 0).then(|| bytes as f64 / records as f64)
}

impl Load {
    fn add(&mut self, topic: &str, broker: Option<i32>, flow: Flow) {
        self.all.add(flow);
        self.topics.entry(topic.to_owned()).or_default().add(flow);
        if let Some(broker) = broker {
            self.brokers.entry(broker).or_default().add(flow);
        }
    }
}

impl Flow {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.copied += other.copied;
        self.estimated += other.estimated;
        self.unknown += other.unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partition 0 of `a`, led by broker 1 and followed by 2: its leader's bytes, its follower's, and its offsets.
    fn at(second: u64, led: i64, followed: i64, offsets: (i64, i64), began: Instant) -> Look {
        let key = ("a".to_owned(), 0);
        let sizes = |bytes| Ok([(key.clone(), bytes)].into());
        Look {
            at: began + Duration::from_secs(second),
            leaders: [(key.clone(), Some(1))].into(),
            earliest: [(key.clone(), offsets.0)].into(),
            latest: [(key.clone(), offsets.1)].into(),
            sizes: [(1, sizes(led)), (2, sizes(followed))].into(),
        }
    }

    #[test]
    fn growth_is_written_on_the_leader_and_copied_on_the_follower() {
        let began = Instant::now();
        let load = between(&at(0, 1000, 900, (0, 10), began), &at(10, 2000, 1900, (0, 20), began));
        let flow = Flow { records: 1.0, bytes: 100.0, copied: 100.0, ..Flow::default() };
        assert_eq!((load.all, load.topics["a"]), (flow, flow));
        assert_eq!(load.brokers[&1], Flow { copied: 0.0, ..flow });
        assert_eq!(load.brokers[&2], Flow { copied: 100.0, ..Flow::default() });
    }

    #[test]
    fn a_log_that_shrank_is_estimated_by_its_mean_record_and_one_at_rest_is_not() {
        let began = Instant::now();
        let load = between(&at(0, 1000, 1000, (0, 10), began), &at(10, 500, 500, (5, 20), began));
        assert_eq!(load.all, Flow { records: 1.0, bytes: 100.0, estimated: 1, ..Flow::default() });
        let load = between(&at(0, 1000, 1000, (0, 10), began), &at(10, 500, 500, (5, 10), began));
        assert_eq!(load.all, Flow::default());
    }

    #[test]
    fn what_cannot_be_told_is_unknown_and_not_nothing() {
        let began = Instant::now();
        let mut second = at(10, 2000, 2000, (0, 20), began);
        second.sizes.insert(1, Err(Error::new("NO_ANSWER", "silent")));
        let mut first = at(0, 0, 0, (10, 10), began);
        first.earliest.clear();
        let load = between(&first, &second);
        assert_eq!((load.all.records, load.all.unknown), (1.0, 1));
        assert_eq!(load.silent.keys().collect::<Vec<_>>(), [&1]);
    }
}
