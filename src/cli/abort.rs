//! `krun abort`: gives a run up.

use crate::cli::arguments::{Abort, Shared};
use crate::cli::{Code, Done, screen, watching};
use crate::embed::extensions::Extensions;
use crate::embed::known::Known;
use crate::event::Verb;
use crate::report::RunView;
use crate::run::history::History;
use crate::run::stop::Stop;
use serde_json::json;

pub(crate) fn abort(shared: &Shared, arguments: &Abort) -> Done {
    let known = Known::find(shared.root()?, arguments.run.as_deref())?;
    let entries = known.entries.clone();
    let mut work = known.work(Verb::Abort, Extensions::default(), Stop::default(), &screen::note)?;
    if arguments.plan {
        let lines = work.abort_plan(&History::of(&entries))?;
        if lines.is_empty() && !shared.json {
            screen::line("nothing of this run is in place: there is nothing to put back");
        }
        for line in lines {
            if shared.json {
                screen::json_line(&json!({ "kind": "abort_plan", "text": line }));
            } else {
                screen::line(&line);
            }
        }
        return Ok(Code::DONE);
    }
    work.kill_at = watching::kill_at(work.about.sandbox);
    watching::abort(work, shared, RunView::of_journal(&entries))
}
