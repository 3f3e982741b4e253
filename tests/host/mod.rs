//! Machines: real commands on this one, and by SSH through a real OpenSSH server on loopback.
//!
//! Where there is no OpenSSH server these tests say so on stderr and count as passed over; with `KRUN_REAL=required` that is a
//! failure.

mod brokers;
mod commands;
mod cuts;
mod facts;
mod files;
mod identities;
mod install;
mod jumps;
mod keys;
mod known_hosts;
mod runs;
mod sshd;
