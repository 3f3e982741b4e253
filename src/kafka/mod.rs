//! Kafka: the wire client, and one file a resource.
//!
//! ```text
//! topics configs reassignments leaders log_dirs offsets cluster      what a request means
//!        └─ wire: answer                                             Kafka's error codes as data
//!                 client → router → connection → transport           who gets it, when again, bytes
//!                 security → access: tls, sasl                       who krun is, and who the broker is
//!                              └─ reply → guard (apis)               no reply reaches the codec unchecked
//! ```
//!
//! Reads repeat on passing faults. A change repeats only if it was never sent, or was answered with an error that says it
//! was not applied; what was sent and not answered is [`Failure::Unknown`](crate::error::Failure::Unknown).

pub mod cluster;
pub mod configs;
pub mod leaders;
pub mod log_dirs;
pub mod offsets;
mod partitions;
pub mod reassignments;
pub mod releases;
pub mod security;
pub mod topics;
mod wire;

pub use partitions::PartitionResult;
pub use wire::client::Client;
pub use wire::deadlines::Deadlines;
pub use wire::retry::NOT_LISTED;
