//! Releases that one should not run.

use super::{Finding, Weight};
use crate::quantity::Version;

/// The release, why, and what to take instead.
const WITHDRAWN: [(&str, &str, &str); 9] = [
    ("3.0.0", "idempotent producers are not on by default, though its notes say so", "3.0.1"),
    ("3.1.0", "idempotent producers are not on by default, though its notes say so", "3.1.1"),
    ("3.5.0", "a partition's ISR can become empty in a rolling upgrade (KAFKA-15353)", "3.5.2"),
    ("3.5.1", "a partition's ISR can become empty in a rolling upgrade (KAFKA-15353)", "3.5.2"),
    ("3.6.0", "records of transactions with compression can be refused as invalid", "3.6.2"),
    ("3.7.0", "partitions on brokers with several log dirs can become unavailable (KAFKA-16606)", "3.7.2"),
    ("3.8.0", "compression with zstd or snappy needs /tmp to allow executables", "3.8.1"),
    ("3.9.0", "compression with zstd or snappy needs /tmp to allow executables", "3.9.2"),
    ("4.2.0", "streams groups of an older protocol cannot be migrated (KAFKA-20254)", "4.2.1"),
];

/// What speaks against a release by itself.
pub fn withdrawn(version: Version) -> Option<Finding> {
    let (release, why, instead) =
        WITHDRAWN.iter().find(|(release, ..)| release.parse::<Version>().is_ok_and(|release| release == version))?;
    let text = format!("Kafka {release} should not be run: {why}");
    Some(Finding::new(Weight::Doubt, "WITHDRAWN", text, format!("take {instead} or later")))
}
