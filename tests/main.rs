//! The one integration-test binary.
mod script;
