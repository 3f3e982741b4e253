//! The language as the real binary speaks it: one small runbook for each rule, run, killed, resumed on a sandbox.

mod api;
mod bench;
mod bounced;
mod cases;
mod check;
mod diagnostics;
mod script_line;
mod transcript;
