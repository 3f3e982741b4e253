//! Errors on their way through a script.

pub use crate::run::trouble::Raised;
