//! What a version does not take any more. A broker ignores a key that was removed, with a warning that nobody reads: with
//! `port=9093` in its file, a 3.0 broker listens on 9092.

use super::{Finding, Weight};
use crate::quantity::Version;

struct Removed {
    /// A key, or where it ends in `*`, all that begin so.
    key: &'static str,
    since: (u16, u16),
    /// What to do about it.
    instead: &'static str,
    weight: Weight,
}

const fn removed(key: &'static str, since: (u16, u16), weight: Weight, instead: &'static str) -> Removed {
    Removed { key, since, instead, weight }
}

/// Kafka's upgrade notes, and the keys of the brokers of each line compared.
const REMOVED: &[Removed] = &[
    removed("port", (3, 0), Weight::Refusal, "say it in listeners"),
    removed("host.name", (3, 0), Weight::Refusal, "say it in listeners"),
    removed("advertised.port", (3, 0), Weight::Refusal, "say it in advertised.listeners"),
    removed("advertised.host.name", (3, 0), Weight::Refusal, "say it in advertised.listeners"),
    removed("quota.producer.default", (3, 0), Weight::Doubt, "set a default quota with kafka-configs.sh"),
    removed("quota.consumer.default", (3, 0), Weight::Doubt, "set a default quota with kafka-configs.sh"),
    removed("zookeeper.sync.time.ms", (3, 2), Weight::Note, "it did nothing (KAFKA-13619)"),
    removed("log.message.format.version", (4, 0), Weight::Note, "take it out"),
    removed("inter.broker.protocol.version", (4, 0), Weight::Note, "the feature metadata.version has its place"),
    removed(
        "log.message.timestamp.difference.max.ms",
        (4, 0),
        Weight::Doubt,
        "log.message.timestamp.before.max.ms and …after.max.ms (KIP-937)",
    ),
    removed("delegation.token.master.key", (4, 0), Weight::Refusal, "delegation.token.secret.key"),
    removed("offsets.commit.required.acks", (4, 0), Weight::Note, "take it out (KIP-1041)"),
    removed("metrics.jmx.blacklist", (4, 0), Weight::Note, "metrics.jmx.exclude"),
    removed("metrics.jmx.whitelist", (4, 0), Weight::Note, "metrics.jmx.include"),
    removed("auto.include.jmx.reporter", (4, 0), Weight::Note, "metric.reporters"),
    removed("broker.id.generation.enable", (4, 0), Weight::Note, "take it out"),
    removed("reserved.broker.max.id", (4, 0), Weight::Note, "take it out"),
    removed("password.encoder.*", (4, 0), Weight::Doubt, "KRaft keeps such passwords otherwise"),
    removed("control.plane.listener.name", (4, 0), Weight::Doubt, "KRaft has controller.listener.names"),
    removed("controlled.shutdown.max.retries", (4, 0), Weight::Note, "take it out"),
    removed("controlled.shutdown.retry.backoff.ms", (4, 0), Weight::Note, "take it out"),
    removed("leader.imbalance.per.broker.percentage", (4, 0), Weight::Note, "take it out"),
    removed("zookeeper.*", (4, 0), Weight::Refusal, "migrate to KRaft first"),
];

/// An authorizer that was removed: the broker would not start.
const AUTHORIZER: (&str, &str, (u16, u16)) =
    ("authorizer.class.name", "kafka.security.auth.SimpleAclAuthorizer", (3, 0));

/// What of these entries of a `server.properties` the new version does not take, and the old one did.
pub fn removed_keys<'a>(
    entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    from: Version,
    to: Version,
) -> Vec<Finding> {
    let line = |version: Version| (version.major(), version.minor());
    let is_crossed = |since: (u16, u16)| line(from) < since && line(to) >= since;
    let mut findings = Vec::new();
    for (key, value) in entries {
        let is_it = |removed: &&Removed| match removed.key.strip_suffix('*') {
            Some(beginning) => key.starts_with(beginning),
            None => removed.key == key,
        };
        if let Some(gone) = REMOVED.iter().find(is_it).filter(|gone| is_crossed(gone.since)) {
            let text = format!("{key} is gone since Kafka {}.{}", gone.since.0, gone.since.1);
            findings.push(Finding::new(gone.weight, "REMOVED_KEY", text, gone.instead));
        }
        if key == AUTHORIZER.0 && value == AUTHORIZER.1 && is_crossed(AUTHORIZER.2) {
            let text = format!("{key}={value} is gone since Kafka 3.0: the broker would not start");
            findings.push(Finding::new(
                Weight::Refusal,
                "REMOVED_KEY",
                text,
                "kafka.security.authorizer.AclAuthorizer",
            ));
        }
    }
    findings
}

/// What of a topic's own configs keeps a broker of the new version from starting (KIP-1030, KAFKA-19080).
pub fn topic_overrides<'a>(
    topic: &str,
    overrides: impl IntoIterator<Item = (&'a str, &'a str)>,
    to: Version,
) -> Vec<Finding> {
    const SMALLEST_SEGMENT: u64 = 1 << 20;
    if to.major() < 4 {
        return Vec::new();
    }
    let stops = |(key, value): (&str, &str)| {
        let too_small = key == "segment.bytes" && value.parse::<u64>().is_ok_and(|bytes| bytes < SMALLEST_SEGMENT);
        let hint = match key {
            "message.format.version" => "take the override away",
            _ if too_small => "Kafka 4.0 takes 1 MiB at least",
            _ => return None,
        };
        let text = format!("topic {topic} has {key}={value}, with which a broker of Kafka {to} may not start");
        Some(Finding::new(Weight::Refusal, "TOPIC_OVERRIDE", text, hint))
    };
    overrides.into_iter().filter_map(stops).collect()
}
