//! What a sandbox is made of.

use super::guise::Guise;
use crate::error::Error;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Brokers, with the ids 1, 2, ….
    pub brokers: u16,
    /// How many of them, the last ones, are new: registered, and without a replica.
    pub new: u16,
    /// Bytes per second that a broker can take in from the leaders of its replicas.
    pub copy_rate: u64,
    pub data: Data,
    /// Which Kafka the brokers pass for.
    pub guise: Guise,
    /// The process ends when nobody has been connected for so long.
    pub idle: Duration,
}

/// What the topics hold at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Five topics with several hundred MB.
    Demo,
    /// The same topics with a few KB.
    Tiny,
    /// No topics.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            brokers: 4,
            new: 1,
            copy_rate: 20_000_000,
            data: Data::Demo,
            guise: Guise::default(),
            idle: Duration::from_mins(30),
        }
    }
}

impl Options {
    /// Whether there can be such a sandbox.
    pub fn check(&self) -> Result<(), Error> {
        if self.brokers == 0 || self.brokers > 100 || self.new >= self.brokers {
            let message = format!("a sandbox cannot have {} brokers of which {} are new", self.brokers, self.new);
            let hint = "between 1 and 100 brokers, and at least one that is not new";
            return Err(Error::new("SANDBOX_OPTION_INVALID", message).hint(hint));
        }
        Ok(())
    }

    /// The arguments of `krun sandbox serve` that say the same.
    pub(super) fn arguments(&self) -> Vec<String> {
        let data = match self.data {
            Data::Demo => "demo",
            Data::Tiny => "tiny",
            Data::None => "none",
        };
        [
            ("--brokers", self.brokers.to_string()),
            ("--new", self.new.to_string()),
            ("--copy-rate", self.copy_rate.to_string()),
            ("--data", data.to_owned()),
            ("--kafka", self.guise.to_string()),
            ("--idle", format!("{}ms", self.idle.as_millis())),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value])
        .chain(self.guise.has_zookeeper().then(|| "--zookeeper".to_owned()))
        .collect()
    }
}
