//! A program that embeds krun: its folder, and what it heard of its runs.

use krun::event::{Event, Progress, Record};
use krun::sandbox::{Data, Options};
use krun::{Builder, Krun};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here takes, however slow the machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The names of runs, with what was heard of each.
pub(super) type Heard = Arc<Mutex<Vec<(String, Event)>>>;

pub(super) struct Host {
    folder: tempfile::TempDir,
    pub(super) heard: Heard,
}

impl Host {
    pub(super) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("embed-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self { folder: folder.expect("the target folder takes a scratch folder"), heard: Heard::default() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// A runbook in its folder.
    pub(super) fn runbook(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a written runbook");
        path
    }

    /// With a small sandbox on which one broker is new, in this process.
    pub(super) fn builder(&self) -> Builder {
        self.builder_in(&self.state())
    }

    pub(super) fn builder_in(&self, state: &Path) -> Builder {
        let heard = self.heard.clone();
        Krun::builder()
            .state(state)
            .sandbox(Options { data: Data::Tiny, copy_rate: 1_000_000_000, ..Options::default() })
            .on_event(move |event| {
                heard.lock().expect("no listener panics").push((event.run.to_owned(), event.event.clone()));
            })
    }

    /// On that sandbox.
    pub(super) fn krun(&self) -> Krun {
        self.builder().build().expect("it is built").on("sandbox")
    }

    pub(super) fn records(&self) -> Vec<Record> {
        let heard = self.heard.lock().expect("no listener panics");
        let record = |(_, event): &(String, Event)| match event {
            Event::Record(entry) => Some(entry.record.clone()),
            Event::Progress(_) => None,
        };
        heard.iter().filter_map(record).collect()
    }

    pub(super) fn progress(&self) -> Vec<Progress> {
        let heard = self.heard.lock().expect("no listener panics");
        let progress = |(_, event): &(String, Event)| match event {
            Event::Record(_) => None,
            Event::Progress(note) => Some(note.progress.clone()),
        };
        heard.iter().filter_map(progress).collect()
    }

    /// Waits until something was heard.
    pub(super) fn wait_for(&self, what: impl Fn(&Event) -> bool) {
        until(|| self.heard.lock().expect("no listener panics").iter().any(|(_, event)| what(event)));
    }
}

pub(super) fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(super) fn is_step_begun(event: &Event, name: &str) -> bool {
    let Event::Record(entry) = event else { return false };
    matches!(&entry.record, Record::StepBegun { path, .. } if path.last().is_some_and(|last| last == name))
}
