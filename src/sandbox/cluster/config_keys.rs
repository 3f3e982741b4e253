//! The config keys that the sandbox knows, those of Kafka 3.9 first of all: type, default, what may be set while a broker
//! runs, and which releases have them.

use crate::sandbox::guise::Guise;

/// A key of a topic.
pub(crate) struct TopicKey {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: &'static str,
    /// The broker key that gives the default of all topics; empty where there is none.
    pub(crate) broker_key: &'static str,
}

/// A key of a broker. `None` as default: absent until it is set.
pub(crate) struct BrokerKey {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: Option<&'static str>,
    /// May be changed by `IncrementalAlterConfigs` (KIP-226); the others are read from the file at start only.
    pub(crate) dynamic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    /// At least this much.
    Int(i64),
    Long(i64),
    Double,
    Text,
    /// One of these, separated by a bar.
    OneOf(&'static str),
    /// Separated by commas: what APPEND and SUBTRACT work on.
    List,
    /// `*`, or `partition:broker` separated by commas (KIP-73).
    ThrottledReplicas,
}

/// Whose keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Topic,
    Broker,
}

impl Kind {
    /// Kafka's number for it in `DescribeConfigs`.
    pub(crate) fn code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::Text | Self::OneOf(_) => 2,
            Self::Int(_) => 3,
            Self::Long(_) => 5,
            Self::Double => 6,
            Self::List | Self::ThrottledReplicas => 7,
        }
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::List | Self::ThrottledReplicas)
    }

    /// What is wrong with `value` for the key `name`, in Kafka's words.
    pub(crate) fn check(self, name: &str, value: &str) -> Result<(), String> {
        let invalid = |why: String| Err(format!("Invalid value {value} for configuration {name}: {why}"));
        let whole = |least: i64, most: i64, kind: &str| match value.trim().parse::<i64>() {
            Ok(number) if number > most => invalid(format!("Not a number of type {kind}")),
            Ok(number) if number < least => invalid(format!("Value must be at least {least}")),
            Ok(_) => Ok(()),
            Err(_) => invalid(format!("Not a number of type {kind}")),
        };
        match self {
            Self::Int(least) => whole(least, i64::from(i32::MAX), "INT"),
            Self::Long(least) => whole(least, i64::MAX, "LONG"),
            Self::Boolean if matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "false") => Ok(()),
            Self::Boolean => invalid("Expected value to be either true or false".to_owned()),
            Self::Double if value.trim().parse::<f64>().is_ok_and(|number| (0.0..=1.0).contains(&number)) => Ok(()),
            Self::Double => invalid("Not a number of type DOUBLE".to_owned()),
            Self::OneOf(names) if names.split('|').any(|name| name == value) => Ok(()),
            Self::OneOf(names) => invalid(format!("String must be one of: {}", names.replace('|', ", "))),
            Self::ThrottledReplicas if is_replica_list(value) => Ok(()),
            Self::ThrottledReplicas => invalid(format!(
                "{name} must be the literal '*' or a list of replicas in the following format: \
                 [partitionId]:[brokerId],[partitionId]:[brokerId],..."
            )),
            Self::Text | Self::List => Ok(()),
        }
    }
}

fn is_replica_list(value: &str) -> bool {
    let pair = |entry: &str| {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        entry.trim().split_once(':').is_some_and(|(partition, broker)| number(partition) && number(broker))
    };
    matches!(value.trim(), "" | "*") || value.split(',').all(pair)
}

impl Scope {
    pub(crate) fn kind(self, name: &str) -> Option<Kind> {
        match self {
            Self::Topic => TOPIC_KEYS.iter().find(|key| key.name == name).map(|key| key.kind),
            Self::Broker => BROKER_KEYS.iter().find(|key| key.name == name).map(|key| key.kind),
        }
    }

    /// Whether `name=value` may be set, and why not. A broker takes unknown names, as plugins may read them.
    pub(crate) fn check(self, name: &str, value: &str) -> Result<(), String> {
        match self.kind(name) {
            Some(kind) => kind.check(name, value),
            None if self == Self::Broker => Ok(()),
            None => Err(format!("Unknown topic config name: {name}")),
        }
    }
}

