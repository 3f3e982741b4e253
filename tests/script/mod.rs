//! Loading, checking and diagnosing runbooks.

mod golden;
mod host;
mod loading;
mod params;
mod soup;
