//! The one integration-test binary.

mod cli;
mod crash;
mod flow;
mod kafka;
mod plan;
mod real;
mod report;
mod run;
mod sandbox;
mod script;
mod support;
