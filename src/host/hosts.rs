//! The machines that a run may touch, found by what its effects call them.

use super::distribution::Distribution;
use super::machine::Machine;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// A machine as an effect names it: `broker/3`, `ssh/peter-kafka01`, `local`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The host of a broker.
    Broker(i32),
    /// An SSH destination.
    Ssh(String),
    /// This machine.
    Local,
}

/// Where a broker lives on its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The SSH destination.
    pub destination: String,
    /// The systemd unit.
    pub service: String,
    /// Holds the installed versions, one folder each.
    pub install_root: String,
    /// The link below it that points to the one in use.
    pub link: String,
    /// `server.properties`, below the link or absolute.
    pub config: String,
}

type Find = dyn Fn(&Which) -> Result<Arc<dyn Machine>, Error> + Send + Sync;

/// Distributions, by the path and the checksum that they were asked for with.
type Opened = BTreeMap<(String, Option<String>), Arc<Distribution>>;

/// Cheap to clone. A machine is looked up when it is first needed.
#[derive(Clone)]
pub struct Hosts(Arc<Inner>);

struct Inner {
    homes: BTreeMap<i32, Home>,
    find: Box<Find>,
    found: Mutex<BTreeMap<Which, Arc<dyn Machine>>>,
    texts: Mutex<BTreeMap<String, Vec<u8>>>,
    opened: Mutex<Opened>,
    looked_at: Mutex<BTreeSet<i32>>,
}

impl Hosts {
    pub fn new(
        homes: BTreeMap<i32, Home>,
        find: impl Fn(&Which) -> Result<Arc<dyn Machine>, Error> + Send + Sync + 'static,
    ) -> Self {
        let find = Box::new(find);
        let (found, texts, looked_at) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { homes, find, found, texts, opened: Mutex::default(), looked_at }))
    }

    pub fn machine(&self, which: &Which) -> Result<Arc<dyn Machine>, Error> {
        let known = self.0.found.lock().unwrap_or_else(PoisonError::into_inner).get(which).cloned();
        if let Some(machine) = known {
            return Ok(machine);
        }
        let machine = (self.0.find)(which)?;
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner).insert(which.clone(), machine.clone());
        Ok(machine)
    }

    /// Where a broker lives. `UNKNOWN_HOST`: it was neither registered when the run began, nor is its host named in `krun.toml`.
    pub fn home(&self, broker: i32) -> Result<&Home, Error> {
        self.0.homes.get(&broker).ok_or_else(|| {
            let text = format!("the host of broker {broker} is not known: it was not registered when the run began");
            Error::new("UNKNOWN_HOST", text)
                .hint(format!("name it in krun.toml: [clusters.NAME.brokers] {broker} = {{ host = \"…\" }}"))
        })
    }

    /// The brokers whose homes are known.
    pub fn brokers(&self) -> impl Iterator<Item = i32> {
        self.0.homes.keys().copied()
    }

    /// Whether somebody has made sure that a broker's host is its own.
    pub fn is_looked_at(&self, broker: i32) -> bool {
        self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner).contains(&broker)
    }

    /// From now on each is looked at anew.
    pub fn look_again(&self) {
        self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn set_looked_at(&self, broker: i32) {
        self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner).insert(broker);
    }

    /// Keeps what is to be written, by its SHA-256: the journal has that alone, since a text may hold secrets.
    pub fn keep_text(&self, sha256: &str, bytes: Vec<u8>) {
        self.0.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(sha256.to_owned(), bytes);
    }

    /// Opens a distribution, and keeps it by the SHA-256 of its bytes. One that was opened before is read once; who sends it finds
    /// out that it was changed since.
    pub fn open_distribution(&self, path: &str, sha512: Option<&str>) -> Result<Arc<Distribution>, Error> {
        let path =
            std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned());
        // Several hosts may want it at once: the first one reads it, and the others wait.
        let mut opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(known, checked): &&(String, Option<String>)| {
            *known == path && (sha512.is_none() || checked.as_deref() == sha512)
        };
        if let Some(known) = opened.keys().find(fits).cloned() {
            return Ok(opened[&known].clone());
        }
        let distribution = Arc::new(Distribution::open(&path, sha512)?);
        opened.insert((path, sha512.map(str::to_owned)), distribution.clone());
        Ok(distribution)
    }

    pub fn distribution(&self, sha256: &str) -> Option<Arc<Distribution>> {
        let opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.values().find(|one| one.sha256 == sha256).cloned()
    }

    pub fn text(&self, sha256: &str) -> Option<Vec<u8>> {
        self.0.texts.lock().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned()
    }
}

impl Home {
    /// The link to the version in use.
    pub fn link_path(&self) -> String {
        format!("{}/{}", self.install_root.trim_end_matches('/'), self.link)
    }

    /// `server.properties`.
    pub fn config_path(&self) -> String {
        if self.config.starts_with('/') { self.config.clone() } else { format!("{}/{}", self.link_path(), self.config) }
    }
}

impl Which {
    /// As one says it in a sentence.
    pub fn for_people(&self) -> String {
        match self {
            Self::Broker(id) => format!("the host of broker {id}"),
            Self::Ssh(destination) => destination.clone(),
            Self::Local => "this machine".to_owned(),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(id) => write!(f, "broker/{id}"),
            Self::Ssh(destination) => write!(f, "ssh/{destination}"),
            Self::Local => write!(f, "local"),
        }
    }
}

impl FromStr for Which {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let broker = text.strip_prefix("broker/").and_then(|id| id.parse().ok()).map(Self::Broker);
        let ssh = text.strip_prefix("ssh/").filter(|name| !name.is_empty()).map(|name| Self::Ssh(name.to_owned()));
        let local = (text == "local").then_some(Self::Local);
        broker.or(ssh).or(local).ok_or_else(|| Error::new("UNKNOWN_HOST", format!("`{text}` names no host")))
    }
}
