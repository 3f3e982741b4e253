//! What can be written behind `krun`.

use crate::cli::docs::Docs;
use crate::cli::load;
use crate::cli::plan::Plan;
use crate::cli::repl::Repl;
use crate::cli::sandbox::Sandbox;
use crate::cli::snapshot::Snapshot;
use crate::cli::status;
use crate::error::Error;
use crate::report::ColourChoice;
use crate::run::question::{Answers, WhatHappened};
use crate::run::store::StateRoot;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Runbooks for Apache Kafka that survive being killed at any instant
#[derive(Debug, Parser)]
#[command(
    name = "krun",
    bin_name = "krun",
    version,
    override_usage = "krun [OPTIONS] <RUNBOOK.rhai | COMMAND>\n       krun [OPTIONS] -e <EXPR>",
    arg_required_else_help = true,
    after_help = "A runbook is run by naming it, and tells its own parameters:  krun runbooks/scaleout.rhai --help"
)]
pub(crate) struct Krun {
    #[command(flatten)]
    pub(crate) shared: Shared,
    /// Ask a cluster one thing and change nothing: `cluster` is the cluster
    #[arg(short = 'e', value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Go on with a run after a crash, a Ctrl-C, or a question left open
    Resume(Resume),
    /// Give a run up: put back what is temporary or half done
    Abort(Abort),
    /// List the runs
    Runs,
    /// Show what a run did
    Show(Show),
    /// Find mistakes in runbooks without running them
    Check(Check),
    /// Tell how a cluster is: brokers, partitions, moves, throttles, and krun's own runs on it
    Status(status::Arguments),
    /// Tell what producers write to a cluster, a topic, a broker
    Load(load::Arguments),
    /// Look at the host of every broker: can krun get in, is it the broker's, what runs there
    Hosts,
    /// Look a function of scripts up
    Docs(Docs),
    /// Ask a cluster line by line, and change it after `:rw`
    Repl(Repl),
    /// Plan the moves that level a cluster, and change nothing
    Plan(Box<Plan>),
    /// Write down a cluster as it is: a state file
    Snapshot(Snapshot),
    /// The built-in cluster
    Sandbox(Sandbox),
    // A runbook is no subcommand that clap knows.
    #[command(external_subcommand)]
    Runbook(Vec<OsString>),
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Shared {
    /// Where runs, locks and the sandbox are kept
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) state: Option<PathBuf>,
    /// Which clusters there are [default: the nearest krun.toml]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The cluster to work on; `sandbox` is always there
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) cluster: Option<String>,
    /// Results as JSON lines on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", global = true)]
    pub(crate) color: Option<Color>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// Answers given beforehand, and what to do while a window is closed.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Answering {
    /// Say yes to every `confirm`; never to a point of no return
    #[arg(long)]
    pub(crate) yes: bool,
    /// Agree to this point of no return
    #[arg(long, value_name = "WHAT")]
    pub(crate) accept: Vec<String>,
    /// Where the window of a runbook is closed, wait until it opens instead of leaving
    #[arg(long)]
    pub(crate) wait: bool,
    /// Say whether a step's unknown effect happened
    #[arg(long, value_name = "STEP=done|redo", value_parser = known)]
    pub(crate) answer: Vec<(String, WhatHappened)>,
}

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The run [default: the one that is open]
    pub(crate) run: Option<String>,
    /// Go on by the runbook as it is now: says what became of each step, and wants `--accept STEP` for a finished one that changed
    #[arg(long)]
    pub(crate) edited: bool,
    #[command(flatten)]
    pub(crate) answering: Answering,
}

#[derive(Debug, Args)]
pub(crate) struct Abort {
    /// The run [default: the one that is open]
    pub(crate) run: Option<String>,
    /// Only say what it would do
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The run [default: the newest]
    pub(crate) run: Option<String>,
    /// Go on until the run ends
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[arg(required = true, value_name = "RUNBOOK")]
    pub(crate) runbooks: Vec<PathBuf>,
}

impl Shared {
    /// Flags can stand before the runbook and behind it: what is nearer to it counts.
    pub(crate) fn with(&self, nearer: Self) -> Self {
        Self {
            state: nearer.state.or_else(|| self.state.clone()),
            config: nearer.config.or_else(|| self.config.clone()),
            cluster: nearer.cluster.or_else(|| self.cluster.clone()),
            json: nearer.json || self.json,
            color: nearer.color.or(self.color),
        }
    }

    pub(crate) fn root(&self) -> Result<StateRoot, super::Complaint> {
        Ok(StateRoot::choose(self.state.as_deref(), |name| std::env::var(name).ok())?)
    }

    /// What the next command about the same run needs as well.
    pub(crate) fn flags(&self, root: &StateRoot) -> String {
        let path = root.path().display().to_string();
        let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@".contains(c));
        match &self.state {
            None => String::new(),
            Some(_) if is_plain => format!("--state {path}"),
            Some(_) => format!("--state '{}'", path.replace('\'', "'\\''")),
        }
    }

    pub(crate) fn colour(&self) -> ColourChoice {
        match self.color {
            Some(Color::Always) => ColourChoice::Always,
            Some(Color::Never) => ColourChoice::Never,
            Some(Color::Auto) | None => ColourChoice::Auto,
        }
    }
}

impl Answering {
    pub(crate) fn answers(self) -> Answers {
        Answers { yes: self.yes, accept: self.accept, known: self.answer, ..Answers::default() }
    }
}

fn known(text: &str) -> Result<(String, WhatHappened), Error> {
    let wrong = || Error::new("ANSWER", format!("`{text}` is no answer: write 'STEP=done' or 'STEP=redo'"));
    let (step, answer) = text.rsplit_once('=').ok_or_else(wrong)?;
    match answer {
        "done" => Ok((step.to_owned(), WhatHappened::Done)),
        "redo" => Ok((step.to_owned(), WhatHappened::Redo)),
        _ => Err(wrong()),
    }
}
