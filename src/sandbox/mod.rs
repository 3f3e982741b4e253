//! A cluster in a process of its own, on real sockets: the embedded default cluster and the test bed.
//!
//! ```text
//! launch (start, find, stop) ⇢ serve ─┬─ wire (frames, shapes, versions) → api (one file a Kafka API group) ─┐
//!                                     └─ control (kill a broker, faults, counters, dump) ─────────────────────┴→ cluster
//!
//! within (a thread of this process instead of one of its own) → serve
//! unit (a broker as a service of its host: starts, stops, dies) ← control
//! host (the folder of a host, as krun works on it) → control
//! ```
//!
//! The brokers keep to what those of one release of Kafka do, from 2.1 to 4.4. Everything is in memory: a sandbox that has ended has lost
//! its cluster. A client that is killed does not disturb it.

mod api;
mod cluster;
mod control;
mod fault;
mod guise;
mod host;
mod launch;
mod options;
mod seed;
mod serve;
mod state_file;
mod twin;
mod unit;
mod wire;
mod within;
mod world;

pub use cluster::counters::{Applied, Counters};
pub use control::client::Control;
pub use fault::{Fault, HostFault, Mode};
pub use guise::Guise;
pub use host::{SandboxHost, destinations, host_name};
pub use launch::{start, stop};
pub use options::{Data, Options};
pub use serve::serve;
pub use state_file::{Running, find};
pub use twin::{Twin, TwinBroker, TwinTopic};
pub use within::Within;
pub use world::Log;
