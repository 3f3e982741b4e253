//! The one integration-test binary.

mod architecture;
mod cli;
mod crash;
mod edit;
mod embed;
mod flow;
mod host;
mod inventory;
mod kafka;
mod plan;
mod readme;
mod real;
mod report;
mod run;
mod sandbox;
mod script;
mod support;
