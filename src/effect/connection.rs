//! How effects and reads reach the cluster and its hosts: a call blocks its thread, and ends when the run must stop now.

use crate::error::{Error, Failure};
use crate::host::Hosts;
use crate::kafka::Client;
use crate::run::stop::{Level, Stop};
use std::future::Future;
use tokio::runtime::Handle;

/// Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    pub client: Client,
    pub hosts: Hosts,
    handle: Handle,
    stop: Stop,
}

impl Connection {
    pub fn new(client: Client, hosts: Hosts, handle: Handle, stop: Stop) -> Self {
        Self { client, hosts, handle, stop }
    }

    /// A call that changes nothing.
    pub fn read<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.unless_stopped(call).unwrap_or_else(|| Err(interrupted()))
    }

    /// A call that changes something: interrupted, it may have happened.
    pub fn write<T>(&self, call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.unless_stopped(call).unwrap_or_else(|| Err(Failure::Unknown(interrupted())))
    }

    /// Whether whatever is under way is to be left now.
    pub fn is_stopped(&self) -> bool {
        self.stop.level() >= Level::Now
    }

    fn unless_stopped<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        self.handle.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.reached(Level::Now) => None,
                result = call => Some(result),
            }
        })
    }
}

pub const INTERRUPTED: &str = "INTERRUPTED";

fn interrupted() -> Error {
    Error::new(INTERRUPTED, "interrupted by a second Ctrl-C")
}
