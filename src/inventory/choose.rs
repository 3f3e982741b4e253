//! Which cluster a command works on.

use super::Inventory;
use super::cluster::{ChosenCluster, SANDBOX};
use crate::error::Error;
use crate::suggestion::did_you_mean;

impl Inventory {
    /// The cluster of that name, or the default.
    ///
    /// Without any `krun.toml` the sandbox is the default for a person at a terminal. A job must name its cluster then, so
    /// that one in the wrong folder never ends well on a toy: `CLUSTER_NOT_NAMED`. `UNKNOWN_CLUSTER`: there is none of that
    /// name.
    pub fn cluster(&self, name: Option<&str>, has_terminal: bool) -> Result<ChosenCluster, Error> {
        if let Some(name) = name {
            return self.named(name, false);
        }
        match (&self.default, &self.file) {
            (Some(default), _) => self.named(default, true),
            (None, Some(file)) => {
                let message = format!("no cluster is named, and {} has no default", file.display());
                Err(Error::new("CLUSTER_NOT_NAMED", message).hint(format!("name one: {}", self.options())))
            }
            (None, None) if has_terminal => Ok(ChosenCluster::sandbox(true)),
            (None, None) => {
                let message = "no cluster is named, and there is no krun.toml with a default";
                let hint = "name one, such as --cluster sandbox; without a terminal the sandbox is not assumed";
                Err(Error::new("CLUSTER_NOT_NAMED", message).hint(hint))
            }
        }
    }

    fn named(&self, name: &str, defaulted: bool) -> Result<ChosenCluster, Error> {
        if name == SANDBOX {
            return Ok(ChosenCluster::sandbox(defaulted));
        }
        if let Some(settings) = self.clusters.get(name) {
            return Ok(ChosenCluster { name: name.to_owned(), sandbox: false, defaulted, settings: settings.clone() });
        }
        let place = match &self.file {
            Some(file) => format!("in {}", file.display()),
            None => "and no krun.toml here or above".to_owned(),
        };
        let error = Error::new("UNKNOWN_CLUSTER", format!("there is no cluster \"{name}\" {place}"));
        let there_are = format!("the clusters are {}", self.names().join(", "));
        Err(match did_you_mean(name, self.names()) {
            Some(meant) => error.hint(format!("{meant} {there_are}")),
            None => error.hint(there_are),
        })
    }

    /// The names of all clusters, the sandbox last.
    pub fn names(&self) -> Vec<&str> {
        self.clusters.keys().map(String::as_str).chain([SANDBOX]).collect()
    }

    fn options(&self) -> String {
        let options: Vec<String> = self.names().iter().map(|name| format!("--cluster {name}")).collect();
        options.join(", ")
    }
}
