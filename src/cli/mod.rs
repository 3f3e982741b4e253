//! The command line: one file a command.

pub mod sandbox;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "krun", version)]
struct Krun {
    /// Where state is kept
    #[arg(long, value_name = "DIR", global = true)]
    state: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Sandbox(sandbox::Sandbox),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let Krun { state, command: Command::Sandbox(sandbox) } = Krun::parse();
    sandbox.run(&state.unwrap_or_else(|| PathBuf::from(".krun")))
}
