//! The wire client against real sockets: brokers that misbehave, and a real one.

mod broker;
mod foreigners;
mod real;
mod routing;
mod unknown;

use krun::kafka::{Client, Deadlines};
use std::time::Duration;

/// Short enough for a test that waits for one to pass.
fn short() -> Deadlines {
    let tenths = |count: u64| Duration::from_millis(100 * count);
    Deadlines { connect: tenths(3), request: tenths(3), call: tenths(20) }
}

async fn client(addresses: &[&str]) -> Client {
    let addresses: Vec<String> = addresses.iter().map(|&address| address.to_owned()).collect();
    Client::connect(&addresses, short()).await.expect("the broker answers")
}
