//! A run that was begun before, and is gone on with or given up.

use super::connect::{self, Note};
use super::extensions::Extensions;
use super::refused::Refused;
use super::work::Work;
use crate::error::Error;
use crate::event::{Ending, Entry, Verb};
use crate::run::history::History;
use crate::run::question::Answers;
use crate::run::stop::Stop;
use crate::run::store::{About, RunFolder, StateRoot};
use crate::script::engine::Engine;
use crate::script::runbook::Runbook;

pub(crate) struct Known {
    pub(crate) root: StateRoot,
    pub(crate) folder: RunFolder,
    /// With the parameters that edits have added.
    pub(crate) about: About,
    pub(crate) entries: Vec<Entry>,
    pub(crate) history: History,
}

impl Known {
    /// The run that is named, or the only open one. It must not be over.
    pub(crate) fn find(root: StateRoot, name: Option<&str>) -> Result<Self, Error> {
        let folder = pick(&root, name)?;
        let mut about = folder.about()?;
        let entries = folder.entries()?;
        let history = History::of(&entries);
        refuse_what_is_over(&about, &history)?;
        about.params.extend(history.edits.iter().flat_map(|edit| edit.params.clone()));
        Ok(Self { root, folder, about, entries, history })
    }

    /// The lines of a REPL were answers to what stood on the screen then: they are never played again.
    pub(crate) fn refuse_what_was_typed(&self) -> Result<(), Error> {
        let about = &self.about;
        if !about.typed {
            return Ok(());
        }
        let text = format!("run {} was typed into `krun repl`, line by line, and is never resumed", about.run);
        let hint = format!("`krun abort {}` puts back what its unfinished lines left in place", about.run);
        Err(Error::new("RUN_WAS_TYPED", text).hint(hint))
    }

    /// The texts that the run goes by, the runbook first.
    pub(crate) fn sources(&self) -> Result<Vec<(String, String)>, Error> {
        self.folder.sources(self.history.edits.last())
    }

    pub(crate) fn runbook(&self, sources: &[(String, String)], engine: &Engine) -> Result<Runbook, Refused> {
        Ok(Runbook::from_sources(&self.about.runbook, sources, engine)?)
    }

    /// Connects to the cluster that the run is about, as it was when it was begun.
    pub(crate) fn work(self, verb: Verb, extensions: Extensions, stop: Stop, note: Note<'_>) -> Result<Work, Refused> {
        let runtime = connect::runtime()?;
        let cluster = connect::cluster_of(&self.about, &self.root)?;
        let client = connect::again(&runtime, &cluster, &self.history, note)?;
        let Self { root, folder, about, .. } = self;
        let (answers, edited) = (Answers::default(), None);
        let (wait, kill_at) = (false, None);
        Ok(Work { root, folder, about, verb, extensions, answers, client, runtime, stop, edited, wait, kill_at })
    }
}

/// The run that was named, or the only open one.
fn pick(root: &StateRoot, name: Option<&str>) -> Result<RunFolder, Error> {
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

fn refuse_what_is_over(about: &About, history: &History) -> Result<(), Error> {
    let how = match history.ending {
        Some(Ending::Done) => "is done",
        Some(Ending::Aborted) => "was aborted",
        _ => return Ok(()),
    };
    Err(Error::new("RUN_IS_OVER", format!("run {} {how}", about.run))
        .hint(format!("`krun show {}` tells what it did", about.run)))
}
