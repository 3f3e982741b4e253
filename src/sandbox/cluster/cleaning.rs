//! Brokers look at their logs now and then and delete old segments; the files themselves go a little later.
//!
//! Each partition is looked at by its leader, and its followers delete with it; in life each broker looks at its own replicas.

use super::Cluster;
use super::configs::Configs;
use super::log::{Keep, Rolling};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a broker waits after its start until it looks for the first time (`log.initial.task.delay.ms`), unless it looks more
/// often than that.
const FIRST: Duration = Duration::from_secs(30);
const EVERY: &str = "log.retention.check.interval.ms";
/// Where no file says how often.
const USUAL: Duration = Duration::from_mins(5);

/// Segments that were renamed to `.deleted`.
#[derive(Debug)]
struct Renamed {
    broker: i32,
    bytes: u64,
    until: Duration,
}

#[derive(Debug)]
pub(super) struct Cleaning {
    /// When each broker looks next, by the cluster's clock.
    next: BTreeMap<i32, Duration>,
    renamed: Vec<Renamed>,
    /// When the cluster's clock began: ms since 1970.
    epoch: i64,
}

impl Default for Cleaning {
    fn default() -> Self {
        Self { next: BTreeMap::new(), renamed: vec![], epoch: jiff::Timestamp::now().as_millisecond() }
    }
}

impl Cleaning {
    /// Bytes that no log has any more and that are still on the disk.
    pub(super) fn not_yet_free(&self, broker: i32) -> u64 {
        self.renamed.iter().filter(|one| one.broker == broker).map(|one| one.bytes).sum()
    }
}

impl Cluster {
    /// What records that are written now have as their time: ms since 1970.
    pub(super) fn wall_clock(&self) -> i64 {
        self.cleaning.epoch.saturating_add(i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX))
    }

    pub(super) fn rolling(&self, topic: &str) -> Rolling {
        rolling(&self.configs, topic)
    }

    /// Those brokers look that are due; and files go whose time has come.
    pub(super) fn clean_logs(&mut self) {
        let now = self.now;
        self.cleaning.renamed.retain(|one| one.until > now);
        let running = self.running();
        self.cleaning.next.retain(|id, _| running.contains(id));
        for id in running {
            let every = millis(self.configs.broker_value(id, EVERY)).unwrap_or(USUAL);
            let next = self.cleaning.next.entry(id).or_insert(now + every.min(FIRST));
            if now >= *next {
                *next = now + every;
                self.clean_logs_of(id);
            }
        }
    }

    /// The logs that a broker leads.
    fn clean_logs_of(&mut self, broker: i32) {
        let (wall, written) = (self.wall_clock(), self.cleaning.epoch);
        for (name, topic) in &mut self.topics {
            let led = |leader: Option<i32>| leader == Some(broker);
            if !topic.partitions.iter().any(|partition| led(partition.leader)) {
                continue;
            }
            let (keep, delay) = (keep(&self.configs, broker, name), delay(&self.configs, broker, name));
            for (number, partition) in topic.partitions.iter_mut().enumerate().filter(|(_, one)| led(one.leader)) {
                let lost = partition.clean(keep, wall, written);
                if !lost.is_empty() {
                    self.restless.rouse(name, number);
                }
                let renamed = lost.into_iter().filter(|(_, bytes)| *bytes > 0);
                let until = self.now + delay;
                self.cleaning.renamed.extend(renamed.map(|(broker, bytes)| Renamed { broker, bytes, until }));
            }
        }
    }
}

/// When a topic's segments are rolled.
pub(super) fn rolling(configs: &Configs, topic: &str) -> Rolling {
    let number = |name| configs.topic_value(topic, name).and_then(|value| value.trim().parse::<i64>().ok());
    let bytes = number("segment.bytes").and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(u64::MAX);
    Rolling { bytes, ms: number("segment.ms").unwrap_or(i64::MAX) }
}

/// A topic that is only compacted loses nothing but what lies below its start.
fn keep(configs: &Configs, broker: i32, topic: &str) -> Keep {
    let value = |name| configs.topic_value_on(broker, topic, name);
    let policy = value("cleanup.policy").unwrap_or_default();
    if !policy.split(',').any(|one| one.trim() == "delete") {
        return Keep::default();
    }
    // -1 is for ever, and all of it.
    let limit = |name| value(name).and_then(|value| value.trim().parse::<u64>().ok());
    Keep { ms: limit("retention.ms").and_then(|ms| i64::try_from(ms).ok()), bytes: limit("retention.bytes") }
}

fn delay(configs: &Configs, broker: i32, topic: &str) -> Duration {
    millis(configs.topic_value_on(broker, topic, "file.delete.delay.ms")).unwrap_or_default()
}

fn millis(value: Option<String>) -> Option<Duration> {
    value?.trim().parse().ok().map(Duration::from_millis)
}
