//! `krun runs`: all runs, and what they left in place.

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, screen};
use crate::embed::listing::Runs;
use crate::report::runs_table;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

pub(crate) fn runs(shared: &Shared) -> Done {
    let Runs { runs, unreadable } = Runs::of(&shared.root()?)?;
    if shared.json {
        for row in &runs {
            screen::json_line(&serde_json::to_value(row).unwrap_or_default());
        }
        for (run, error) in &unreadable {
            screen::json_line(&json!({ "run": run, "unreadable": error.message }));
        }
        return Ok(Code::DONE);
    }
    let columns = screen::columns(shared);
    for line in runs_table(&runs, Timestamp::now(), &TimeZone::system(), columns) {
        screen::line(&line);
    }
    for (run, error) in &unreadable {
        screen::note(&format!("{run} cannot be read: {}", error.message));
    }
    Ok(Code::DONE)
}
