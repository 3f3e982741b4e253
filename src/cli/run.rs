//! `krun RUNBOOK`: a new run.

use crate::cli::arguments::{Krun, Shared};
use crate::cli::{Code, Complaint, Done, connect, person, runbook_arguments, screen, watching};
use crate::embed::beginning::Beginning;
use crate::embed::extensions::Extensions;
use crate::error::Error;
use crate::report::RunView;
use crate::run::question::Answers;
use crate::run::stop::Stop;
use crate::script::engine::Engine;
use crate::script::runbook::Runbook;
use crate::suggestion::did_you_mean;
use clap::CommandFactory;
use std::ffi::OsString;
use std::path::Path;

pub(crate) fn run(shared: &Shared, words: &[OsString]) -> Done {
    let extensions = Extensions::default();
    let engine = extensions.engine();
    let path = Path::new(&words[0]);
    let runbook = load(path, &engine, &extensions, shared)?;
    let Some(given) = runbook_arguments::read(&runbook, words)? else { return Ok(Code::DONE) };
    let shared = shared.with(given.shared);
    let root = shared.root()?;
    let chosen = connect::choose(&shared, &root, Some(path))?;
    let beginning = Beginning { root, chosen, path, runbook: &runbook, params: given.params, extensions };
    let stop = Stop::default();
    let mut work = beginning.work(stop.clone(), &screen::note)?;
    work.wait = given.answering.wait;
    let confirm_first_change = work.answers.confirm_first_change;
    let person = person::at_the_terminal(stop, work.about.sandbox);
    work.answers = Answers { confirm_first_change, person, ..given.answering.answers() };
    work.kill_at = watching::kill_at(work.about.sandbox);
    watching::play(work, &shared, RunView::default(), engine, &runbook)
}

fn load(path: &Path, engine: &Engine, extensions: &Extensions, shared: &Shared) -> Result<Runbook, Complaint> {
    if path.extension().is_none_or(|extension| extension != "rhai") && !path.is_file() {
        let text = format!("`{}` is neither a command nor a runbook", path.display());
        let command = Krun::command();
        let known = command.get_subcommands().map(clap::Command::get_name);
        let meant = did_you_mean(&path.to_string_lossy(), known).map(|meant| format!("{meant} "));
        let hint = format!("{}`krun --help` lists the commands; a runbook ends in .rhai", meant.unwrap_or_default());
        return Err(Complaint::usage(Error::new("NO_SUCH_RUNBOOK", text).hint(hint)));
    }
    let runbook = Runbook::load(path, engine)?;
    let report = extensions.check(|rules| runbook.check(engine, rules));
    if report.has_errors() {
        return Err(Complaint::Unchecked(Box::new(report)));
    }
    if !report.problems.is_empty() {
        screen::problems(shared, &report);
    }
    Ok(runbook)
}
