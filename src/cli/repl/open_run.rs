//! The run that a session is while it may change things.

use crate::cli::arguments::Shared;
use crate::cli::{connect, watching};
use crate::effect::{self, connection::Connection};
use crate::error::Error;
use crate::event::{Event, Progress, Verb};
use crate::inventory::ChosenCluster;
use crate::report::{Closing, Place, Reporter, RunView, exit_code};
use crate::run::question::Answers;
use crate::run::session::{Session, Setting};
use crate::run::stop::Stop;
use crate::run::store::StateRoot;
use crate::run::{journal, typed};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// What stays the same as long as the REPL is open.
pub(super) struct Ground<'a> {
    pub(super) shared: &'a Shared,
    pub(super) root: StateRoot,
    pub(super) chosen: ChosenCluster,
    /// How the hosts are reached, as a run notes it.
    pub(super) hosts: Value,
}

#[derive(Clone)]
pub(super) struct OpenRun {
    pub(super) session: Session,
    reporter: Arc<Mutex<Box<dyn Reporter>>>,
    kill_at: Option<u64>,
}

impl OpenRun {
    /// Makes the run's folder and takes the cluster's lock. `typed` is what was typed before.
    pub(super) fn begin(
        ground: &Ground<'_>,
        connection: &Connection,
        answers: Answers,
        stop: &Stop,
        typed: &str,
    ) -> Result<Self, Error> {
        let Ground { shared, root, chosen, hosts } = ground;
        let mut about = typed::new_about();
        about.cluster.clone_from(&chosen.name);
        connection.client.cluster_id().clone_into(&mut about.cluster_id);
        about.sandbox = chosen.sandbox;
        about.entry = connect::entry_to_note(&chosen.settings);
        about.hosts.clone_from(hosts);
        about.bootstrap_servers.clone_from(&chosen.settings.bootstrap_servers);
        let folder = root.create(&about, &[(typed::RUNBOOK.to_owned(), typed.to_owned())])?;
        let path = folder.path().to_owned();

        let place = Place { flags: shared.flags(root), folder: Some(path.clone()) };
        let reporter = Arc::new(Mutex::new(watching::reporter(shared, place, RunView::default())));
        let tell = reporter.clone();
        let kill_at = watching::kill_at(about.sandbox);
        let started = Session::start(Setting {
            root: root.clone(),
            folder,
            about,
            verb: Verb::Run,
            effects: effect::on(connection),
            answers,
            stop: stop.clone(),
            sink: Box::new(move |event: &Event| tell.lock().unwrap_or_else(PoisonError::into_inner).on_event(event)),
            kill_at,
        });
        if started.is_err() && !path.join(journal::FILE).exists() {
            // Nothing was recorded: such a run never was.
            let _ = std::fs::remove_dir_all(&path);
        }
        started.map(|session| Self { session, reporter, kill_at })
    }

    /// A line is over: nothing is drawn while somebody types.
    pub(super) fn rest(&self) {
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner).rest();
    }

    /// Ends the run, says what it leaves, and gives its exit code.
    pub(super) fn end(&self) -> u8 {
        if self.kill_at.is_some() {
            let text = format!("kill points passed: {}", self.session.kill_points_passed());
            self.session.note(Progress::Log { text });
        }
        let ending = self.session.end_typed();
        // Somebody may hold on to the session: what was typed keeps its clusters.
        self.session.release_lock();
        let unrecorded = (!self.session.journal_is_sound()).then_some(&ending);
        let closing = Closing { unrecorded, ..Closing::default() };
        self.reporter.lock().unwrap_or_else(PoisonError::into_inner).end(&closing);
        exit_code(&ending)
    }
}
