//! What a sandbox is made of.

use super::guise::Guise;
use super::twin::Twin;
use crate::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;

const MOST_BARE: u16 = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Brokers, with the ids 1, 2, ….
    pub brokers: u16,
    /// How many of them, the last ones, are new: registered, and without a replica.
    pub new: u16,
    /// Hosts beside those of the brokers on which nothing is installed; they have the ids that come next.
    pub bare_hosts: u16,
    /// Bytes per second that a broker can take in from the leaders of its replicas.
    pub copy_rate: u64,
    pub data: Data,
    /// The brokers' racks in turn; none where it is empty.
    pub racks: Vec<String>,
    /// Another cluster, instead of all of the above but the copy rate.
    pub twin: Option<Twin>,
    /// Which Kafka the brokers pass for.
    pub guise: Guise,
    /// How often brokers look for old segments (`log.retention.check.interval.ms`); their files go a fifth of that later
    /// (`log.segment.delete.delay.ms`).
    pub clean_every: Duration,
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
    /// Topics of hundreds of GB, which take no room: the handbook's case for a data diet.
    Large,
    /// No topics.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            brokers: 4,
            new: 1,
            bare_hosts: 0,
            copy_rate: 20_000_000,
            data: Data::Demo,
            racks: vec![],
            twin: None,
            guise: Guise::default(),
            clean_every: Duration::from_secs(5),
            idle: Duration::from_mins(30),
        }
    }
}

impl Options {
    /// Whether there can be such a sandbox.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(twin) = &self.twin {
            return twin.check();
        }
        if self.bare_hosts > MOST_BARE {
            let message = format!("a sandbox cannot have {} bare hosts", self.bare_hosts);
            return Err(Error::new("SANDBOX_OPTION_INVALID", message).hint(format!("at most {MOST_BARE}")));
        }
        if self.brokers == 0 || self.brokers > 100 || self.new >= self.brokers {
            let message = format!("a sandbox cannot have {} brokers of which {} are new", self.brokers, self.new);
            let hint = "between 1 and 100 brokers, and at least one that is not new";
            return Err(Error::new("SANDBOX_OPTION_INVALID", message).hint(hint));
        }
        Ok(())
    }

    /// The ids of the brokers, with their racks.
    pub(super) fn brokers(&self) -> BTreeMap<i32, Option<String>> {
        if let Some(twin) = &self.twin {
            return twin.brokers.iter().map(|broker| (broker.id, broker.rack.clone())).collect();
        }
        let rack = |at: usize| (!self.racks.is_empty()).then(|| self.racks[at % self.racks.len()].clone());
        (1..=i32::from(self.brokers)).zip((0..).map(rack)).collect()
    }

    /// The ids of the bare hosts.
    pub(super) fn bare(&self) -> Vec<i32> {
        let last = self.brokers().keys().next_back().copied().unwrap_or(0);
        (last + 1..=last + i32::from(self.bare_hosts)).collect()
    }

    /// The arguments of `krun sandbox serve` that say the same.
    pub(super) fn arguments(&self) -> Vec<String> {
        let data = match self.data {
            Data::Demo => "demo",
            Data::Tiny => "tiny",
            Data::Large => "large",
            Data::None => "none",
        };
        [
            ("--brokers", self.brokers.to_string()),
            ("--new", self.new.to_string()),
            ("--bare-hosts", self.bare_hosts.to_string()),
            ("--copy-rate", self.copy_rate.to_string()),
            ("--data", data.to_owned()),
            ("--kafka", self.guise.to_string()),
            ("--clean-every", format!("{}ms", self.clean_every.as_millis())),
            ("--idle", format!("{}ms", self.idle.as_millis())),
        ]
        .into_iter()
        // A twin says these itself.
        .filter(|(name, _)| self.twin.is_none() || !["--brokers", "--new", "--data"].contains(name))
        .flat_map(|(name, value)| [name.to_owned(), value])
        .chain(self.racks.iter().flat_map(|rack| ["--racks".to_owned(), rack.clone()]))
        .chain(self.twin.iter().flat_map(|twin| ["--twin".to_owned(), twin.file.to_string_lossy().into_owned()]))
        .chain(self.guise.has_zookeeper().then(|| "--zookeeper".to_owned()))
        .collect()
    }
}
