//! `krun runs`: all runs, and what they left in place.

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, screen};
use crate::error::Error;
use crate::report::{Head, RunRow, RunView, runs_table};
use crate::run::lock;
use crate::run::store::{RunFolder, StateRoot};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

pub(crate) fn runs(shared: &Shared) -> Done {
    let root = shared.root()?;
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    for (run, folder) in root.all()? {
        match folder.and_then(|folder| row(&root, &folder)) {
            Ok(row) => rows.push(row),
            Err(error) => unreadable.push((run, error)),
        }
    }
    if shared.json {
        for row in &rows {
            screen::json_line(&serde_json::to_value(row).unwrap_or_default());
        }
        for (run, error) in &unreadable {
            screen::json_line(&json!({ "run": run, "unreadable": error.message }));
        }
        return Ok(Code::DONE);
    }
    let columns = screen::columns(shared);
    for line in runs_table(&rows, Timestamp::now(), &TimeZone::system(), columns) {
        screen::line(&line);
    }
    for (run, error) in &unreadable {
        screen::note(&format!("{run} cannot be read: {}", error.message));
    }
    Ok(Code::DONE)
}

fn row(root: &StateRoot, folder: &RunFolder) -> Result<RunRow, Error> {
    let about = folder.about()?;
    let view = RunView::of_journal(&folder.entries()?);
    let alive = lock::is_held_by(root, &about.cluster_id, &about.run);
    Ok(RunRow::new(&head(about), &view, alive))
}

pub(super) fn head(about: crate::run::store::About) -> Head {
    let crate::run::store::About { run, runbook, cluster, sandbox, typed, .. } = about;
    Head { run, runbook, cluster, sandbox, typed }
}
