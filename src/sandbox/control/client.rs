//! The other end of the control port.

use super::{Command, Reply};
use crate::error::{Error, Failure};
use crate::host::machine::{Disk, Process, Service};
use crate::sandbox::cluster::counters::Counters;
use crate::sandbox::fault::{Fault, HostFault};
use crate::sandbox::state_file::Running;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A sandbox answers at once; one that does not is no sandbox, or is stopped.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of the longest reply that is read.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Commands a sandbox. Each call is a connection of its own.
#[derive(Debug, Clone)]
pub struct Control {
    address: String,
}

impl Control {
    /// `address` is [`Running::control`].
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    /// Who answers.
    pub fn ping(&self) -> Result<Running, Error> {
        self.ask(&Command::Ping)
    }

    /// Kills a broker: its connections drop, leaderships move. Nothing happens to one that is dead.
    pub fn kill_broker(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::KillBroker { id })
    }

    /// Starts a dead broker on its old port.
    pub fn start_broker(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::StartBroker { id })
    }

    /// Lets a broker hang, as a SIGSTOP does: its connections stay open and nobody answers. After the session timeout the
    /// controller fences it.
    pub fn pause_broker(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::PauseBroker { id })
    }

    /// A paused broker goes on; what its sockets have taken meanwhile is answered, and done.
    pub fn resume_broker(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::ResumeBroker { id })
    }

    /// How long a broker may hang until it is fenced: at the start as long as Kafka's default.
    pub fn set_session_timeout(&self, timeout: Duration) -> Result<(), Error> {
        let milliseconds = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self.ask(&Command::SetSessionTimeout { milliseconds })
    }

    /// Another node becomes the controller; gives which.
    pub fn move_controller(&self) -> Result<i32, Error> {
        self.ask(&Command::MoveController)
    }

    /// From now on the broker tells of the cluster only what it knows by now, until [`Self::thaw_metadata`].
    pub fn freeze_metadata(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::FreezeMetadata { id })
    }

    pub fn thaw_metadata(&self, id: i32) -> Result<(), Error> {
        self.ask(&Command::ThawMetadata { id })
    }

    /// A disk that gets full fails, and its broker halts.
    pub fn set_disk_size(&self, id: i32, bytes: u64) -> Result<(), Error> {
        self.ask(&Command::SetDiskSize { id, bytes })
    }

    /// Producers write so many bytes per second to a topic, spread evenly over its partitions; 0 stops them.
    pub fn set_inbound(&self, topic: &str, rate: u64) -> Result<(), Error> {
        self.ask(&Command::SetInbound { topic: topic.to_owned(), rate })
    }

    /// `rate`: bytes per second that each broker can take in.
    pub fn set_copy_rate(&self, rate: u64) -> Result<(), Error> {
        self.ask(&Command::SetCopyRate { rate })
    }

    /// From now on a policy refuses every `IncrementalAlterConfigs`, until this is taken back.
    pub fn close_configs(&self, is: bool) -> Result<(), Error> {
        self.ask(&Command::CloseConfigs { is })
    }

    /// Every change that was applied, in order.
    pub fn counters(&self) -> Result<Counters, Error> {
        self.ask(&Command::Counters)
    }

    /// The cluster as canonical JSON; equal clusters give equal values.
    pub fn dump(&self) -> Result<Value, Error> {
        self.ask(&Command::Dump)
    }

    pub fn fault(&self, fault: Fault) -> Result<(), Error> {
        self.ask(&Command::Fault(fault))
    }

    pub fn host_fault(&self, id: i32, fault: HostFault) -> Result<(), Error> {
        self.ask(&Command::HostFault { id, fault })
    }

    pub(in crate::sandbox) fn service(&self, id: i32, unit: &str) -> Result<Service, Error> {
        self.ask(&Command::Service { id, unit: unit.to_owned() })
    }

    pub(in crate::sandbox) fn start_service(&self, id: i32, unit: &str) -> Result<(), Failure> {
        self.change(&Command::StartService { id, unit: unit.to_owned() })
    }

    pub(in crate::sandbox) fn stop_service(&self, id: i32, unit: &str) -> Result<(), Failure> {
        self.change(&Command::StopService { id, unit: unit.to_owned() })
    }

    pub(in crate::sandbox) fn reload_units(&self, id: i32) -> Result<(), Failure> {
        self.change(&Command::ReloadUnits { id })
    }

    pub(in crate::sandbox) fn process(&self, id: i32, pid: u32) -> Result<Process, Error> {
        self.ask(&Command::Process { id, pid })
    }

    pub(in crate::sandbox) fn host_disk(&self, id: i32) -> Result<Disk, Error> {
        self.ask(&Command::HostDisk { id })
    }

    /// Whether a change was refused, or is only not known to have happened.
    fn change(&self, command: &Command) -> Result<(), Failure> {
        self.ask(command).map_err(|error| match error.code.as_str() {
            "SANDBOX_UNREACHABLE" => Failure::Unknown(error),
            _ => Failure::Refused(error),
        })
    }

    /// Ends the process. It may still be there for a moment when this returns.
    pub fn stop(&self) -> Result<(), Error> {
        self.ask(&Command::Stop)
    }

    fn ask<T: DeserializeOwned>(&self, command: &Command) -> Result<T, Error> {
        let silent = |why: &dyn std::fmt::Display| {
            let message = format!("no sandbox answers at {}: {why}", self.address);
            Error::new("SANDBOX_UNREACHABLE", message).hint("start one with krun sandbox start")
        };
        let address: SocketAddr = self.address.parse().map_err(|why| silent(&why))?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|why| silent(&why))?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|why| silent(&why))?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(|why| silent(&why))?;
        let mut line = serde_json::to_string(command).map_err(|why| silent(&why))?;
        line.push('\n');
        (&stream).write_all(line.as_bytes()).map_err(|why| silent(&why))?;
        let mut answer = String::new();
        BufReader::new(stream.take(LONGEST)).read_line(&mut answer).map_err(|why| silent(&why))?;
        match serde_json::from_str(&answer).map_err(|why| silent(&why))? {
            Reply::Ok(value) => serde_json::from_value(value).map_err(|why| silent(&why)),
            Reply::Error(error) => Err(error),
        }
    }
}
