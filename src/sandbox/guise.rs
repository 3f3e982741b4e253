//! Which Kafka the brokers pass for: a release, and whether `ZooKeeper` or `KRaft` holds the cluster together.

use crate::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A release of Kafka that the sandbox can pass for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guise {
    major: u8,
    minor: u8,
    patch: u8,
    zookeeper: bool,
}

/// Major and minor number of a release.
pub(super) type Line = (u8, u8);

const NEWEST: [&str; 23] = [
    "2.1.1", "2.2.2", "2.3.1", "2.4.1", "2.5.1", "2.6.3", "2.7.2", "2.8.2", "3.0.2", "3.1.2", "3.2.3", "3.3.2",
    "3.4.1", "3.5.2", "3.6.2", "3.7.2", "3.8.1", "3.9.2", "4.0.1", "4.1.2", "4.2.0", "4.3.0", "4.4.0",
];

/// Since when `KRaft` is for production, and since when there is nothing else.
const FIRST_KRAFT: (u8, u8) = (3, 3);
const ONLY_KRAFT: (u8, u8) = (4, 0);
/// The minor releases that there are.
const RELEASES: [(u8, std::ops::RangeInclusive<u8>); 3] = [(2, 1..=8), (3, 0..=9), (4, 0..=4)];

/// The level of `metadata.version` that a new cluster of a release has (Kafka's `MetadataVersion`).
const METADATA_VERSIONS: [((u8, u8), i16); 12] = [
    ((3, 3), 7),
    ((3, 4), 8),
    ((3, 5), 11),
    ((3, 6), 14),
    ((3, 7), 19),
    ((3, 8), 20),
    ((3, 9), 21),
    ((4, 0), 25),
    ((4, 1), 27),
    ((4, 2), 29),
    ((4, 3), 30),
    ((4, 4), 33),
];

impl Default for Guise {
    fn default() -> Self {
        Self { major: 3, minor: 9, patch: 2, zookeeper: false }
    }
}

impl Guise {
    /// The same release held together by `ZooKeeper`.
    pub fn with_zookeeper(self) -> Result<Self, Error> {
        if self.is_at_least(ONLY_KRAFT) {
            let message = format!("Kafka {self} has no ZooKeeper");
            return Err(Error::new("SANDBOX_OPTION_INVALID", message).hint("the last release with ZooKeeper is 3.9"));
        }
        Ok(Self { zookeeper: true, ..self })
    }

    pub fn has_zookeeper(self) -> bool {
        self.zookeeper
    }

    /// `(2, 6)` of 2.6.3.
    pub(super) fn line(self) -> Line {
        (self.major, self.minor)
    }

    /// The release of a jar, with what holds this cluster together; nothing where the release does not know that.
    pub(super) fn with_jar(self, version: &str) -> Option<Self> {
        let guise: Self = version.parse().ok()?;
        match (self.zookeeper, guise.zookeeper) {
            (true, _) => guise.with_zookeeper().ok(),
            (false, true) => None,
            (false, false) => Some(guise),
        }
    }

    /// The newest patch of each line that brokers of this cluster can be of, oldest first.
    pub(super) fn newest_patches(self) -> impl Iterator<Item = Self> {
        NEWEST.iter().filter_map(move |version| self.with_jar(version))
    }

    /// The version of Scala that its distributions are usually built with.
    pub(super) fn scala(self) -> &'static str {
        if self.is_at_least((3, 0)) { "2.13" } else { "2.12" }
    }

    pub(super) fn is_at_least(self, release: (u8, u8)) -> bool {
        (self.major, self.minor) >= release
    }

    /// Brokers before 2.5.1 take the rates of throttles for secrets (KAFKA-9625).
    pub(super) fn hides_throttle_rates(self) -> bool {
        (self.major, self.minor, self.patch) < (2, 5, 1)
    }

    /// How long a broker may be silent until it is taken for dead: `broker.session.timeout.ms` with `KRaft`, else
    /// `zookeeper.session.timeout.ms`, which grew in 2.5 (KIP-537).
    pub(super) fn session_timeout(self) -> Duration {
        Duration::from_secs(match (self.zookeeper, self.is_at_least((2, 5))) {
            (false, _) => 9,
            (true, true) => 18,
            (true, false) => 6,
        })
    }

    /// Of a new cluster; there is none before 3.3 and with `ZooKeeper`.
    pub(super) fn metadata_version(self) -> Option<i16> {
        let level = METADATA_VERSIONS.iter().find(|(release, _)| *release == (self.major, self.minor));
        level.map(|(_, level)| *level).filter(|_| !self.zookeeper)
    }
}

