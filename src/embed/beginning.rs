//! A new run, from a runbook that checks to its folder.

use super::connect::{self, Note};
use super::extensions::Extensions;
use super::places;
use super::refused::Refused;
use super::work::Work;
use crate::event::Verb;
use crate::inventory::ChosenCluster;
use crate::run::question::Answers;
use crate::run::stop::Stop;
use crate::run::store::{RunFolder, StateRoot, run_name};
use crate::script::runbook::Runbook;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a run is begun with.
pub(crate) struct Beginning<'a> {
    pub(crate) root: StateRoot,
    pub(crate) chosen: ChosenCluster,
    /// As somebody named it.
    pub(crate) path: &'a Path,
    pub(crate) runbook: &'a Runbook,
    pub(crate) params: BTreeMap<String, Value>,
    pub(crate) extensions: Extensions,
}

impl Beginning<'_> {
    /// Connects, and makes the run's folder.
    pub(crate) fn work(self, stop: Stop, note: Note<'_>) -> Result<Work, Refused> {
        let Self { root, chosen, path, runbook, params, extensions } = self;
        let runtime = connect::runtime()?;
        let client = connect::connect(&runtime, &chosen.settings, note)?;

        let mut about = RunFolder::new_about(run_name(path, Timestamp::now()), path.to_string_lossy().into_owned());
        client.cluster_id().clone_into(&mut about.cluster_id);
        about.sandbox = chosen.sandbox;
        about.entry = connect::entry_to_note(&chosen.settings);
        about.hosts = places::to_note(&places::of(&chosen, &root, &client, &runtime)?);
        about.cluster = chosen.name;
        about.bootstrap_servers = chosen.settings.bootstrap_servers;
        about.params = params;
        about.sources = runbook.sources().iter().map(|(name, _)| name.clone()).collect();
        let folder = root.create(&about, runbook.sources())?;
        let answers = Answers { confirm_first_change: chosen.defaulted && !chosen.sandbox, ..Answers::default() };
        let (verb, edited) = (Verb::Run, None);
        let (wait, kill_at) = (false, None);
        Ok(Work { root, folder, about, verb, extensions, answers, client, runtime, stop, edited, wait, kill_at })
    }
}
