//! What can be done on a machine, typed: each of these means the same on a real host and in the sandbox.

use super::command::{Command, Output};
use super::facts::{self, Facts};
use super::hosts::Home;
use super::provision::Provision;
use super::ssh::Access;
use crate::error::{Error, Failure};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Missing,
    File,
    Folder,
    Link,
}

/// A systemd unit, as `systemctl show` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// `loaded`, `not-found`, `masked`, ….
    pub load: String,
    /// `active`, `inactive`, `failed`, ….
    pub active: String,
    pub sub: String,
    /// Why it is not active: `success`, `exit-code`, `signal`, ….
    pub result: String,
    /// Its main process. A unit without one is stopped, whatever `active` says.
    pub main_pid: Option<u32>,
    /// Of this start; empty where systemd is older than 232.
    pub invocation: String,
    /// How often systemd has started it again by itself.
    pub restarts: u32,
    /// The exit status of its last main process.
    pub exit_status: Option<i32>,
    /// Its unit file was edited, and systemd has not read it again.
    pub needs_reload: bool,
    pub unit_file: String,
    /// What it starts.
    pub command: String,
}

/// A process, as `/proc` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Jar files that it has open, by their real paths.
    pub jars: Vec<String>,
    /// TCP ports on which it listens.
    pub ports: Vec<u16>,
    /// The version of the Java that it is.
    #[serde(default)]
    pub java: Option<String>,
}

/// A filesystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    pub total_bytes: u64,
    /// For those who are not root.
    pub free_bytes: u64,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keeping<'a> {
    /// Where what is replaced stays, with its owner and mode. A file that is there already is left.
    pub old: Option<&'a str>,
    /// Whose owner and mode a new file gets.
    pub like: Option<&'a str>,
}

pub trait Machine: Send + Sync {
    /// For people: the name by which it is reached.
    fn name(&self) -> &str;

    /// Runs a command. `UNSUPPORTED` in the sandbox, which runs nothing on the operator's machine.
    fn run(&self, command: &Command) -> Result<Output, Failure>;

    /// The same as whoever may change things there.
    fn run_with_rights(&self, command: &Command) -> Result<Output, Failure> {
        self.run(command)
    }

    /// What else it is furnished with: releases, folders, users.
    fn provision(&self) -> &dyn Provision;

    fn kind(&self, path: &str) -> Result<Kind, Error>;
    /// A file's bytes; `None` where there is nothing. `IS_A_FOLDER`.
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error>;
    /// SHA-256 in hexadecimal; `None` where there is nothing.
    fn checksum(&self, path: &str) -> Result<Option<String>, Error>;
    /// Where a link points to, as it says; `None` where there is nothing. `NOT_A_LINK`.
    fn read_link(&self, path: &str) -> Result<Option<String>, Error>;
    /// The paths that match a pattern of the shell, sorted.
    fn glob(&self, pattern: &str) -> Result<Vec<String>, Error>;
    fn disk(&self, path: &str) -> Result<Disk, Error>;

    /// Writes a file as a whole, or not at all: beside it first, to the disk, checked, then renamed. Owner and mode stay as they
    /// are. A link is followed. `DISK_FULL`, `NO_SUCH_FOLDER`, `IS_A_FOLDER`.
    fn write_file(&self, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Failure>;
    /// Copies a file with owner and mode over another one, as a whole or not at all. `NO_SUCH_FILE`, `NO_SUCH_FOLDER`,
    /// `IS_A_FOLDER`.
    fn copy_file(&self, from: &str, to: &str) -> Result<(), Failure>;
    /// Removes a file; nothing happens where there is none.
    fn remove_file(&self, path: &str) -> Result<(), Failure>;
    /// Points a link elsewhere, in one instant. `NOT_A_LINK`: something else has its place.
    fn link(&self, path: &str, target: &str) -> Result<(), Failure>;

    fn service(&self, unit: &str) -> Result<Service, Error>;
    /// Asks systemd to start a unit. That it did says nothing: many a unit fails afterwards.
    fn start_service(&self, unit: &str, limit: Duration) -> Result<(), Failure>;
    /// Asks systemd to stop a unit, and waits until it says that it has.
    fn stop_service(&self, unit: &str, limit: Duration) -> Result<(), Failure>;
    /// The last lines that a unit wrote.
    fn service_log(&self, unit: &str, lines: u32) -> Result<String, Error>;
    fn process(&self, pid: u32) -> Result<Process, Error>;
    /// Milliseconds since 1970, by its own clock.
    fn clock(&self) -> Result<i64, Error>;

    /// How one got there; `None` where there is no way to go. `SSH_UNREACHABLE`, `HOST_KEY_…`, `SSH_AUTH`.
    fn access(&self) -> Result<Option<Access>, Error> {
        Ok(None)
    }

    /// All that is worth knowing of a broker's host. A real machine answers in one round trip.
    fn facts(&self, home: &Home) -> Result<Facts, Error> {
        facts::asked_one_by_one(self, home)
    }

    /// Those of the facts that tell whose host it is.
    fn identity(&self, home: &Home) -> Result<Facts, Error> {
        self.facts(home)
    }

    /// Makes a file with this text, unless there is one at the path: then it stays, and the answer is false.
    fn create_file(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        if self.kind(path).map_err(Failure::Refused)? != Kind::Missing {
            return Ok(false);
        }
        self.write_file(path, bytes, Keeping::default()).map(|()| true)
    }
}
