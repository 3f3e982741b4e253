//! A command on a machine, and what came of it.

use super::ssh::Access;
use crate::error::{Error, Failure};
use crate::secret::Secret;
use std::time::Duration;

/// What is to be run: a script for a POSIX shell, with arguments that it finds as `$1`, `$2`, ….
#[derive(Debug, Clone)]
pub struct Command {
    pub script: String,
    pub arguments: Vec<String>,
    /// What it reads from stdin.
    pub input: Vec<u8>,
    pub sudo: Sudo,
    /// When its answer is not waited for any longer. What it does then, nobody knows.
    pub limit: Duration,
}

/// As whom a command runs.
#[derive(Debug, Clone, Default)]
pub enum Sudo {
    /// As whoever is logged in.
    #[default]
    No,
    /// As root, by sudo, which must not ask for a password.
    Free,
    /// As root, by sudo, which may ask for this password.
    Password(Secret),
}

/// A command that has ended, with all that it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its exit status. What was killed by a signal has none, and is no `Output`.
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Where commands run.
pub trait Shell: Send + Sync {
    /// Runs a command to its end, until its limit, or until `stopped` says so.
    ///
    /// `Refused`: it certainly did not begin. `Unknown`: it may have begun, and whether it came to its end is not known.
    fn run(&self, command: &Command, stopped: &dyn Fn() -> bool) -> Result<Output, Failure>;

    /// Gets there, and tells how; `None` where there is no way to go.
    fn access(&self) -> Result<Option<Access>, Error> {
        Ok(None)
    }
}

impl Command {
    /// Nobody waits longer for a command that only reads.
    const LIMIT: Duration = Duration::from_mins(1);

    pub fn new(script: impl Into<String>) -> Self {
        let script = script.into();
        Self { script, arguments: Vec::new(), input: Vec::new(), sudo: Sudo::No, limit: Self::LIMIT }
    }

    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    #[must_use]
    pub fn sudo(mut self, sudo: Sudo) -> Self {
        self.sudo = sudo;
        self
    }

    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}
