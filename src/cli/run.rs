//! `krun RUNBOOK`: a new run.

use crate::cli::arguments::{Krun, Shared};
use crate::cli::work::{self, Work};
use crate::cli::{Code, Complaint, Done, connect, person, places, runbook_arguments, screen};
use crate::error::Error;
use crate::event::Verb;
use crate::report::RunView;
use crate::run::journal;
use crate::run::stop::Stop;
use crate::run::store::{RunFolder, run_name};
use crate::script::engine::{self, Engine};
use crate::script::runbook::{Runbook, Unloadable};
use crate::suggestion::did_you_mean;
use crate::{bind, script::check::Rules};
use clap::CommandFactory;
use jiff::Timestamp;
use std::ffi::OsString;
use std::path::Path;

pub(crate) fn run(shared: &Shared, words: &[OsString]) -> Done {
    let engine = engine::build(bind::register);
    let path = Path::new(&words[0]);
    let runbook = load(path, &engine, shared)?;
    let Some(given) = runbook_arguments::read(&runbook, words)? else { return Ok(Code::DONE) };
    let shared = shared.with(given.shared);
    let root = shared.root()?;
    let chosen = connect::choose(&shared, &root, Some(path))?;

    let runtime = connect::runtime()?;
    let stop = Stop::default();
    let client = connect::connect(&runtime, &chosen.settings)?;

    let mut about = RunFolder::new_about(run_name(path, Timestamp::now()), words[0].to_string_lossy().into_owned());
    client.cluster_id().clone_into(&mut about.cluster_id);
    about.sandbox = chosen.sandbox;
    about.entry = connect::entry_to_note(&chosen.settings);
    about.hosts = places::to_note(&places::of(&chosen, &root, &client, &runtime)?);
    about.cluster = chosen.name;
    about.bootstrap_servers = chosen.settings.bootstrap_servers;
    about.params = given.params;
    about.sources = runbook.sources().iter().map(|(name, _)| name.clone()).collect();
    let sources: Vec<(String, String)> = runbook.sources().iter().map(|(n, text)| (n.clone(), text.clone())).collect();
    let folder = root.create(&about, &sources)?;

    let wait = given.answering.wait;
    let mut answers = given.answering.answers();
    answers.confirm_first_change = chosen.defaulted && !chosen.sandbox;
    answers.person = person::at_the_terminal(stop.clone(), about.sandbox);
    let work = Work {
        shared: &shared,
        root,
        folder: folder.clone(),
        about,
        verb: Verb::Run,
        answers,
        client,
        runtime,
        stop,
        known: RunView::default(),
        edited: None,
        wait,
    };
    let done = work::run_script(work, engine, &runbook);
    if matches!(done, Err(Complaint::Blocked(_))) && !folder.path().join(journal::FILE).exists() {
        // Nothing was recorded: such a run never was.
        let _ = std::fs::remove_dir_all(folder.path());
    }
    done
}

fn load(path: &Path, engine: &Engine, shared: &Shared) -> Result<Runbook, Complaint> {
    if path.extension().is_none_or(|extension| extension != "rhai") && !path.is_file() {
        let text = format!("`{}` is neither a command nor a runbook", path.display());
        let command = Krun::command();
        let known = command.get_subcommands().map(clap::Command::get_name);
        let meant = did_you_mean(&path.to_string_lossy(), known).map(|meant| format!("{meant} "));
        let hint = format!("{}`krun --help` lists the commands; a runbook ends in .rhai", meant.unwrap_or_default());
        return Err(Complaint::usage(Error::new("NO_SUCH_RUNBOOK", text).hint(hint)));
    }
    let runbook = Runbook::load(path, engine).map_err(|unloadable| match unloadable {
        Unloadable::Unreadable(error) => Complaint::usage(error),
        Unloadable::Broken(report) => Complaint::Unchecked(report),
    })?;
    let report = runbook.check(engine, &Rules { effects: bind::change::EFFECTS });
    if report.has_errors() {
        return Err(Complaint::Unchecked(Box::new(report)));
    }
    if !report.problems.is_empty() {
        screen::problems(shared, &report);
    }
    Ok(runbook)
}
