//! What was changed, in order: so that a test can prove "once".

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state-changing requests that were applied, one entry for each partition, topic or config resource in them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// In order.
    pub applied: Vec<Applied>,
    /// How often each text of `applied` occurs, with the API's name before it.
    pub times: BTreeMap<String, u64>,
}

/// One applied change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Kafka's name of the API, such as `IncrementalAlterConfigs`.
    pub api: String,
    /// What it did, such as `topic/orders set retention.ms=1000`.
    pub text: String,
}

impl Counters {
    pub(crate) fn count(&mut self, api: &str, text: String) {
        *self.times.entry(format!("{api} {text}")).or_default() += 1;
        self.applied.push(Applied { api: api.to_owned(), text });
    }
}
