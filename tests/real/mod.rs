//! Real Kafka clusters for the tests: nodes as child processes on loopback, and Kafka's own tools as a second opinion.
//!
//! It needs Java and, the first time, Maven. Where they are missing these tests say so on stderr and count as passed
//! over; with `KRUN_REAL=required` that is a failure.

mod broker;
mod cluster;
mod cost;
mod disk;
mod hosts;
mod hurt;
mod jvm;
mod node;
mod partition;
mod properties;
mod proxy;
mod reaper;
mod records;
mod tool_output;
mod tools;

mod changes;
mod chaos;
mod diet;
mod faults;
mod files;
mod krun;
mod lab;
mod on_sandbox;
mod oracle;
mod scaleout;
mod secured;
mod seen;
mod sessions;

use crate::support::{jars, pass_over};
use std::io::Write;

/// The installed Kafka, or `None` after saying why there is no real cluster here.
pub(crate) fn kafka() -> Option<jars::Kafka> {
    kafka_version(jars::VERSION)
}

/// The same of another release; the tools are always those of [`jars::VERSION`].
fn kafka_version(version: &str) -> Option<jars::Kafka> {
    match jars::Kafka::resolve().and_then(|_| jars::Kafka::resolve_version(version)) {
        Ok(kafka) => Some(kafka),
        Err(reason) => {
            pass_over(&format!("NO REAL KAFKA HERE: {reason}"));
            None
        }
    }
}

/// One message to the real stderr: the test harness swallows what a passing test prints by macro.
fn say(text: &str) {
    // Nobody is left to be told that stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "real cluster: {text}");
}
