//! `move.json` and `rollback.json`: the plan and the way back, for Kafka's own tool.

use super::Plan;
use crate::cli::written_file::{Draft, Existing, exists};
use crate::cli::{Complaint, screen};
use crate::error::Error;
use crate::plan as planner;
use std::path::PathBuf;

impl Plan {
    /// Writes the files that were asked for: all of them, or none.
    pub(super) fn write(&self, plan: &planner::Plan) -> Result<(), Complaint> {
        let (there, back) = self.targets();
        if plan.is_empty() {
            // Kafka's tool refuses an empty plan, so it is no file.
            for path in there.iter().chain(&back).filter(|path| path.exists()) {
                screen::note(&format!("nothing is written; {} is of another plan", path.display()));
            }
            return Ok(());
        }
        if let Some(folder) = &self.write {
            std::fs::create_dir_all(folder).map_err(|error| {
                let text = format!("the folder {} cannot be made: {error}", folder.display());
                Complaint::usage(Error::new("FILE_NOT_WRITTEN", text).hint("name another folder"))
            })?;
        }
        let mut drafts = Vec::new();
        if let Some(path) = &there {
            drafts.push(Draft::write(path, &|out| plan.write_kafka_json(out)).map_err(Complaint::usage)?);
        }
        if let Some(path) = &back {
            drafts.push(Draft::write(path, &|out| plan.write_rollback_json(out)).map_err(Complaint::usage)?);
        }
        for draft in drafts.iter().filter(|_| !self.force) {
            if draft.differs()? {
                return Err(Complaint::usage(exists(draft.target())));
            }
        }
        for draft in drafts {
            draft.keep(if self.force { Existing::Replace } else { Existing::Keep })?;
        }
        for path in there.iter().chain(&back) {
            screen::note(&format!("wrote {}", path.display()));
        }
        Ok(())
    }

    fn targets(&self) -> (Option<PathBuf>, Option<PathBuf>) {
        match &self.write {
            Some(folder) => (Some(folder.join("move.json")), Some(folder.join("rollback.json"))),
            None => (self.move_file.clone(), self.rollback.clone()),
        }
    }
}
