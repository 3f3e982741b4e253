//! What an embedder hears of a run.

use super::work::{Ended, Watch};
use crate::event::Event;
use crate::report::{InPlace, RunView};
use crate::run::session::Session;
use crate::run::store::About;
use crate::script::diagnostic::{self, Look};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One event, and the run that it is of.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub run: &'a str,
    pub cluster: &'a str,
    pub event: &'a Event,
}

pub(super) type Listener = dyn Fn(&Heard<'_>) + Send + Sync;

pub(super) struct Observer {
    run: String,
    cluster: String,
    listeners: Vec<Arc<Listener>>,
    /// What was worth knowing before there was a session.
    notes: Mutex<Vec<String>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    view: RunView,
    report: Option<String>,
}

impl Observer {
    /// `known`: what the sessions before did.
    pub(super) fn new(about: &About, listeners: Vec<Arc<Listener>>, known: RunView, notes: Vec<String>) -> Self {
        let (run, cluster) = (about.run.clone(), about.cluster.clone());
        let seen = Mutex::new(Seen { view: known, report: None });
        Self { run, cluster, listeners, notes: Mutex::new(notes), seen }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn left_in_place(&self) -> Vec<InPlace> {
        self.seen().view.in_place()
    }

    pub(super) fn report(&self) -> Option<String> {
        self.seen().report.take()
    }
}

impl Watch for Observer {
    fn on_event(&self, event: &Event) {
        self.seen().view.apply(event);
        let heard = Heard { run: &self.run, cluster: &self.cluster, event };
        for listener in &self.listeners {
            // A listener that panics must not break a run that is about to change a cluster.
            let _ = catch_unwind(AssertUnwindSafe(|| listener(&heard)));
        }
    }

    fn begun(&self, session: &Session) {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        for note in notes {
            session.warn(note);
        }
    }

    fn ended(&self, how: &Ended<'_>) {
        let drawn = |(problem, runbook): (_, &crate::script::runbook::Runbook)| {
            diagnostic::render(problem, runbook.source_map(), Look::PLAIN)
        };
        self.seen().report = how.problem.map(drawn);
    }
}