/// Features beside `metadata.version` that brokers of a release support: since when, the highest level, and the level that
/// a new cluster with a static quorum has (Kafka's `Feature`).
const FEATURES: [((u8, u8), &str, i16, i16); 6] = [
    ((3, 9), "kraft.version", 1, 0),
    ((4, 0), "transaction.version", 2, 2),
    ((4, 0), "group.version", 1, 1),
    ((4, 1), "eligible.leader.replicas.version", 1, 1),
    ((4, 2), "share.version", 1, 1),
    ((4, 2), "streams.version", 1, 1),
];

impl Guise {
    /// Name, lowest and highest level that is supported, and the level that is finalised, 0 where none is.
    pub(super) fn features(self) -> Vec<(&'static str, i16, i16, i16)> {
        let Some(metadata) = self.metadata_version() else { return vec![] };
        let lowest = if self.is_at_least(ONLY_KRAFT) { 7 } else { 1 };
        let others = FEATURES.iter().filter(|(since, ..)| self.is_at_least(*since));
        let others = others.map(|&(_, name, highest, finalised)| (name, 0, highest, finalised));
        std::iter::once(("metadata.version", lowest, metadata, metadata)).chain(others).collect()
    }
}

impl fmt::Display for Guise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Guise {
    type Err = Error;

    /// `2.6.3`, or `2.6`. Before 3.3 with `ZooKeeper`, from then on with `KRaft`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || {
            let message = format!("{text} is no release of Kafka that a sandbox can pass for");
            Error::new("SANDBOX_OPTION_INVALID", message).hint("2.1 to 2.8, 3.0 to 3.9, 4.0 to 4.4, such as 2.6.3")
        };
        let numbers = text.split('.').map(str::parse).collect::<Result<Vec<u8>, _>>().map_err(|_| invalid())?;
        let (major, minor, patch) = match numbers[..] {
            [major, minor] => (major, minor, 0),
            [major, minor, patch] => (major, minor, patch),
            _ => return Err(invalid()),
        };
        if !RELEASES.iter().any(|(one, minors)| *one == major && minors.contains(&minor)) {
            return Err(invalid());
        }
        Ok(Self { major, minor, patch, zookeeper: (major, minor) < FIRST_KRAFT })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_apart() {
        let of = |text: &str| text.parse::<Guise>();
        assert_eq!(of("3.9.2").unwrap(), Guise::default());
        assert!(of("2.6.3").unwrap().has_zookeeper() && !of("3.3.0").unwrap().has_zookeeper());
        assert_eq!(of("2.6").unwrap().to_string(), "2.6.0");
        assert!(of("3.9").unwrap().with_zookeeper().unwrap().has_zookeeper());
        assert_eq!(of("4.1.2").unwrap().with_zookeeper().unwrap_err().code, "SANDBOX_OPTION_INVALID");
        for wrong in ["2.0.1", "2.9", "5.0", "3", "3.9.2.1", "latest", ""] {
            assert_eq!(of(wrong).unwrap_err().code, "SANDBOX_OPTION_INVALID", "{wrong}");
        }
        let hides = |text| of(text).unwrap().hides_throttle_rates();
        assert_eq!([hides("2.1.1"), hides("2.5.0"), hides("2.5.1"), hides("2.6.3")], [true, true, false, false]);
        assert_eq!(of("3.9.2").unwrap().metadata_version(), Some(21));
        assert_eq!(of("3.2.3").unwrap().metadata_version(), None);
        assert_eq!(of("3.9").unwrap().with_zookeeper().unwrap().metadata_version(), None);
    }
}
