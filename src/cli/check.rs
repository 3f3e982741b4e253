//! `krun check`: mistakes in runbooks, found without running them.

use crate::bind;
use crate::cli::arguments::{Check, Shared};
use crate::cli::{Code, Complaint, Done, screen};
use crate::script::check::Rules;
use crate::script::engine;
use crate::script::runbook::Runbook;

pub(crate) fn check(shared: &Shared, arguments: &Check) -> Done {
    let engine = engine::build(bind::register);
    let mut wrong = false;
    for path in &arguments.runbooks {
        let report =
            Runbook::check_file(path, &engine, &Rules { effects: bind::change::EFFECTS }).map_err(Complaint::usage)?;
        screen::problems(shared, &report);
        if report.has_errors() {
            wrong = true;
        } else if !shared.json {
            screen::line(&format!("{}: no errors", path.display()));
        }
    }
    Ok(if wrong { Code::number(3) } else { Code::DONE })
}
