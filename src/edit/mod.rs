//! Editing files of hosts: nothing changes in them but what was asked for.
//!
//! ```text
//! properties   Java's `.properties`: `server.properties` and its like
//! lines        any text, line by line: environment files, units, shell profiles
//! json         JSON, by pointers such as `/settings/0/name`
//! ```

pub mod json;
pub mod lines;
pub mod properties;
