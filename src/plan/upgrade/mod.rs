//! From one Kafka version to another: what is safe, what is known to break, and what a new version does not take any more. The
//! knowledge is tables; each line says where it is from.
//!
//! ```text
//! path       whether one jump is safe, and over which versions otherwise
//! advisory   releases that one should not run
//! keys       keys of server.properties, and overrides of topics, that a version has given up
//! jars       what comes with Kafka
//! java       which Java runs which Kafka
//! ```

mod advisory;
mod jars;
mod java;
mod keys;
mod path;

pub use advisory::withdrawn;
pub use jars::is_kafkas;
pub use java::{java_major, runs_on};
pub use keys::{removed_keys, topic_overrides};
pub use path::{assess, is_line};

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Somebody has to decide.
    Doubt,
    /// It must not be done.
    Refusal,
}

/// Something that speaks about an upgrade, or against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub weight: Weight,
    /// In the style of Kafka's errors, such as `REMOVED_KEY`.
    pub code: &'static str,
    pub text: String,
    pub hint: String,
}

impl Finding {
    fn new(weight: Weight, code: &'static str, text: String, hint: impl Into<String>) -> Self {
        Self { weight, code, text, hint: hint.into() }
    }
}
