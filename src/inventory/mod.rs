//! Files that krun is given: `krun.toml` (which clusters there are, how to reach their hosts, where their secrets lie),
//! the properties of Kafka clients, state files, and the files of Kafka's own reassignment tool.

mod choose;
mod client_properties;
mod cluster;
pub mod file_text;
mod json;
mod read;
mod reassignment_entry;
pub mod reassignment_file;
mod search;
mod section;
pub mod state_file;
mod topic_names;
pub mod topics_file;

pub use crate::secret::{Secret, SecretSource};
pub use client_properties::{Entry, Reach};
pub use cluster::{ChosenCluster, Cluster, HostSettings, SANDBOX};
pub use file_text::Unreadable;
pub use json::{Fault, Faulty};

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
