//! How long a plan takes beside the least that the bandwidth allows.

use serde::Serialize;

/// Time ÷ bound of the fluid model.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Schedule {
    pub(crate) across_topics: f64,
    pub(crate) one_topic: f64,
}
