//! The one integration-test binary.

mod flow;
mod kafka;
mod plan;
mod real;
mod report;
mod run;
mod sandbox;
mod script;
