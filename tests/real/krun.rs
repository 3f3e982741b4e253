//! krun as an operator runs it: the built command as a child process, on a cluster named `real`, or `outside` through its
//! proxies. With `KRUN_SCREENS=FILE` all that it said is added to that file, for whoever wants to read it.

use super::broker::OUTSIDE;
use super::cluster::Cluster;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// No run of these tests takes a minute on an idle machine.
const PATIENCE: Duration = Duration::from_mins(4);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The command with its inventory and its state folder, both in a scratch folder that goes with this value.
pub(crate) struct Krun {
    folder: tempfile::TempDir,
}

/// A krun that runs. Dropped, it is killed.
pub(crate) struct Running {
    process: Child,
    command: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// How a krun ended, and everything that it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) command: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Krun {
    pub(crate) fn on(cluster: &Cluster) -> Self {
        let mut inventory = entry("real", &cluster.addresses(), cluster.id());
        let outside = cluster.addresses_of(OUTSIDE);
        if !outside.is_empty() {
            inventory.push_str(&entry("outside", &outside, cluster.id()));
        }
        Self::with(&inventory)
    }

    /// With this `krun.toml`.
    pub(crate) fn with(inventory: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("krun-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("the target folder takes a scratch folder");
        let krun = Self { folder };
        krun.put("krun.toml", inventory);
        krun
    }

    /// A file beside `krun.toml`, which only its owner can read.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("the scratch folder takes a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the owner may");
    }

    /// The files of the state folder that hold this text.
    pub(crate) fn state_files_with(&self, text: &str) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path("state")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder").filter_map(Result::ok) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if fs::read(&path).is_ok_and(|held| String::from_utf8_lossy(&held).contains(text)) {
                    found.push(path);
                }
            }
        }
        found
    }

    /// A path in the scratch folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Begins `krun ARGUMENTS --config … --state …`, in the project's folder, without a terminal.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let (config, state) = (self.path("krun.toml"), self.path("state"));
        let flags = [OsStr::new("--config"), config.as_os_str(), OsStr::new("--state"), state.as_os_str()];
        self.start_with(arguments, &flags)
    }

    fn start_with(&self, arguments: &[&str], flags: &[&OsStr]) -> Running {
        let said = |name: &str| self.folder.path().join(name);
        let (stdout, stderr) = (said("stdout"), said("stderr"));
        let file = |path: &Path| File::create(path).expect("the scratch folder takes a file");
        let process = Command::new(env!("CARGO_BIN_EXE_krun"))
            .args(arguments)
            .args(flags)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(file(&stdout))
            .stderr(file(&stderr))
            .spawn()
            .expect("krun starts");
        Running { process, command: format!("krun {}", arguments.join(" ")), stdout, stderr }
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait()
    }

    /// Runs a krun that needs neither an inventory nor a state folder.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Ended {
        self.start_with(arguments, &[]).wait()
    }
}

impl Running {
    /// `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<Ended> {
        let status = self.process.try_wait().expect("a child can be asked");
        status.map(|status| self.told(status))
    }

    pub(crate) fn wait(self) -> Ended {
        self.wait_for(PATIENCE)
    }

    /// The same for what takes longer.
    pub(crate) fn wait_for(mut self, patience: Duration) -> Ended {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(ended) = self.ended() {
                return ended;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        panic!("it does not end: {}", self.sigkill())
    }

    /// Ctrl-C, and then to its end.
    pub(crate) fn interrupt(self) -> Ended {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a child can be interrupted");
        self.wait()
    }

    /// Whether it has said this so far.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        [&self.stdout, &self.stderr].iter().any(|path| fs::read_to_string(path).is_ok_and(|said| said.contains(text)))
    }

    /// `kill -9`. Fails the test if it had ended by itself.
    pub(crate) fn sigkill(mut self) -> Ended {
        self.process.kill().expect("a child can be killed");
        let status = self.process.wait().expect("a killed child ends");
        let ended = self.told(status);
        assert_eq!(ended.status.signal(), Some(9), "it had ended by itself: {ended}");
        ended
    }

    fn told(&self, status: ExitStatus) -> Ended {
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let ended =
            Ended { status, command: self.command.clone(), stdout: read(&self.stdout), stderr: read(&self.stderr) };
        if let Some(screens) = std::env::var_os("KRUN_SCREENS") {
            let mut file = File::options().create(true).append(true).open(screens).expect("KRUN_SCREENS names a file");
            writeln!(file, "{ended}").expect("the file takes a screen");
        }
        ended
    }
}

fn entry(name: &str, addresses: &[String], cluster_id: &str) -> String {
    format!("[clusters.{name}]\nbootstrap_servers = {addresses:?}\ncluster_id = {cluster_id:?}\n")
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error says that it has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// Fails the test, with all that krun said, if the exit code is another one.
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// The JSON lines on stdout. Fails the test at one that is none.
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?} of {self}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Whether it is named anywhere, on stdout or stderr.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.stdout.contains(word) || self.stderr.contains(word)
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, command, stdout, stderr } = self;
        write!(f, "{command}: {status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
