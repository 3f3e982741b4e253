//! The command line: one file a command.

mod abort;
mod arguments;
mod check;
mod complaint;
mod connect;
mod person;
mod resume;
mod run;
mod runbook_arguments;
mod runs;
mod sandbox;
mod screen;
mod show;
mod signals;
mod work;

use arguments::{Command, Krun};
use clap::Parser;
use complaint::Complaint;
use std::process::ExitCode;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let krun = match Krun::try_parse() {
        Ok(krun) => krun,
        // clap prints help and version as results, and ends with 2 for what it cannot read.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let shared = krun.shared;
    let done = match krun.command {
        Command::Resume(arguments) => resume::resume(&shared, &arguments),
        Command::Abort(arguments) => abort::abort(&shared, &arguments),
        Command::Runs => runs::runs(&shared),
        Command::Show(arguments) => show::show(&shared, &arguments),
        Command::Check(arguments) => check::check(&shared, &arguments),
        Command::Sandbox(arguments) => shared.root().map(|root| Code::of(arguments.run(root.path()))),
        Command::Runbook(words) => run::run(&shared, &words),
    };
    match done {
        Ok(code) => code.0,
        Err(complaint) => complaint.tell(&shared),
    }
}

/// How a command ended.
struct Code(ExitCode);

impl Code {
    const DONE: Self = Self(ExitCode::SUCCESS);

    fn of(code: ExitCode) -> Self {
        Self(code)
    }

    fn number(number: u8) -> Self {
        Self(ExitCode::from(number))
    }
}

type Done = Result<Code, Complaint>;
