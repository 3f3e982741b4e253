//! The one integration-test binary.

mod crash;
mod kafka;
mod plan;
mod real;
mod report;
mod run;
mod sandbox;
mod script;
mod support;
