//! The control port: one JSON object a line in, one out.

pub(super) mod client;
pub(super) mod server;

use super::fault::{Fault, HostFault};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What can be asked of a sandbox beside Kafka's protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Command {
    Ping,
    KillBroker {
        id: i32,
    },
    StartBroker {
        id: i32,
    },
    PauseBroker {
        id: i32,
    },
    ResumeBroker {
        id: i32,
    },
    SetSessionTimeout {
        milliseconds: u64,
    },
    MoveController,
    FreezeMetadata {
        id: i32,
    },
    ThawMetadata {
        id: i32,
    },
    /// Bytes of a broker's disk.
    SetDiskSize {
        id: i32,
        bytes: u64,
    },
    /// Bytes per second that producers write to a topic.
    SetInbound {
        topic: String,
        rate: u64,
    },
    /// Bytes per second.
    SetCopyRate {
        rate: u64,
    },
    /// Whether configs can be changed.
    CloseConfigs {
        is: bool,
    },
    Service {
        id: i32,
        unit: String,
    },
    StartService {
        id: i32,
        unit: String,
    },
    StopService {
        id: i32,
        unit: String,
    },
    ReloadUnits {
        id: i32,
    },
    Process {
        id: i32,
        pid: u32,
    },
    HostDisk {
        id: i32,
    },
    /// What shall be the matter with a broker's host.
    HostFault {
        id: i32,
        fault: HostFault,
    },
    Counters,
    Dump,
    Fault(Fault),
    Stop,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Ok(Value),
    Error(Error),
}
