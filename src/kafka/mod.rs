//! Kafka: the wire client, and one file a resource.
//!
//! ```text
//! cluster features quorum · topics records offsets configs acls      what a request means
//! reassignments leaders log_dirs load · coordinators groups committed
//!        └─ wire: answer                                             Kafka's error codes as data
//!                 client → router → connection → transport           who gets it, when again, bytes
//!                 security → access: tls, sasl                       who krun is, and who the broker is
//!                              └─ reply → guard (apis)               no reply reaches the codec unchecked
//! canary samples → librdkafka                                     records, by a client that is not ours
//! ```
//!
//! Reads repeat on passing faults. A change repeats only if it was never sent, or was answered with an error that says it
//! was not applied; what was sent and not answered is [`Failure::Unknown`](crate::error::Failure::Unknown).

mod acl_words;
pub mod acls;
pub mod canary;
pub mod cluster;
pub mod committed;
mod config_changes;
pub mod configs;
pub mod coordinators;
pub mod features;
mod group_members;
pub mod groups;
pub mod leaders;
mod librdkafka;
pub mod load;
pub mod log_dirs;
pub mod offsets;
mod partitions;
pub mod quorum;
pub mod reassignments;
pub mod records;
pub mod releases;
pub mod samples;
pub mod security;
pub mod throttles;
mod topic_changes;
pub mod topics;
mod wire;

pub use partitions::PartitionResult;
pub use wire::client::Client;
pub use wire::deadlines::Deadlines;
pub use wire::retry::NOT_LISTED;
