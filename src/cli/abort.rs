//! `krun abort`: gives a run up.

use crate::cli::arguments::{Abort, Shared};
use crate::cli::work::{self, Work};
use crate::cli::{Code, Done, connect, places, resume, screen};
use crate::effect::{self, connection::Connection};
use crate::event::Verb;
use crate::report::RunView;
use crate::run::abort::plan;
use crate::run::history::History;
use crate::run::question::Answers;
use crate::run::stop::Stop;
use serde_json::json;

pub(crate) fn abort(shared: &Shared, arguments: &Abort) -> Done {
    let root = shared.root()?;
    let folder = resume::pick(&root, arguments.run.as_deref())?;
    let about = folder.about()?;
    let entries = folder.entries()?;
    let history = History::of(&entries);
    resume::refuse_what_is_over(&about, &history)?;
    let runtime = connect::runtime()?;
    let stop = Stop::default();
    let client = connect::again(&runtime, &connect::cluster_of(&about, &root)?, &history)?;
    if arguments.plan {
        let effects =
            effect::on(&Connection::new(client, places::noted(&about, &root, &stop)?, runtime.handle().clone(), stop));
        let lines = plan(&history, &effects);
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
    let (answers, known) = (Answers::default(), RunView::of_journal(&entries));
    let (verb, wait, edited) = (Verb::Abort, false, None);
    work::abort(Work { shared, root, folder, about, verb, answers, client, runtime, stop, known, edited, wait })
}
