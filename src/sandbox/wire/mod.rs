//! The Kafka protocol on real sockets: frames, versions, and what must be checked before anything is decoded.

pub(crate) mod call;
mod connection;
mod frame;
pub(crate) mod listeners;
mod shape;
mod shapes;
pub(crate) mod versions;
