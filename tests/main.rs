//! The one integration-test binary.

mod cli;
mod kafka;
mod plan;
mod real;
mod report;
mod script;