const fn topic(name: &'static str, kind: Kind, default: &'static str, broker_key: &'static str) -> TopicKey {
    TopicKey { name, kind, default, broker_key }
}

const fn dynamic(name: &'static str, kind: Kind, default: &'static str) -> BrokerKey {
    BrokerKey { name, kind, default: Some(default), dynamic: true }
}

const fn at_start(name: &'static str, kind: Kind, default: &'static str) -> BrokerKey {
    BrokerKey { name, kind, default: Some(default), dynamic: false }
}

/// With a default that is another one in each release.
const fn from_release(name: &'static str) -> BrokerKey {
    BrokerKey { name, kind: Kind::Text, default: None, dynamic: false }
}

const fn throttle(name: &'static str) -> BrokerKey {
    BrokerKey { name, kind: Kind::Long(0), default: None, dynamic: true }
}

use Kind::{Boolean, Double, Int, List, Long, OneOf, Text, ThrottledReplicas};

const CODECS: Kind = OneOf("uncompressed|zstd|lz4|snappy|gzip|producer");
const TIMES: Kind = OneOf("CreateTime|LogAppendTime");
const MAX_LONG: &str = "9223372036854775807";

pub(crate) const TOPIC_KEYS: &[TopicKey] = &[
    topic("cleanup.policy", List, "delete", "log.cleanup.policy"),
    topic("compression.gzip.level", Int(-1), "-1", "compression.gzip.level"),
    topic("compression.lz4.level", Int(1), "9", "compression.lz4.level"),
    topic("compression.type", CODECS, "producer", "compression.type"),
    topic("compression.zstd.level", Int(-131_072), "3", "compression.zstd.level"),
    topic("delete.retention.ms", Long(0), "86400000", "log.cleaner.delete.retention.ms"),
    topic("file.delete.delay.ms", Long(0), "60000", "log.segment.delete.delay.ms"),
    topic("flush.messages", Long(1), MAX_LONG, "log.flush.interval.messages"),
    topic("flush.ms", Long(0), MAX_LONG, "log.flush.interval.ms"),
    topic("follower.replication.throttled.replicas", ThrottledReplicas, "", ""),
    topic("index.interval.bytes", Int(0), "4096", "log.index.interval.bytes"),
    topic("leader.replication.throttled.replicas", ThrottledReplicas, "", ""),
    topic("local.retention.bytes", Long(-2), "-2", "log.local.retention.bytes"),
    topic("local.retention.ms", Long(-2), "-2", "log.local.retention.ms"),
    topic("max.compaction.lag.ms", Long(1), MAX_LONG, "log.cleaner.max.compaction.lag.ms"),
    topic("max.message.bytes", Int(0), "1048588", "message.max.bytes"),
    topic("message.timestamp.after.max.ms", Long(0), MAX_LONG, "log.message.timestamp.after.max.ms"),
    topic("message.timestamp.before.max.ms", Long(0), MAX_LONG, "log.message.timestamp.before.max.ms"),
    topic("message.timestamp.type", TIMES, "CreateTime", "log.message.timestamp.type"),
    topic("min.cleanable.dirty.ratio", Double, "0.5", "log.cleaner.min.cleanable.ratio"),
    topic("min.compaction.lag.ms", Long(0), "0", "log.cleaner.min.compaction.lag.ms"),
    topic("min.insync.replicas", Int(1), "1", "min.insync.replicas"),
    topic("preallocate", Boolean, "false", "log.preallocate"),
    topic("remote.storage.enable", Boolean, "false", ""),
    topic("retention.bytes", Long(-1), "-1", "log.retention.bytes"),
    topic("retention.ms", Long(-1), "604800000", "log.retention.ms"),
    topic("segment.bytes", Int(14), "1073741824", "log.segment.bytes"),
    topic("segment.index.bytes", Int(4), "10485760", "log.index.size.max.bytes"),
    topic("segment.jitter.ms", Long(0), "0", "log.roll.jitter.ms"),
    topic("segment.ms", Long(1), "604800000", "log.roll.ms"),
    topic("unclean.leader.election.enable", Boolean, "false", "unclean.leader.election.enable"),
];

