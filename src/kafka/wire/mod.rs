//! The wire: from a request to its decoded answer. Nothing here knows what a topic is.

pub(super) mod access;
pub(super) mod acl;
pub(super) mod address;
pub(super) mod answer;
pub(super) mod apis;
mod certificate;
pub(super) mod client;
pub(super) mod connection;
pub(super) mod deadlines;
pub(super) mod fault;
pub(super) mod guard;
#[cfg(test)]
mod hostile_frames;
mod listener;
pub(super) mod reply;
pub(super) mod retry;
pub(super) mod router;
pub(super) mod routes;
mod sasl;
mod scram;
mod stream;
pub(super) mod tls;
mod tls_fault;
pub(super) mod token;
pub(super) mod transport;
pub(super) mod versions;
