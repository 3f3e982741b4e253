//! The arguments behind a runbook: its own parameters, and the flags of every run.

use crate::cli::arguments::{Answering, Shared};
use crate::cli::{Complaint, screen, usage};
use crate::embed::refused::Refused;
use crate::error::Error;
use crate::script::kinds::Kind;
use crate::script::params::Declared;
use crate::script::runbook::Runbook;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;

pub(crate) struct Given {
    pub(crate) shared: Shared,
    pub(crate) answering: Answering,
    pub(crate) params: BTreeMap<String, Value>,
}

/// Reads the words behind a runbook. `Ok(None)`: help was asked for, and shown.
pub(crate) fn read(runbook: &Runbook, words: &[OsString]) -> Result<Option<Given>, Complaint> {
    let command = command(runbook, &words[0].to_string_lossy())?;
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            screen::result(&error.render().to_string());
            return Ok(None);
        }
        Err(error) => return Err(usage::complaint(&error)),
    };
    let shared = Shared::from_arg_matches(&matches).map_err(|error| usage::complaint(&error))?;
    let answering = Answering::from_arg_matches(&matches).map_err(|error| usage::complaint(&error))?;
    let params = runbook.params().resolve(&given(runbook, &matches)).map_err(Refused::from)?;
    Ok(Some(Given { shared, answering, params }))
}

fn command(runbook: &Runbook, name: &str) -> Result<Command, Complaint> {
    let flags = |command| Answering::augment_args(Shared::augment_args(command));
    let of_krun = flags(Command::new("krun"));
    let taken: Vec<&str> = of_krun.get_arguments().filter_map(Arg::get_long).chain(["help"]).collect();
    let mut command = Command::new("krun")
        .bin_name(format!("krun {name}"))
        .next_help_heading("Parameters of this runbook")
        .disable_version_flag(true)
        .disable_help_flag(true);
    for param in runbook.params().declared() {
        let flag = param.flag().trim_start_matches('-').to_owned();
        if taken.contains(&flag.as_str()) {
            let text = format!("the parameter `{}` has the name of a flag of krun itself", param.name);
            return Err(Complaint::usage(Error::new("PARAMETER_NAME", text).hint("give it another name in PARAMS")));
        }
        command = command.arg(argument(param, flag));
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Show this");
    // The flags bring a text of their own, which is not that of the runbook.
    Ok(flags(command.next_help_heading("Flags of every run")).arg(help).about(flowing(&runbook.doc())))
}

/// A text whose paragraphs were broken into rows by hand: the terminal breaks them where it must.
fn flowing(text: &str) -> String {
    let is_prose = |paragraph: &str| paragraph.lines().all(|line| line.starts_with(char::is_alphanumeric));
    let paragraphs = text
        .trim()
        .split("\n\n")
        .map(|paragraph| if is_prose(paragraph) { paragraph.replace('\n', " ") } else { paragraph.to_owned() });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn argument(param: &Declared, flag: String) -> Arg {
    let mut help = param.help.clone();
    if !param.choices.is_empty() {
        help.push_str(&format!(": {}", param.choices.join(", ")));
    }
    if let Some(value) = &param.default {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        help.push_str(&format!(" [default: {value}]"));
    } else if param.is_required() {
        help.push_str(" (required)");
    }
    let argument = Arg::new(format!("param:{}", param.name)).long(flag).value_name(param.value_name()).help(help);
    // `--flag` alone means true.
    if param.kind == Kind::Bool { argument.num_args(0..=1).default_missing_value("true") } else { argument.num_args(1) }
}

fn given(runbook: &Runbook, matches: &ArgMatches) -> BTreeMap<String, String> {
    let names = runbook.params().declared().iter().map(|param| param.name.clone());
    names
        .filter_map(|name| {
            let value = matches.get_one::<String>(&format!("param:{name}"))?;
            Some((name, value.clone()))
        })
        .collect()
}
