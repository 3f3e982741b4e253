//! A state folder with a sandbox of its own, and krun as an operator runs it there.

use super::child::{Ended, Live, plain};
use krun::sandbox::{self, Control, Counters, Data, Options, Running};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const KRUN: &str = env!("CARGO_BIN_EXE_krun");
/// The runbook of the project.
pub(super) const SCALE_OUT: &str = "runbooks/scaleout.rhai";
/// Bytes per second at which replicas of a few KB are there at once.
const AT_ONCE: u64 = 1_000_000_000;
/// Bytes per second at which they never come.
const NEVER: u64 = 1;

pub(super) struct Place {
    folder: tempfile::TempDir,
    sandbox: Option<Running>,
}

/// All that an outsider sees of a cluster.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    cluster: Value,
    changes: Counters,
}

impl Place {
    pub(super) fn without_sandbox() -> Self {
        let folder = tempfile::Builder::new().prefix("cli-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self { folder: folder.expect("the target folder takes a scratch folder"), sandbox: None }
    }

    /// Moves of its few KB are over at once.
    pub(super) fn quick() -> Self {
        Self::with_copy_rate(AT_ONCE)
    }

    /// Moves stay in flight until [`let_it_copy`](Self::let_it_copy).
    pub(super) fn stuck() -> Self {
        Self::with_copy_rate(NEVER)
    }

    /// Brokers of another release than the newest.
    pub(super) fn of_release(release: &str) -> Self {
        let guise = release.parse().expect("a release that the sandbox knows");
        Self::with(&Options { copy_rate: AT_ONCE, guise, ..tiny() })
    }

    /// The same, with a host on which nothing is installed.
    pub(super) fn with_bare_host(release: &str) -> Self {
        let guise = release.parse().expect("a release that the sandbox knows");
        Self::with(&Options { copy_rate: AT_ONCE, guise, bare_hosts: 1, ..tiny() })
    }

    /// Where a path of a broker's host lies here.
    pub(super) fn on_host(&self, id: i32, path: &str) -> PathBuf {
        self.sandbox_folder().join("hosts").join(id.to_string()).join(path.trim_start_matches('/'))
    }

    /// The handbook's case: topics of hundreds of GB, on brokers that look for old segments so often.
    pub(super) fn large(release: &str, clean_every: Duration) -> Self {
        let guise = release.parse().expect("a release that the sandbox knows");
        let copy_rate = 1_000_000_000_000;
        Self::with(&Options { data: Data::Large, copy_rate, guise, clean_every, ..tiny() })
    }

    /// A few KB, on brokers that look for old segments so often.
    pub(super) fn cleaning(clean_every: Duration) -> Self {
        Self::with(&Options { copy_rate: AT_ONCE, clean_every, ..tiny() })
    }

    /// Three brokers with data and three that are new, on as many racks.
    pub(super) fn on_racks() -> Self {
        let racks = ["a", "b", "c"].map(str::to_owned).to_vec();
        Self::with(&Options { copy_rate: AT_ONCE, brokers: 6, new: 3, racks, ..tiny() })
    }

    pub(super) fn with_copy_rate(copy_rate: u64) -> Self {
        Self::with(&Options { copy_rate, ..tiny() })
    }

    fn with(options: &Options) -> Self {
        let mut place = Self::without_sandbox();
        let running = sandbox::start(Path::new(KRUN), &place.sandbox_folder(), options);
        place.sandbox = Some(running.expect("a sandbox starts"));
        place
    }

    pub(super) fn let_it_copy(&self) {
        self.control().set_copy_rate(AT_ONCE).expect("the sandbox obeys");
    }

    pub(super) fn running(&self) -> &Running {
        self.sandbox.as_ref().expect("this place has a sandbox")
    }

    pub(super) fn control(&self) -> Control {
        Control::new(&self.running().control)
    }

    pub(super) fn look(&self) -> Seen {
        let control = self.control();
        Seen {
            cluster: control.dump().expect("the sandbox tells its state"),
            changes: control.counters().expect("the sandbox tells its changes"),
        }
    }

    /// Where a partition's log ends.
    pub(super) fn dumped_end(&self, topic: &str, partition: usize) -> i64 {
        let dump = self.control().dump().expect("the sandbox tells its state");
        dump["topics"][topic][partition]["log_end_offset"].as_i64().unwrap_or(0)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("krun")
    }

    pub(super) fn sandbox_folder(&self) -> PathBuf {
        self.state().join("sandbox")
    }

    pub(super) fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into a scratch folder and gives its path.
    pub(super) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("the scratch folder takes a file");
        path.to_str().expect("a plain path").to_owned()
    }