pub(crate) const BROKER_KEYS: &[BrokerKey] = &[
    at_start("auto.create.topics.enable", Boolean, "false"),
    at_start("auto.leader.rebalance.enable", Boolean, "false"),
    dynamic("background.threads", Int(1), "10"),
    dynamic("compression.type", CODECS, "producer"),
    at_start("default.replication.factor", Int(1), "1"),
    at_start("delete.topic.enable", Boolean, "true"),
    throttle("follower.replication.throttled.rate"),
    throttle("leader.replication.throttled.rate"),
    from_release("inter.broker.protocol.version"),
    from_release("log.message.format.version"),
    dynamic("log.cleaner.threads", Int(0), "1"),
    dynamic("log.cleanup.policy", List, "delete"),
    dynamic("log.retention.bytes", Long(-1), "-1"),
    dynamic("log.retention.ms", Long(-1), "604800000"),
    dynamic("log.roll.ms", Long(1), "604800000"),
    dynamic("log.segment.bytes", Int(14), "1073741824"),
    at_start("log.retention.check.interval.ms", Long(1), "300000"),
    dynamic("log.segment.delete.delay.ms", Long(0), "60000"),
    dynamic("max.connections", Int(0), "2147483647"),
    dynamic("message.max.bytes", Int(0), "1048588"),
    dynamic("min.insync.replicas", Int(1), "1"),
    dynamic("num.io.threads", Int(1), "8"),
    dynamic("num.network.threads", Int(1), "3"),
    at_start("num.partitions", Int(1), "1"),
    dynamic("num.recovery.threads.per.data.dir", Int(1), "1"),
    dynamic("num.replica.fetchers", Int(1), "1"),
    at_start("offsets.topic.replication.factor", Int(1), "3"),
    at_start("process.roles", List, "broker"),
    throttle("replica.alter.log.dirs.io.max.bytes.per.second"),
    at_start("replica.lag.time.max.ms", Long(1), "30000"),
    at_start("transaction.state.log.replication.factor", Int(1), "3"),
    dynamic("unclean.leader.election.enable", Boolean, "false"),
    at_start("zookeeper.connect", Text, ""),
];

/// Keys that came with a release; the others are as old as the oldest guise.
const SINCE: [((u8, u8), &str); 10] = [
    ((2, 3), "max.compaction.lag.ms"),
    ((2, 8), "process.roles"),
    ((3, 0), "remote.storage.enable"),
    ((3, 0), "local.retention.bytes"),
    ((3, 0), "local.retention.ms"),
    ((3, 6), "message.timestamp.after.max.ms"),
    ((3, 6), "message.timestamp.before.max.ms"),
    ((3, 8), "compression.gzip.level"),
    ((3, 8), "compression.lz4.level"),
    ((3, 8), "compression.zstd.level"),
];

/// Keys that Kafka 4.0 took away.
const GONE: [&str; 3] = ["zookeeper.connect", "inter.broker.protocol.version", "log.message.format.version"];

/// Whether brokers of this guise know the key `name`, if any do.
pub(crate) fn is_known(name: &str, guise: Guise) -> bool {
    let late = SINCE.iter().any(|(since, key)| *key == name && !guise.is_at_least(*since));
    let gone = GONE.contains(&name) && guise.is_at_least((4, 0));
    !late && !gone
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_key() {
        for key in TOPIC_KEYS {
            assert_eq!(key.kind.check(key.name, key.default), Ok(()));
        }
        for key in BROKER_KEYS {
            assert_eq!(key.default.map_or(Ok(()), |default| key.kind.check(key.name, default)), Ok(()));
        }
    }

    #[test]
    fn values_are_checked_in_kafkas_words() {
        let why = |name, value| Scope::Topic.check(name, value).unwrap_err();
        assert_eq!(
            why("retention.ms", "soon"),
            "Invalid value soon for configuration retention.ms: Not a number of type LONG"
        );
        assert_eq!(why("retention.mz", "1"), "Unknown topic config name: retention.mz");
        assert!(why("leader.replication.throttled.replicas", "0-1").contains("literal '*'"));
        for list in ["", "*", "0:1", "0:1,12:3"] {
            assert_eq!(Scope::Topic.check("leader.replication.throttled.replicas", list), Ok(()));
        }
    }
}
