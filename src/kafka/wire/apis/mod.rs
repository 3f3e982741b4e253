//! The requests that krun sends: their names, the oldest version it speaks, and the layout of their replies.
//!
//! A request cannot be sent without a row here. The layouts are Kafka's message schemas as of 4.1; a test holds them
//! against the codec, version by version.

mod acls;
mod cluster;
mod configs;
mod groups;
mod replicas;
mod sasl;
mod topics;

use super::guard::Shape;
use kafka_protocol::protocol::{Message, Request};

pub(crate) use topics::MAX_TIMESTAMP;

pub(crate) trait Api: Request {
    const NAME: &'static str;
    /// The oldest version that does what krun needs.
    const OLDEST: i16 = <Self as Message>::VERSIONS.min;
    const NEWEST: i16 = <Self as Message>::VERSIONS.max;
    /// The first Kafka release whose brokers offer `OLDEST`.
    const SINCE: &'static str;
    /// What else a cluster must be to offer it, as the end of a sentence.
    const ONLY: &'static str = "";
    const REPLY: Shape;

    /// The oldest version that can express this very request, and the first Kafka release that offers it.
    fn needs(&self) -> (i16, &'static str) {
        (Self::OLDEST, Self::SINCE)
    }
}
