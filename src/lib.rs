//! krun: runbooks for Apache Kafka that survive being killed at any instant.
//!
//! This is the library; [`Krun`] is where another program begins, and the command `krun` is one of its users.
//!
//! ```text
//! main → cli → script → bind → effect → kafka          calls go right; results come back as values
//!                         └────────────→ plan           pure
//!                  └──────┴──→ run (session, step, the door, journal, undo, stop) → event
//! cli → embed → script, run                              a run from outside: begun, gone on with, given up
//!        cli → report ← event                           what happened leaves a run only as events
//!        cli → sandbox                                  a cluster in a process of its own
//! ```
//!
//! | folder | what lives there | besides the vocabulary, imports |
//! |---|---|---|
//! | `cli/` | the command line: one file a command | everything |
//! | `embed/` | runs for whoever is outside: the command line, and other programs | all but `cli`, `edit`, `plan`, `snapshot` |
//! | `script/` | runbooks as Rhai: loading, checking, playing, saying what went wrong and where | bind, run |
//! | `bind/` | the script API: one file a page of the script reference, thin | run, effect, kafka, snapshot, plan |
//! | `effect/` | one file an effect: look, act, settle, put back | run, kafka |
//! | `run/` | session, step, the door to the world, journal, undo, stop, questions, lock | – |
//! | `kafka/` | the wire client, and one file a resource; the canary and samples of records, by librdkafka | – |
//! | `host/` | a machine: commands on it, by SSH or here | – |
//! | `edit/` | files of hosts: parsed, edited, printed; nothing else in them changes | – |
//! | `plan/` | pure: which replicas move where, in which batches, for how long | – |
//! | `snapshot/` | a cluster at one moment, as the planner takes it | kafka, plan |
//! | `inventory/` | files that krun is given: `krun.toml`, `client.properties`, state files, those of Kafka's own tool | kafka, plan, edit |
//! | `sandbox/` | simulated brokers on real sockets, hosts as folders, faults, counters | host, edit |
//! | `report/` | events → terminal, JSON lines | – |
//! | `quantity/` `event` `error` `secret` `suggestion` | the vocabulary: sizes and times, what happens, what goes wrong, what nobody prints, what was meant | each other |
//!
//! Only `script/` and `bind/` name `rhai`, only `report/` and `cli/` print, only `script/diagnostic` and `cli/` name
//! `miette`; `tests/architecture` holds all of this. Policy is Rhai, in `stdlib/`; mechanism is Rust.

pub mod bind;
pub mod cli;
pub mod edit;
pub mod effect;
pub mod embed;
pub mod error;
pub mod event;
pub mod host;
pub mod inventory;
pub mod kafka;
pub mod plan;
pub mod quantity;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod script;
pub mod secret;
pub mod snapshot;
pub mod suggestion;

pub use bind::call::Call;
pub use embed::{Answer, Builder, Heard, Krun, Outcome, Params, Question, Refused, Runs, Stop};
pub use error::{Error, Failure};
pub use run::effects::{Effect, Settled, Undo};
pub use run::question::QuestionKind;
pub use script::engine::rhai;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
