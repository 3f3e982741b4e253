//! One krun command as a child process. It ends, or it fails the test.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than any command here takes, even where six builds share the machine.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A krun that has not been started yet.
pub(crate) struct Command {
    process: process::Command,
    text: String,
    stdout: PathBuf,
    stderr: PathBuf,
    patience: Duration,
}

/// A krun that runs. Dropped, it is killed.
pub(crate) struct Running {
    process: Child,
    text: String,
    stdout: PathBuf,
    stderr: PathBuf,
    until: Instant,
}

/// How a krun ended, and everything that it said.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Command {
    /// In the project's folder, without a terminal. What it says goes to files of this name in `folder`.
    pub(super) fn new(arguments: &[&str], state: &Path, folder: &Path, name: &str) -> Self {
        let mut process = process::Command::new(env!("CARGO_BIN_EXE_krun"));
        process.args(arguments).arg("--state").arg(state);
        process.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("KRUN_KILL_AT").stdin(Stdio::null());
        let said = |stream: &str| folder.join(format!("{name}.{stream}"));
        let text = format!("krun {}", arguments.join(" "));
        Self { process, text, stdout: said("stdout"), stderr: said("stderr"), patience: PATIENCE }
    }

    pub(crate) fn env(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.text = format!("{name}={value} {}", self.text);
        self.process.env(name, value.to_string());
        self
    }

    /// It kills itself at its n-th point.
    pub(crate) fn killed_at(self, n: u64) -> Self {
        self.env("KRUN_KILL_AT", n)
    }

    pub(crate) fn start(mut self) -> Running {
        let file = |path: &Path| File::create(path).expect("the scratch folder takes a file");
        self.process.stdout(file(&self.stdout)).stderr(file(&self.stderr));
        let process = self.process.spawn().expect("krun starts");
        let until = Instant::now() + self.patience;
        Running { process, text: self.text, stdout: self.stdout, stderr: self.stderr, until }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        self.start().wait()
    }
}

impl Running {
    /// `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<Ended> {
        let status = self.process.try_wait().expect("a child can be asked");
        status.map(|status| self.told(status))
    }

    /// Waits for its end. Fails the test where it does not come in time.
    pub(crate) fn wait(mut self) -> Ended {
        loop {
            if let Some(ended) = self.ended() {
                return ended;
            }
            if Instant::now() > self.until {
                let _ = self.process.kill();
                let status = self.process.wait().expect("a killed child ends");
                panic!("it did not end in time: {}", self.told(status));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn told(&self, status: ExitStatus) -> Ended {
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        Ended { status, text: self.text.clone(), stdout: read(&self.stdout), stderr: read(&self.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error says that it has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// None where a signal ended it.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// Fails the test, with all that krun said, if the exit code is another one.
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }

    /// Whether it is named anywhere, on stdout or stderr.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.stdout.contains(word) || self.stderr.contains(word)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, text, stdout, stderr } = self;
        write!(f, "{text}: {status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
