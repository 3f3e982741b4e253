//! The wire client against real sockets: brokers that misbehave, and a real one.

mod admin;
mod broker;
pub(crate) mod facts;
mod foreigners;
pub(crate) mod real;
mod routing;
mod security;
mod unknown;

use krun::kafka::{Client, Deadlines};
use std::time::Duration;

/// Short enough for a test that waits for one to pass, long enough for a busy machine.
fn short() -> Deadlines {
    let seconds = Duration::from_secs;
    Deadlines { connect: seconds(1), request: seconds(1), call: seconds(4) }
}

async fn client(addresses: &[&str]) -> Client {
    let addresses: Vec<String> = addresses.iter().map(|&address| address.to_owned()).collect();
    Client::connect(&addresses, short()).await.expect("the broker answers")
}
