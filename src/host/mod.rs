//! A machine: commands on it and what is built from them, by SSH or on this machine.
//!
//! ```text
//! command        what is to be run, within which limits, and what came of it
//! script         the text that a login shell gets, so that its answer cannot be confused with anything else
//! conversation   what goes back and forth while a command runs: input, output, the password that sudo asks for
//! local          this machine
//! ssh/           another one: configuration, connection, host keys, identities, channels
//! known_hosts    whose keys are trusted
//! machine        what can be done on a machine, typed
//! remote/        the same by scripts, on a real one
//! facts          all that is worth knowing of a broker's host
//! identity       whether a host is really that of a broker
//! provision      what it is furnished with, typed: releases, folders, users
//! distribution/  a release of Kafka on the operator's machine
//! delivery       its way to a host
//! jar            which Kafka a file is of
//! hosts          the machines that a run may touch
//! receipt        commands that outlive their connection
//! place          how they are reached
//! ```

pub mod command;
mod conversation;
pub mod delivery;
pub mod distribution;
pub mod facts;
pub mod hosts;
pub mod identity;
pub mod jar;
pub mod known_hosts;
pub mod local;
pub mod machine;
pub mod place;
pub mod provision;
pub mod receipt;
pub mod remote;
mod script;
pub mod ssh;

pub use command::{Command, Output, Shell, Sudo};
pub use distribution::Distribution;
pub use facts::Facts;
pub use hosts::{Home, Hosts, Which};
pub use machine::Machine;
pub use place::{Place, Places, Reach};