    /// The names of all runs, oldest first.
    pub(super) fn runs(&self) -> Vec<String> {
        let listing = fs::read_dir(self.state().join("runs")).into_iter().flatten();
        let mut names: Vec<String> =
            listing.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The folder of the only run.
    pub(super) fn run_folder(&self) -> PathBuf {
        let runs = self.runs();
        assert_eq!(runs.len(), 1, "one run: {runs:?}");
        self.state().join("runs").join(&runs[0])
    }

    /// `krun WORDS --state …`, without a terminal.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.without_flag(words);
        command.arg("--state").arg(self.state());
        command
    }

    /// The same folder, by the environment: so no screen has a path of this machine.
    pub(super) fn without_flag(&self, words: &[&str]) -> Command {
        let mut command = plain(KRUN);
        command.args(words).env("HOME", self.folder.path()).env("XDG_STATE_HOME", self.folder.path());
        command
    }

    pub(super) fn krun_without_flag(&self, words: &[&str]) -> Ended {
        Live::start(self.without_flag(words), self.folder.path()).ends()
    }

    pub(super) fn start(&self, words: &[&str]) -> Live {
        Live::start(self.command(words), self.folder.path())
    }

    pub(super) fn krun(&self, words: &[&str]) -> Ended {
        self.start(words).ends()
    }

    /// The same, and nothing changes in the cluster.
    #[track_caller]
    pub(super) fn krun_in_vain(&self, words: &[&str]) -> Ended {
        let before = self.look();
        let ended = self.krun(words);
        assert_eq!(self.look(), before, "the cluster after {ended}");
        ended
    }

    /// The same where producers write meanwhile: nobody changes anything.
    #[track_caller]
    pub(super) fn krun_in_vain_of_changes(&self, words: &[&str]) -> Ended {
        let before = self.look().changes;
        let ended = self.krun(words);
        assert_eq!(self.look().changes, before, "what was changed after {ended}");
        ended
    }

    /// Runs a runbook of the test's own on the sandbox.
    pub(super) fn own(&self, text: &str, words: &[&str]) -> Ended {
        self.start_own(text, words).ends()
    }

    pub(super) fn start_own(&self, text: &str, words: &[&str]) -> Live {
        let path = self.file("own.rhai", text);
        self.start(&[&[path.as_str(), "--cluster", "sandbox"], words].concat())
    }

    /// The scale-out on a cluster that copies nothing, once its first moves are in flight.
    pub(super) fn scale_out_in_flight(&self, words: &[&str]) -> Live {
        let words = [&[SCALE_OUT, "--yes"], words].concat();
        let mut live = Live::start(self.without_flag(&words), self.folder.path());
        live.says("moves of clicks: 0 of");
        live
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A krun of the test itself may have started it.
        let stopped = sandbox::stop(&self.sandbox_folder());
        if !std::thread::panicking() {
            stopped.expect("the sandbox stops");
        }
    }
}

fn tiny() -> Options {
    Options { data: Data::Tiny, idle: Duration::from_mins(10), ..Options::default() }
}

/// Looks until `test` is true.
#[track_caller]
pub(super) fn until(what: &str, mut test: impl FnMut() -> bool) {
    let since = Instant::now();
    while !test() {
        assert!(since.elapsed() < super::child::PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
