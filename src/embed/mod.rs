//! krun inside another program: runs as values, with no printing, no signals and no process exit.
//!
//! ```text
//! builder → krun → outcome, or refused            what an embedder sees; params, stop, answer: what he gives
//!            └──→ observer                        what he hears
//! beginning   a new run, from a runbook that checks to its folder        known   one that was begun before
//!   work      a run at work, from its start to its ending, before whoever watches it
//!   connect   the connection to its cluster; places: its hosts
//! listing     the runs of a state folder
//! extensions  what an embedder adds
//! ```
//!
//! The command line uses the lower half of this, as an embedder's calls do.

mod answer;
pub(crate) mod beginning;
mod builder;
pub(crate) mod connect;
pub(crate) mod extensions;
pub(crate) mod known;
mod krun;
pub(crate) mod listing;
mod observer;
mod outcome;
mod params;
pub(crate) mod places;
pub(crate) mod refused;
mod stop;
pub(crate) mod work;

pub use answer::{Answer, Question};
pub use builder::Builder;
pub use krun::Krun;
pub use listing::Runs;
pub use observer::Heard;
pub use outcome::Outcome;
pub use params::Params;
pub use refused::Refused;
pub use stop::Stop;
