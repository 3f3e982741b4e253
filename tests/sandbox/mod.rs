//! The sandbox as a process, over real sockets: by a small client of the tests' own, and by librdkafka.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod client;
mod data;
mod disks;
mod faults;
mod groups;
mod guises;
mod hosts;
mod life;
mod moves;
mod pauses;
mod protocol;
mod records;
mod retention;
pub(crate) mod running;
mod stale;
mod streams;
mod twins;
