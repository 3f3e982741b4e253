//! The runs of a state folder, and how each of them stands.

use crate::error::Error;
use crate::report::{Head, RunRow, RunView};
use crate::run::lock;
use crate::run::store::{About, RunFolder, StateRoot};

/// The runs of a state folder, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    pub runs: Vec<RunRow>,
    /// The folders that cannot be read, by name, and why.
    pub unreadable: Vec<(String, Error)>,
}

impl Runs {
    pub(crate) fn of(root: &StateRoot) -> Result<Self, Error> {
        let mut found = Self::default();
        for (run, folder) in root.all()? {
            match folder.and_then(|folder| row(root, &folder)) {
                Ok(row) => found.runs.push(row),
                Err(error) => found.unreadable.push((run, error)),
            }
        }
        Ok(found)
    }
}

fn row(root: &StateRoot, folder: &RunFolder) -> Result<RunRow, Error> {
    let about = folder.about()?;
    let view = RunView::of_journal(&folder.entries()?);
    let alive = lock::is_held_by(root, &about.cluster_id, &about.run);
    Ok(RunRow::new(&head(about), &view, alive))
}

fn head(about: About) -> Head {
    let About { run, runbook, cluster, sandbox, typed, .. } = about;
    Head { run, runbook, cluster, sandbox, typed }
}
