//! Pure planning, no I/O: where replicas should be, in which batches they move, and how long that takes.
//!
//! ```text
//! State + Scope ─ job ─→ level ─→ shift ─→ exchange ─→ leaders ─→ Plan with its certificate ─→ batch ─→ estimate
//!                 valid  targets  counts   bytes       order
//! ```
//!
//! The aims, each within what the ones before leave: racks never worse than before; replicas per broker within one of the
//! rack-aware level; fewest replicas moved; topics spread; bytes level; leaders level; fewest leader changes; survivors
//! keep their order. The same input gives the same plan on any machine, and a plan of its own result is empty.

mod assign;
pub mod batch;
mod certificate;
pub mod estimate;
mod exchange;
mod job;
mod leaders;
mod level;
mod moves;
mod placement;
mod reroute;
mod scope;
mod shift;
mod state;
mod target;
pub mod throttle;
pub mod wording;

pub use assign::plan;
pub use certificate::{BrokerShare, Certificate, Change};
pub use moves::{PartitionMove, Plan, TopicMoves};
pub use scope::{Aim, Replacement, Scope};
pub use state::{Broker, BrokerState, LogDir, State, Topic};
