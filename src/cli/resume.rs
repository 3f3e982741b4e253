//! `krun resume`: goes on with a run, from its stored sources.

use crate::bind;
use crate::cli::arguments::{Resume, Shared};
use crate::cli::work::{self, Work};
use crate::cli::{Complaint, Done, connect, edited, person, screen};
use crate::error::Error;
use crate::event::{Ending, Verb};
use crate::report::RunView;
use crate::run::history::History;
use crate::run::stop::Stop;
use crate::run::store::{About, RunFolder, StateRoot};
use crate::script::engine;
use crate::script::runbook::{Runbook, Unloadable};

pub(crate) fn resume(shared: &Shared, arguments: &Resume) -> Done {
    let root = shared.root()?;
    let folder = pick(&root, arguments.run.as_deref())?;
    let mut about = folder.about()?;
    let entries = folder.entries()?;
    let history = History::of(&entries);
    refuse_what_is_over(&about, &history)?;
    refuse_what_was_typed(&about)?;
    about.params.extend(history.edits.iter().flat_map(|edit| edit.params.clone()));
    let engine = engine::build(bind::register);
    let sources = folder.sources(history.edits.last())?;
    let mut runbook =
        Runbook::from_sources(&about.runbook, &sources, &engine).map_err(|unloadable| match unloadable {
            Unloadable::Unreadable(error) => Complaint::usage(error),
            Unloadable::Broken(report) => Complaint::Unchecked(report),
        })?;
    let mut edited = None;
    if arguments.edited {
        if let Some(taken) = edited::take(shared, &about, &history, &runbook, &engine, &arguments.answering.accept)? {
            about.params.extend(taken.params.clone());
            edited = Some(taken.stored_in(&folder)?);
            runbook = taken.runbook;
        }
    } else {
        say_if_edited(&about, &sources);
    }
    let runtime = connect::runtime()?;
    let stop = Stop::default();
    let client = connect::again(&runtime, &connect::cluster_of(&about, &root)?, &history)?;
    let mut answers = arguments.answering.clone().answers();
    answers.person = person::at_the_terminal(stop.clone(), about.sandbox);
    let known = RunView::of_journal(&entries);
    let (verb, wait) = (Verb::Resume, arguments.answering.wait);
    let work = Work { shared, root, folder, about, verb, answers, client, runtime, stop, known, edited, wait };
    work::run_script(work, engine, &runbook)
}

/// The run that was named, or the only open one.
pub(crate) fn pick(root: &StateRoot, name: Option<&str>) -> Result<RunFolder, Error> {
    if let Some(name) = name {
        return root.find(name);
    }
    let (mut open, mut unreadable) = (Vec::new(), None);
    for (run, folder) in root.all()? {
        match folder.and_then(|folder| folder.entries().map(|entries| (folder, entries))) {
            Ok((folder, entries)) if !entries.is_empty() && History::of(&entries).is_open() => open.push((run, folder)),
            Ok(_) => {}
            // Killed while its folder was made: it never began.
            Err(error) if error.code == "NO_SUCH_RUN" => {}
            Err(error) => unreadable = Some(error),
        }
    }
    match (open.len(), unreadable) {
        // It may be the one that is meant.
        (0, Some(error)) => Err(error),
        (0, None) => Err(Error::new("NO_OPEN_RUN", format!("no run in {} is open", root.runs().display()))
            .hint("`krun runs` lists all of them")),
        (1, _) => Ok(open.remove(0).1),
        _ => {
            let names: Vec<String> = open.into_iter().map(|(run, _)| run).collect();
            Err(Error::new("SEVERAL_RUNS", format!("several runs are open: {}", names.join(", ")))
                .hint("name the one that is meant"))
        }
    }
}

pub(crate) fn refuse_what_is_over(about: &About, history: &History) -> Result<(), Error> {
    let how = match history.ending {
        Some(Ending::Done) => "is done",
        Some(Ending::Aborted) => "was aborted",
        _ => return Ok(()),
    };
    Err(Error::new("RUN_IS_OVER", format!("run {} {how}", about.run))
        .hint(format!("`krun show {}` tells what it did", about.run)))
}

/// The lines of a REPL were answers to what stood on the screen then: they are never played again.
fn refuse_what_was_typed(about: &About) -> Result<(), Error> {
    if !about.typed {
        return Ok(());
    }
    let text = format!("run {} was typed into `krun repl`, line by line, and is never resumed", about.run);
    let hint = format!("`krun abort {}` puts back what its unfinished lines left in place", about.run);
    Err(Error::new("RUN_WAS_TYPED", text).hint(hint))
}

/// A resumed run is the one that was begun: edits count for the next, unless somebody says otherwise.
fn say_if_edited(about: &About, sources: &[(String, String)]) {
    let Some((_, stored)) = sources.first() else { return };
    if std::fs::read_to_string(&about.runbook).is_ok_and(|now| now != *stored) {
        let text = format!("{} was edited since; this run goes on with the text that it has", about.runbook);
        screen::note(&format!("{text}; `krun resume --edited` takes the new one"));
    }
}
