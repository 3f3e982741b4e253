//! `krun.toml`: which clusters there are, how to reach their hosts, and where their secrets lie.

mod choose;
mod cluster;
mod read;
mod search;
mod secret;
mod section;

pub use cluster::{ChosenCluster, Cluster, HostSettings, SANDBOX};
pub use secret::{Secret, SecretSource};

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The clusters that a `krun.toml` describes; none where no file was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// The cluster that is meant where none is named.
    pub default: Option<String>,
    /// By name; the sandbox is not among them.
    pub clusters: BTreeMap<String, Cluster>,
}
