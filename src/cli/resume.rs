//! `krun resume`: goes on with a run, from its stored sources.

use crate::cli::arguments::{Resume, Shared};
use crate::cli::{Done, edited, person, screen, watching};
use crate::embed::extensions::Extensions;
use crate::embed::known::Known;
use crate::event::Verb;
use crate::report::RunView;
use crate::run::stop::Stop;
use crate::run::store::About;

pub(crate) fn resume(shared: &Shared, arguments: &Resume) -> Done {
    let mut known = Known::find(shared.root()?, arguments.run.as_deref())?;
    known.refuse_what_was_typed()?;
    let extensions = Extensions::default();
    let engine = extensions.engine();
    let sources = known.sources()?;
    let mut runbook = known.runbook(&sources, &engine)?;
    let mut edited = None;
    if arguments.edited {
        let accept = &arguments.answering.accept;
        if let Some(taken) = edited::take(shared, &known.about, &known.history, &runbook, &engine, accept)? {
            known.about.params.extend(taken.params.clone());
            edited = Some(taken.stored_in(&known.folder)?);
            runbook = taken.runbook;
        }
    } else {
        say_if_edited(&known.about, &sources);
    }
    let (view, stop) = (RunView::of_journal(&known.entries), Stop::default());
    let mut work = known.work(Verb::Resume, extensions, stop.clone(), &screen::note)?;
    work.answers = arguments.answering.clone().answers();
    work.answers.person = person::at_the_terminal(stop, work.about.sandbox);
    (work.edited, work.wait) = (edited, arguments.answering.wait);
    work.kill_at = watching::kill_at(work.about.sandbox);
    watching::play(work, shared, view, engine, &runbook)
}

/// A resumed run is the one that was begun: edits count for the next, unless somebody says otherwise.
fn say_if_edited(about: &About, sources: &[(String, String)]) {
    let Some((_, stored)) = sources.first() else { return };
    if std::fs::read_to_string(&about.runbook).is_ok_and(|now| now != *stored) {
        let text = format!("{} was edited since; this run goes on with the text that it has", about.runbook);
        screen::note(&format!("{text}; `krun resume --edited` takes the new one"));
    }
}
