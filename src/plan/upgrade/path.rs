//! Whether one jump is safe.

use super::{Finding, Weight};
use crate::quantity::Version;

/// The lines that there are: the last minor of each major from 2 on.
const LAST_MINOR: [(u16, u16); 3] = [(2, 8), (3, 9), (4, 4)];

/// krun talks to brokers from 2.1 on (KIP-896: what kafka-protocol's messages begin with).
const OLDEST: (u16, u16) = (2, 1);

/// Whether such a line of versions was ever released.
pub fn is_line(version: Version) -> bool {
    let (major, minor) = (version.major(), version.minor());
    LAST_MINOR.iter().any(|(of, last)| *of == major && minor <= *last)
}

/// What speaks against a rolling upgrade of a `ZooKeeper` cluster from one version to another.
pub fn assess(from: Version, to: Version) -> Vec<Finding> {
    let below = |version: Version, major: u16, minor: u16| (version.major(), version.minor()) < (major, minor);
    let refuse = |code, text: String, hint: &str| vec![Finding::new(Weight::Refusal, code, text, hint)];
    if !is_line(to) {
        let newest = LAST_MINOR[LAST_MINOR.len() - 1];
        let hint = format!("the newest line that this krun knows is {}.{}", newest.0, newest.1);
        return refuse("UNKNOWN_VERSION", format!("there is no Kafka {to}"), &hint);
    }
    if to < from {
        let text = format!("Kafka {to} is older than {from}, which runs");
        return refuse("TARGET_OLDER", text, "`runbooks/downgrade.rhai` goes back, as long as the protocol is pinned");
    }
    if below(from, OLDEST.0, OLDEST.1) {
        let text = format!("Kafka {from} is older than 2.1, with which krun begins");
        return refuse("VERSION_TOO_OLD", text, "upgrade to 2.1 first, as its own notes say");
    }
    if !below(to, 4, 0) {
        let text = format!("Kafka {to} has no ZooKeeper any more");
        let hint = "go to 3.9, migrate to KRaft there (KIP-866), and on from there";
        return refuse("NEEDS_KRAFT", text, hint);
    }
    if below(from, 2, 4) && !below(to, 3, 6) {
        let text = format!(
            "from {from} to {to} in one jump is not safe: brokers below 2.4 and from 3.6 on cannot share one ZooKeeper"
        );
        return refuse("NEEDS_STEPS", text, "go to 2.8 or 3.5 first, with ZooKeeper 3.5 or later (KIP-902)");
    }
    let mut findings = Vec::new();
    if from.major() != to.major() {
        let text = format!("from {from} to {to} is a major step: it may remove what older ones only warned of");
        findings.push(Finding::new(
            Weight::Doubt,
            "MAJOR_STEP",
            text,
            "read the upgrade notes of every version between",
        ));
    }
    if below(from, 2, 4) && !below(to, 2, 4) {
        let text = "moves of partitions that are under way while brokers cross 2.4 may get lost".to_owned();
        findings.push(Finding::new(
            Weight::Note,
            "CROSSES_2_4",
            text,
            "none may be begun before all brokers are across",
        ));
    }
    if below(from, 2, 8) && !below(to, 2, 8) {
        let text = "once the protocol is unpinned, topics get ids (2.8), and there is no way back".to_owned();
        findings.push(Finding::new(Weight::Note, "TOPIC_IDS", text, "verify before the point of no return"));
    }
    if below(from, 3, 0) && !below(to, 3, 0) {
        let text = "from protocol 3.0 on, log.message.format.version is ignored (KIP-724)".to_owned();
        findings.push(Finding::new(
            Weight::Note,
            "MESSAGE_FORMAT",
            text,
            "it goes away together with the protocol's pin",
        ));
    }
    findings
}
