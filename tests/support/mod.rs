//! krun as a child process: its own state folder, its own sandbox, and a deadline for everything.
//!
//! ```text
//! scene     a scratch folder with a state folder and a sandbox; what is in it goes with it
//! krun      one krun command: begun, waited for, killed, and all that it said
//! operator  somebody at the same cluster: sets configs, and looks
//! skipped   what this machine cannot run
//! jars      Kafka's own programs, where this machine can have them
//! distribution  a release of Kafka in miniature
//! certificates  authorities, and what they sign
//! ```

pub(crate) mod certificates;
pub(crate) mod distribution;
pub(crate) mod jars;
mod krun;
mod operator;
mod scene;
mod skipped;

pub(crate) use krun::{Command, Ended, Running};
pub(crate) use scene::{Journalled, Scene};
pub(crate) use skipped::pass_over;
