//! `krun plan`: the moves that a cluster or a state file needs, with their certificate; or what a plan of somebody else's
//! costs. It changes nothing.

mod files;
mod options;
mod source;
mod times;
mod told;

pub(crate) use options::Plan;

use crate::cli::arguments::Shared;
use crate::cli::{Code, Complaint, Done, malformed, screen};
use crate::error::Error;
use crate::inventory::{file_text, reassignment_file, topics_file};
use crate::plan::{self as planner, State};
use source::Source;
use std::path::Path;

impl Plan {
    pub(crate) fn run(self, shared: &Shared) -> Done {
        self.check().map_err(Complaint::usage)?;
        let source = Source::read(shared)?;
        for gap in &source.gaps {
            screen::note(&gap.text());
        }
        let title = source.title();
        let mut given = None;
        let plan = if let Some(file) = &self.reassignment_json_file {
            let text = file_text::of_file(file).map_err(malformed::complaint)?;
            let name = file.display().to_string();
            let found = reassignment_file::read(&name, text, &source.state).map_err(malformed::complaint)?;
            given = Some((name, found.named));
            planner::judge(&source.state, found.moves)
        } else {
            let mut scope = self.scope();
            if let Some(file) = &self.topics_to_move_json_file {
                scope.topics = Some(topics_of(file, &source.state)?);
            }
            planner::plan(&source.state, &scope)
        };
        let plan = plan.map_err(Complaint::usage)?;
        let told = told::Told {
            title: &title,
            sandbox: source.sandbox,
            given: given.as_ref().map(|(name, named)| (name.as_str(), *named)),
            plan: &plan,
            pace: self.pace(),
            full: self.full,
        };
        drop(source.state);
        if shared.json {
            screen::text(&told.summary());
            screen::stream(|out| plan.write_kafka_json(out))?;
        } else {
            screen::result(&told.screen(usize::from(screen::columns(shared))));
        }
        self.write(&plan)?;
        Ok(Code::DONE)
    }
}

fn topics_of(file: &Path, state: &State) -> Result<Vec<String>, Complaint> {
    let text = file_text::of_file(file).map_err(malformed::complaint)?;
    topics_file::read(&file.display().to_string(), text, state).map_err(malformed::complaint)
}

/// Two ways to say where the cluster is.
fn both(file: &Path) -> Error {
    let text = format!("both --cluster and the state file {} are given", file.display());
    Error::new("USAGE", text).hint("plan for the cluster as it is, or for the one in the file: give one of the two")
}
