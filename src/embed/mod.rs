//! krun inside another program: runs as values, with no printing, no signals and no process exit.
//!
//! ```text
//! beginning   a new run, from a runbook that checks to its folder        known   one that was begun before
//!   work      a run at work, from its start to its ending, before whoever watches it
//!   connect   the connection to its cluster; places: its hosts
//! listing     the runs of a state folder
//! extensions  what an embedder adds
//! refused     why nothing was begun
//! ```
//!
//! The command line is a user of this layer, as an embedder is.

pub(crate) mod beginning;
pub(crate) mod connect;
pub(crate) mod extensions;
pub(crate) mod known;
pub(crate) mod listing;
pub(crate) mod places;
pub(crate) mod refused;
pub(crate) mod work;
