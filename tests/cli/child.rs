//! One krun as a child process. It has a deadline, so that a hang fails the test and not the machine.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// No command of these tests takes a quarter of that on an idle machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(3);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A krun at work. Dropped, it is killed.
pub(super) struct Live {
    process: Child,
    words: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// How a krun ended, and everything that it said.
#[derive(Debug)]
pub(super) struct Ended {
    status: ExitStatus,
    words: String,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Live {
    /// Starts a command. `folder` takes what it says, so that nothing waits for a reader.
    pub(super) fn start(mut command: Command, folder: &Path) -> Self {
        let tag = uuid::Uuid::new_v4().simple().to_string();
        let (stdout, stderr) = (folder.join(format!("{tag}.stdout")), folder.join(format!("{tag}.stderr")));
        let file = |path: &Path| File::create(path).expect("the scratch folder takes a file");
        command.stdout(file(&stdout)).stderr(file(&stderr));
        let mut words = String::new();
        for word in command.get_args() {
            let _ = write!(words, "{} ", word.to_string_lossy());
        }
        let process = command.spawn().expect("the command starts");
        Self { process, words, stdout, stderr }
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until stderr has these words.
    pub(super) fn says(&mut self, words: &str) {
        let since = Instant::now();
        while !read(&self.stderr).contains(words) {
            let ended = self.process.try_wait().expect("a child can be looked at");
            // What it said last may have come between the look at the file and the look at the process.
            let in_vain = ended.is_some() && !read(&self.stderr).contains(words);
            let said = || format!("`{}` never said `{words}` ({ended:?}):\n{}", self.words, read(&self.stderr));
            assert!(!in_vain && since.elapsed() < PATIENCE, "{}", said());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw).expect("a child has a process id");
        kill_process(pid, signal).expect("the child can be signalled");
    }

    /// Taken away and dropped, it is closed.
    pub(super) fn take_stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.process.stdin.take()
    }

    pub(super) fn is_over(&mut self) -> bool {
        self.process.try_wait().expect("a child can be looked at").is_some()
    }

    pub(super) fn stdin(&mut self) -> &mut std::process::ChildStdin {
        self.process.stdin.as_mut().expect("the child's stdin is a pipe")
    }

    pub(super) fn ends(mut self) -> Ended {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "`{}` hangs:\n{}{}",
                self.words,
                read(&self.stdout),
                read(&self.stderr)
            );
            std::thread::sleep(LOOK_AGAIN);
        };
        let (stdout, stderr) = (read(&self.stdout), read(&self.stderr));
        Ended { status, words: self.words.clone(), stdout, stderr }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    pub(super) fn of(output: Output, words: &[&str]) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Self { status: output.status, words: words.join(" "), stdout, stderr }
    }

    #[track_caller]
    pub(super) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "exit code of {self}");
        self
    }

    #[track_caller]
    pub(super) fn was_killed_by(&self, signal: Signal) -> &Self {
        assert_eq!(self.status.signal(), Some(signal.as_raw()), "signal of {self}");
        self
    }

    /// All of these stand in stderr.
    #[track_caller]
    pub(super) fn says(&self, words: &[&str]) -> &Self {
        for one in words {
            assert!(self.stderr.contains(one), "`{one}` is not said by {self}");
        }
        self
    }

    #[track_caller]
    pub(super) fn does_not_say(&self, words: &[&str]) -> &Self {
        for one in words {
            assert!(!self.stderr.contains(one) && !self.stdout.contains(one), "`{one}` is said by {self}");
        }
        self
    }

    #[track_caller]
    pub(super) fn shows(&self, words: &[&str]) -> &Self {
        for one in words {
            assert!(self.stdout.contains(one), "`{one}` is not in stdout of {self}");
        }
        self
    }

    /// Each line of stdout as JSON; stderr has none.
    #[track_caller]
    pub(super) fn json(&self) -> Vec<Value> {
        assert!(!self.stderr.lines().any(|line| line.starts_with('{')), "JSON in stderr of {self}");
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: `{line}` of {self}"));
        self.stdout.lines().map(line).collect()
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, words, stdout, stderr } = self;
        write!(f, "`{words}` ({status})\n── stdout ──\n{stdout}── stderr ──\n{stderr}")
    }
}

/// A command that gets its arguments, and nothing from the environment that would change what it says.
pub(super) fn plain(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["KRUN_KILL_AT", "NO_COLOR", "XDG_STATE_HOME", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("USER", "ops").env("TZ", "UTC").env("TERM", "xterm").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null());
    command
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
