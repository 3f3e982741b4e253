//! Faults to order: what shall happen to the next requests of an API.

use kafka_protocol::messages::ApiKey;
use serde::{Deserialize, Serialize};

/// What shall happen to the next `count` requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Kafka's name of the API, such as `IncrementalAlterConfigs`.
    pub api: String,
    /// Only at this broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<i32>,
    pub mode: Mode,
    #[serde(default = "once")]
    pub count: u32,
    /// How long `delay` keeps the request back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
}

fn once() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The request is applied, then the connection drops.
    LoseReply,
    /// The connection drops, and nothing is applied.
    LoseRequest,
    /// Nothing is applied and nothing is answered; the connection stays open until the client gives up.
    Hang,
    /// The request is applied and answered late.
    Delay,
}

/// What shall be the matter with the host of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum HostFault {
    /// Its next start ends at once; the log says this last.
    DiesAtStart { says: String },
    /// Somebody else listens on its port, until this is taken back.
    PortTaken { is: bool },
    /// Nothing can be written to its disk, until this is taken back.
    DiskFull { is: bool },
    /// From each start on, the broker fetches nothing for so long: its replicas come back into the ISR later.
    SlowToReturn { milliseconds: u64 },
}

/// The faults that are still to come, oldest first.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The fault that befalls a request, which is one less to come.
    pub(super) fn take(&mut self, api: ApiKey, broker: i32) -> Option<Fault> {
        let name = format!("{api:?}");
        let fits = |fault: &&mut Fault| fault.api == name && fault.broker.is_none_or(|id| id == broker);
        let fault = self.0.iter_mut().filter(|fault| fault.count > 0).find(fits)?;
        fault.count -= 1;
        let fault = fault.clone();
        self.0.retain(|fault| fault.count > 0);
        Some(fault)
    }
}
