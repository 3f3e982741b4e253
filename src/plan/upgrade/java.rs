//! Which Java runs which Kafka.

use super::{Finding, Weight};
use crate::quantity::Version;

/// The version of Kafka from which brokers need at least this Java, and where that is said.
const LEAST: [(u16, u16, u16, &str); 3] =
    [(4, 0, 17, "KIP-1013"), (3, 0, 8, "the notes of 3.0"), (2, 0, 8, "the notes of 2.0")];

/// From this Java on, the client of `ZooKeeper` 3.4 cannot find its servers (ZOOKEEPER-3779); Kafka has it up to 2.3.
const BREAKS_ZOOKEEPER_3_4: u16 = 14;

/// The number that people call a Java by: 8 of `1.8.0_432`, 11 of `11.0.25`, 21 of `21-ea` (JEP 223).
pub fn java_major(version: &str) -> Option<u16> {
    let rest = version.strip_prefix("1.").unwrap_or(version);
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// What speaks against a Kafka on a Java, which is named by its major version: 8, 11, 17.
pub fn runs_on(kafka: Version, java: u16) -> Option<Finding> {
    let line = (kafka.major(), kafka.minor());
    if line < (2, 4) && java >= BREAKS_ZOOKEEPER_3_4 {
        let text =
            format!("Kafka {kafka} does not start on Java {java}: its ZooKeeper client is of 3.4 (ZOOKEEPER-3779)");
        return Some(Finding::new(
            Weight::Doubt,
            "JAVA_TOO_NEW",
            text,
            "unless its zookeeper jar was replaced by 3.5.9 or later",
        ));
    }
    let (_, _, least, source) = LEAST.into_iter().find(|(major, minor, ..)| line >= (*major, *minor))?;
    if java >= least {
        return None;
    }
    let text = format!("Kafka {kafka} needs Java {least}, and there is Java {java} ({source})");
    Some(Finding::new(Weight::Refusal, "JAVA_TOO_OLD", text, "install it and let the unit use it, before the roll"))
}
