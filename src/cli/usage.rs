//! What clap says about arguments that it cannot read, in krun's own shape.

use crate::cli::arguments::{Krun, Shared};
use crate::cli::{Complaint, screen};
use crate::error::Error;
use clap::CommandFactory;
use clap::error::ErrorKind;
use std::ffi::OsString;
use std::process::ExitCode;

/// Shows help and version as results, and anything else as an error.
pub(super) fn tell(shared: &Shared, error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        screen::result(&error.render().to_string());
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !shared.json {
        screen::text(&error.render().to_string());
        return ExitCode::from(2);
    }
    complaint(error).tell(shared)
}

pub(super) fn complaint(error: &clap::Error) -> Complaint {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "neither a runbook nor a command is named".to_owned(),
        _ => one_row(paragraphs.next().unwrap_or_default().trim_start_matches("error: ")),
    };
    let tips = text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: "));
    let usage = text.lines().find(|line| line.starts_with("Usage: ")).map(|line| line.replacen("Usage", "usage", 1));
    // A word processor makes one dash of two hyphens.
    let dash = message.contains(['–', '—']).then(|| "write `--`, two plain hyphens, before a flag".to_owned());
    let hints: Vec<String> = dash.into_iter().chain(tips.map(str::to_owned)).chain(usage).collect();
    Complaint::usage(Error::new("USAGE", message).hint(hints.join("; ")))
}

/// Where not exactly one of a runbook, a command and `-e` is given.
pub(super) fn one_of_both(expression: bool) -> Complaint {
    let message = if expression {
        "-e is given, and a runbook or a command too: one thing at a time"
    } else {
        "neither a runbook nor a command is named"
    };
    let usage = Krun::command().render_usage().to_string().replacen("Usage", "usage", 1);
    Complaint::usage(Error::new("USAGE", message).hint(usage.lines().map(str::trim).collect::<Vec<_>>().join(" or ")))
}

/// Whether the command is one whose JSON on stdout is a file for another program: what goes wrong is no part of it.
pub(super) fn names_a_writer_of_json(words: impl Iterator<Item = OsString>) -> bool {
    let command = Krun::command();
    let is_command = |word: &OsString| command.get_subcommands().any(|known| known.get_name() == word);
    words.skip(1).find(is_command).is_some_and(|word| word == "plan" || word == "snapshot")
}

fn one_row(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
