//! The script API: one file a page of the script reference.

pub mod raised;
