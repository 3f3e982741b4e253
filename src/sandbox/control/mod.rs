//! The control port: one JSON object a line in, one out.

pub(super) mod client;
pub(super) mod server;

use super::fault::Fault;
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
