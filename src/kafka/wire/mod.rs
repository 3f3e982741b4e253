//! The wire: from a request to its decoded answer. Nothing here knows what a topic is.

pub(super) mod address;
pub(super) mod answer;
pub(super) mod apis;
pub(super) mod client;
pub(super) mod connection;
pub(super) mod deadlines;
pub(super) mod fault;
pub(super) mod guard;
#[cfg(test)]
mod hostile_frames;
pub(super) mod reply;
pub(super) mod retry;
pub(super) mod router;
pub(super) mod routes;
pub(super) mod transport;
pub(super) mod versions;
