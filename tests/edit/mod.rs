//! Editing files of hosts.

mod properties;
mod properties_of_java;
