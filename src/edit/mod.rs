//! Editing files of hosts: nothing changes in them but what was asked for.
//!
//! ```text
//! properties   Java's `.properties`: `server.properties` and its like
//! ```

pub mod properties;
