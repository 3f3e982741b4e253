//! Editing files of hosts.

mod json;
mod lines;
mod properties;
mod properties_of_java;
