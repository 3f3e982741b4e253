//! A scratch folder with a state folder and a sandbox, which go with it.

use super::krun::Command;
use super::operator::Operator;
use krun::run::journal;
use krun::sandbox::{self, Control, Running};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The cluster of most tests: a few KB in five topics, copied at once.
pub(crate) const TINY: &[&str] = &["--data", "tiny", "--copy-rate", "1000MB", "--idle", "2m"];

pub(crate) struct Scene {
    folder: tempfile::TempDir,
    /// Commands begun so far, which names the files of what they said.
    commands: AtomicU64,
}

/// The journal of a run, as it lies on the disk.
pub(crate) struct Journalled {
    pub(crate) entries: Vec<krun::event::Entry>,
}

impl Scene {
    /// Without a sandbox.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("scene-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self { folder: folder.expect("the target folder takes a scratch folder"), commands: AtomicU64::new(0) }
    }

    /// With a sandbox of four brokers, the last one empty, and the five topics with a few KB.
    pub(crate) fn tiny() -> Self {
        Self::with_sandbox(TINY)
    }

    /// With a sandbox made by `krun sandbox start OPTIONS`.
    pub(crate) fn with_sandbox(options: &[&str]) -> Self {
        let scene = Self::empty();
        let arguments: Vec<&str> = ["sandbox", "start"].into_iter().chain(options.iter().copied()).collect();
        scene.krun(&arguments).run().expect_code(0);
        scene
    }

    /// A file in the scratch folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    pub(crate) fn krun(&self, arguments: &[&str]) -> Command {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        Command::new(arguments, &self.state(), self.folder.path(), &format!("krun-{number}"))
    }

    pub(crate) fn running(&self) -> Running {
        sandbox::find(&self.state().join("sandbox")).expect("its file is whole").expect("the sandbox runs")
    }

    pub(crate) fn control(&self) -> Control {
        Control::new(&self.running().control)
    }

    pub(crate) fn operator(&self) -> Operator {
        Operator::on(&self.running().bootstrap)
    }

    pub(crate) fn dump(&self) -> Value {
        self.control().dump().expect("the sandbox tells its state")
    }

    /// The state once no partition moves any more and every replica is in sync.
    pub(crate) fn dump_at_rest(&self) -> Value {
        let control = self.control();
        let began = Instant::now();
        loop {
            let dump = control.dump().expect("the sandbox tells its state");
            if is_at_rest(&dump) {
                return dump;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "the sandbox does not come to rest: {dump:#}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The folders of all runs, oldest first; those of one second in any order.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let listing = fs::read_dir(self.state().join("runs")).into_iter().flatten().filter_map(Result::ok);
        let mut folders: Vec<PathBuf> = listing.map(|entry| entry.path()).collect();
        folders.sort();
        folders
    }

    /// The journal of the newest run that has one line at least: one without was killed before it began.
    pub(crate) fn journal(&self) -> Option<Journalled> {
        self.journal_besides(&[])
    }

    /// The same, where these runs do not count.
    pub(crate) fn journal_besides(&self, others: &[PathBuf]) -> Option<Journalled> {
        let runs = self.runs().into_iter().filter(|folder| !others.contains(folder));
        let journals = runs.map(|folder| read_journal(&folder));
        let begun = journals.filter(|entries| !entries.is_empty());
        let entries = begun.max_by_key(|entries| entries[0].at)?;
        Some(Journalled { entries })
    }
}

fn read_journal(folder: &Path) -> Vec<krun::event::Entry> {
    if !folder.join(journal::FILE).is_file() {
        return Vec::new();
    }
    journal::read(folder).expect("a killed krun leaves a whole journal").entries
}

fn is_at_rest(dump: &Value) -> bool {
    let topics = dump["topics"].as_object().into_iter().flatten();
    let mut partitions = topics.flat_map(|(_, partitions)| partitions.as_array().into_iter().flatten());
    let is_alive = |id: &&Value| dump["brokers"][id.to_string()]["alive"] == true;
    let count = |partition: &Value, key: &str| partition[key].as_array().map_or(0, Vec::len);
    let living = |partition: &Value| partition["replicas"].as_array().into_iter().flatten().filter(is_alive).count();
    partitions.all(|partition| {
        count(partition, "adding") + count(partition, "removing") == 0 && count(partition, "isr") >= living(partition)
    })
}

impl Drop for Scene {
    fn drop(&mut self) {
        // One that does not answer ends by itself when nobody has asked it for a while.
        let _ = sandbox::stop(&self.state().join("sandbox"));
    }
}
