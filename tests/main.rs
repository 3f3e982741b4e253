//! The one integration-test binary.

mod crash;
mod kafka;
mod plan;
mod real;
mod report;
mod run;
mod script;
mod sandbox;
mod support;
