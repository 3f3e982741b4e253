//! krun: runbooks for Apache Kafka that survive being killed at any instant.
//!
//! ```text
//! main → cli → script → bind → effect → kafka          calls go right; results come back as values
//!                         └────────────→ plan           pure
//!                  └──────┴──→ run (session, step, the door, journal, undo, stop) → event
//!        cli → report ← event                           what happened leaves a run only as events
//!        cli → sandbox                                  a cluster in a process of its own
//! ```

pub mod bind;
pub mod cli;
pub mod effect;
pub mod error;
pub mod event;
pub mod inventory;
pub mod kafka;
pub mod plan;
pub mod quantity;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod script;
pub mod suggestion;
