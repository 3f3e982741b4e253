//! A real machine: each operation is a short script, run where its shell is.
//!
//! ```text
//! files      read, written, linked
//! services   systemd
//! processes  `/proc`
//! provision  releases, folders, users
//! facts      all that is worth knowing of a broker's host, in one round trip
//! answer     exit statuses as errors
//! ```

mod answer;
mod facts;
mod files;
mod processes;
mod provision;
mod services;

use super::command::{Command, Output, Shell, Sudo};
use super::facts::Facts;
use super::hosts::Home;
use super::machine::{Disk, Keeping, Kind, Machine, Process, Service};
use super::provision::Provision;
use super::ssh::Access;
use crate::error::{Error, Failure};
use std::sync::Arc;
use std::time::Duration;

/// Cheap to clone.
#[derive(Clone)]
pub struct Remote {
    name: String,
    shell: Arc<dyn Shell>,
    sudo: Sudo,
    stopped: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Remote {
    /// A machine whose files and services are handled by `sudo`. A call ends when `stopped` says so.
    pub fn new(
        name: impl Into<String>,
        shell: Arc<dyn Shell>,
        sudo: Sudo,
        stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    ) -> Self {
        Self { name: name.into(), shell, sudo, stopped }
    }

    /// A command as who may change things here.
    fn command(&self, script: &str) -> Command {
        Command::new(script).sudo(self.sudo.clone())
    }

    fn change(&self, command: &Command) -> Result<Output, Failure> {
        self.shell.run(command, &*self.stopped).map_err(|failure| self.named(failure))
    }

    fn read(&self, command: &Command) -> Result<Output, Error> {
        Ok(self.change(command)?)
    }

    /// Every fault says on which machine.
    fn named(&self, failure: Failure) -> Failure {
        let named = |mut error: Error| {
            error.message = format!("{}: {}", self.name, error.message);
            error
        };
        match failure {
            Failure::Refused(error) => Failure::Refused(named(error)),
            Failure::Unknown(error) => Failure::Unknown(named(error)),
        }
    }
}

impl Machine for Remote {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, command: &Command) -> Result<Output, Failure> {
        self.change(command)
    }

    fn run_with_rights(&self, command: &Command) -> Result<Output, Failure> {
        self.change(&command.clone().sudo(self.sudo.clone()))
    }

    fn provision(&self) -> &dyn Provision {
        self
    }

    fn kind(&self, path: &str) -> Result<Kind, Error> {
        files::kind(self, path)
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        files::read_file(self, path)
    }

    fn checksum(&self, path: &str) -> Result<Option<String>, Error> {
        files::checksum(self, path)
    }

    fn read_link(&self, path: &str) -> Result<Option<String>, Error> {
        files::read_link(self, path)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Error> {
        files::glob(self, pattern)
    }

    fn disk(&self, path: &str) -> Result<Disk, Error> {
        files::disk(self, path)
    }

    fn write_file(&self, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Failure> {
        files::write_file(self, path, bytes, keeping)
    }

    fn copy_file(&self, from: &str, to: &str) -> Result<(), Failure> {
        files::copy_file(self, from, to)
    }

    fn remove_file(&self, path: &str) -> Result<(), Failure> {
        files::remove_file(self, path)
    }

    fn link(&self, path: &str, target: &str) -> Result<(), Failure> {
        files::link(self, path, target)
    }

    fn service(&self, unit: &str) -> Result<Service, Error> {
        services::show(self, unit)
    }

    fn start_service(&self, unit: &str, limit: Duration) -> Result<(), Failure> {
        services::ask(self, "start", unit, limit)
    }

    fn stop_service(&self, unit: &str, limit: Duration) -> Result<(), Failure> {
        services::ask(self, "stop", unit, limit)
    }

    fn service_log(&self, unit: &str, lines: u32) -> Result<String, Error> {
        services::log(self, unit, lines)
    }

    fn process(&self, pid: u32) -> Result<Process, Error> {
        processes::process(self, pid)
    }

    fn clock(&self) -> Result<i64, Error> {
        processes::clock(self)
    }

    fn access(&self) -> Result<Option<Access>, Error> {
        self.shell.access().map_err(|error| Error::from(self.named(Failure::Refused(error))))
    }

    fn facts(&self, home: &Home) -> Result<Facts, Error> {
        facts::facts(self, home, facts::Asked::All)
    }

    fn identity(&self, home: &Home) -> Result<Facts, Error> {
        facts::facts(self, home, facts::Asked::Identity)
    }

    fn create_file(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        files::create_file(self, path, bytes)
    }
}
