//! The one integration-test binary.
mod report;

mod kafka;
mod script;

mod real;
mod plan;
