//! The one integration-test binary.

mod architecture;
mod kafka;
mod plan;
mod readme;
mod real;
mod report;
mod script;
