//! Pure planning, no I/O: where replicas should be, in which order they move, and how long that takes.
//!
//! ```text
//! State + Scope ─ job ─→ level ─→ shift ─→ even ─→ crowded ─→ leaders ─→ Plan with its certificate ─→ schedule
//!                 valid  targets  counts   bytes  topics      order
//! ```
//!
//! The aims, each within what the ones before leave: racks never worse than before; replicas per broker within one of the
//! rack-aware level; fewest replicas moved; bytes within a hundredth; topics spread; leaders level; fewest leader changes;
//! survivors keep their order. The same input gives the same plan on any machine, and a plan of its own result is empty.

mod assign;
mod budget;
mod by_bytes;
mod by_size;
mod certificate;
mod choice;
mod crowded;
mod disk;
mod even;
mod exchange;
mod factor;
mod given;
mod job;
mod judge;
mod leader_crowds;
mod leader_paths;
mod leaders;
mod level;
mod marks;
mod moves;
mod only;
mod placement;
mod pour;
mod queue;
mod replace;
mod reroute;
pub mod schedule;
mod scope;
mod seats;
mod share;
mod shift;
mod spread;
mod state;
mod target;
pub mod throttle;
pub mod upgrade;
pub mod wording;
mod worst;

pub use assign::plan;
pub use certificate::{Bind, Certificate};
pub use given::{Targets, given};
pub use judge::judge;
pub use moves::{PartitionMove, Plan, TopicMoves};
pub use scope::{Aim, Replacement, Scope};
pub use share::{BrokerShare, Change};
pub use state::{Broker, BrokerState, LogDir, State, Topic};
pub use worst::TopicShare;
