//! How the hosts of a cluster are reached and where brokers live on them: what a run notes, so that a resume finds the same.

use super::hosts::{Home, Hosts, Which};
use super::local::Local;
use super::remote::Remote;
use super::ssh::Ssh;
use super::ssh::config::Configuration;
use super::{Machine, Shell, Sudo};
use crate::error::Error;
use crate::secret::SecretSource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How one gets onto a host, and what one may do there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The SSH user, where the user's SSH configuration is not to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether files and services are handled by sudo.
    pub sudo: bool,
    /// The password that sudo asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// An SSH configuration in place of the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_config: Option<PathBuf>,
}

/// The hosts of one cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Of every host that no broker has.
    pub others: Reach,
    pub brokers: BTreeMap<i32, Place>,
}

/// The host of one broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(flatten)]
    pub home: Home,
    #[serde(flatten)]
    pub reach: Reach,
}

impl Places {
    /// Real machines, reached when they are first needed. Their calls end when `stopped` says so.
    pub fn hosts(self, stopped: Arc<dyn Fn() -> bool + Send + Sync>) -> Hosts {
        let homes = self.brokers.iter().map(|(id, place)| (*id, place.home.clone())).collect();
        Hosts::new(homes, move |which| self.machine(which, &stopped))
    }

    fn machine(&self, which: &Which, stopped: &Arc<dyn Fn() -> bool + Send + Sync>) -> Result<Arc<dyn Machine>, Error> {
        let (name, reach, shell): (String, &Reach, Arc<dyn Shell>) = match which {
            Which::Local => ("this machine".to_owned(), &self.others, Arc::new(Local)),
            Which::Ssh(destination) => (destination.clone(), &self.others, self.others.ssh(destination)?),
            Which::Broker(id) => {
                let place = self.brokers.get(id).ok_or_else(|| {
                    Error::new("UNKNOWN_HOST", format!("nobody says on which host broker {id} lives"))
                })?;
                let destination = &place.home.destination;
                (destination.clone(), &place.reach, place.reach.ssh(destination)?)
            }
        };
        Ok(Arc::new(Remote::new(name, shell, reach.sudo()?, stopped.clone())))
    }
}

impl Reach {
    fn ssh(&self, destination: &str) -> Result<Arc<dyn Shell>, Error> {
        let by = Configuration { file: self.ssh_config.clone(), user: self.user.clone() };
        Ok(Arc::new(Ssh::to(destination, &by)?))
    }

    fn sudo(&self) -> Result<Sudo, Error> {
        Ok(match (&self.password, self.sudo) {
            (_, false) => Sudo::No,
            (None, true) => Sudo::Free,
            (Some(source), true) => Sudo::Password(source.read()?),
        })
    }
}
