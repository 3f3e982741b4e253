//! Another machine, by SSH.
//!
//! ```text
//! config     where a destination is, as `ssh -G` says
//! connect    a session with a host whose key is trusted
//! identity   who one is there
//! jump       through other hosts
//! channel    one command
//! ready      waiting for sockets
//! ```
//!
//! libssh2 calls a command that was killed, or whose connection was lost, one with exit status 0: only what the command itself
//! said at its end counts here, and the connection must agree.

mod channel;
pub mod config;
mod connect;
mod identity;
mod jump;
mod ready;

use super::command::{Command, Output, Shell};
use crate::error::{Error, Failure};
use config::{Configuration, Target};
use connect::Connected;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

/// A host that is reached by SSH. Each command that runs has a connection of its own; those that are idle are used again.
pub struct Ssh {
    target: Target,
    idle: Mutex<Vec<Line>>,
}

/// How one got in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// How the host's key was verified.
    pub key: String,
    /// With what one logged in.
    pub identity: String,
}

/// A connection. What waits for its other side is cut off before it is dropped: libssh2 would wait, too.
struct Line(Connected);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.carrier.cut();
    }
}

impl Ssh {
    /// A host by its SSH destination: a name of the configuration, or `user@host:port`.
    pub fn to(destination: &str, by: &Configuration) -> Result<Self, Error> {
        Ok(Self { target: config::resolve(destination, by)?, idle: Mutex::default() })
    }

    /// Connects, and tells how.
    pub fn access(&self) -> Result<Access, Error> {
        let line = self.line()?;
        let access = Access {
            host: self.target.host.clone(),
            port: self.target.port,
            user: self.target.user.clone(),
            key: line.0.key.clone(),
            identity: line.0.identity.clone(),
        };
        self.keep(line);
        Ok(access)
    }

    fn line(&self) -> Result<Line, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(line) => Ok(line),
            None => connect::connect(&self.target).map(Line),
        }
    }

    fn keep(&self, line: Line) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

impl Shell for Ssh {
    fn access(&self) -> Result<Option<Access>, Error> {
        Self::access(self).map(Some)
    }

    fn run(&self, command: &Command, stopped: &dyn Fn() -> bool) -> Result<Output, Failure> {
        loop {
            let was_idle = !self.idle.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            let line = self.line().map_err(Failure::Refused)?;
            match channel::run(&line.0, command, stopped) {
                Ok(output) => {
                    self.keep(line);
                    return Ok(output);
                }
                // A connection that was idle may have ended meanwhile: what was certainly not begun is begun on another one.
                Err(Failure::Refused(error)) if was_idle && error.retriable => {}
                Err(failure) => return Err(failure),
            }
        }
    }
}
