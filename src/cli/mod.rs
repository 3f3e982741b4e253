//! The command line: one file a command.

mod abort;
mod arguments;
mod check;
mod complaint;
mod connect;
mod docs;
mod edited;
mod eval;
mod hosts;
mod load;
mod malformed;
mod person;
mod plan;
mod repl;
mod resume;
mod run;
mod runbook_arguments;
mod runs;
mod sandbox;
mod screen;
mod show;
mod signals;
mod snapshot;
mod status;
mod twin;
mod usage;
mod watching;
mod written_file;

use arguments::{Command, Krun, Shared};
use clap::Parser;
use complaint::Complaint;
use std::process::ExitCode;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    // Also where the arguments cannot be read, or only those behind the runbook have it.
    let json = std::env::args_os().any(|word| word == "--json");
    let told_as_json = json && !usage::names_a_writer_of_json(std::env::args_os());
    let krun = match Krun::try_parse() {
        Ok(krun) => krun,
        Err(error) => return usage::tell(&Shared { json: told_as_json, ..Shared::default() }, &error),
    };
    let shared = Shared { json, ..krun.shared };
    let command = match (krun.expression, krun.command) {
        (None, Some(command)) => command,
        (Some(expression), None) => return end(eval::eval(&shared, &expression), &shared, told_as_json),
        (expression, _) => return usage::one_of_both(expression.is_some()).tell(&shared),
    };
    let done = match command {
        Command::Resume(arguments) => resume::resume(&shared, &arguments),
        Command::Abort(arguments) => abort::abort(&shared, &arguments),
        Command::Runs => runs::runs(&shared),
        Command::Show(arguments) => show::show(&shared, &arguments),
        Command::Check(arguments) => check::check(&shared, &arguments),
        Command::Docs(arguments) => docs::docs(&shared, &arguments),
        Command::Hosts => hosts::hosts(&shared),
        Command::Load(arguments) => load::load(&shared, &arguments),
        Command::Status(arguments) => status::status(&shared, &arguments),
        Command::Repl(arguments) => arguments.run(&shared),
        Command::Plan(arguments) => arguments.run(&shared),
        Command::Snapshot(arguments) => arguments.run(&shared),
        Command::Sandbox(arguments) => arguments.run(&shared),
        Command::Runbook(words) => run::run(&shared, &words),
    };
    end(done, &shared, told_as_json)
}

fn end(done: Done, shared: &Shared, told_as_json: bool) -> ExitCode {
    match done {
        Ok(code) => code.0,
        Err(complaint) => complaint.tell(&Shared { json: told_as_json, ..shared.clone() }),
    }
}

/// How a command ended.
struct Code(ExitCode);

impl Code {
    const DONE: Self = Self(ExitCode::SUCCESS);

    fn number(number: u8) -> Self {
        Self(ExitCode::from(number))
    }
}

type Done = Result<Code, Complaint>;
