//! A folder of runbooks, a state folder with its own sandbox, and krun as a child process that cannot outlive its test.

use krun::kafka::configs::{self, Change, Resource};
use krun::kafka::{Client, Deadlines};
use krun::sandbox::{self, Running};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Longer than any case takes on a busy machine: whatever is not over by then hangs.
const DEADLINE: Duration = Duration::from_secs(90);

pub(crate) struct Bench {
    runbooks: TempDir,
    state: TempDir,
    running: Running,
    runtime: Runtime,
}

/// What a child said and how it ended; no code where a signal ended it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<String>,
    pub(crate) err: String,
}

/// A signal to the child, once a line of its stdout has this text.
pub(crate) struct Trigger {
    pub(crate) signal: Signal,
    pub(crate) text: String,
}

impl Bench {
    /// Copies the runbooks of `folder` and what they import, and starts a sandbox with a few KB in its topics.
    pub(crate) fn with(folder: &Path) -> Self {
        let runbooks = tempfile::tempdir().expect("a folder");
        copy(folder, runbooks.path());
        fs::create_dir(runbooks.path().join("lib")).expect("writable");
        copy(Path::new("tests/flow/lib"), &runbooks.path().join("lib"));
        let state = tempfile::tempdir().expect("a folder");
        let start = ["sandbox", "start", "--data", "tiny", "--copy-rate", "1000MB", "--idle", "10m"];
        let started = go(command(runbooks.path(), state.path(), &start), &[]);
        assert_eq!(started.code, Some(0), "the sandbox starts: {}", started.err);
        let running = sandbox::find(&state.path().join("sandbox")).expect("readable").expect("it runs");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runbooks, state, running, runtime }
    }

    pub(crate) fn krun(&self, args: &[&str], triggers: &[Trigger]) -> Said {
        go(command(self.runbooks.path(), self.state.path(), args), triggers)
    }

    /// As somebody else would: past krun. Without a value the override goes.
    pub(crate) fn set(&self, topic: &str, config: &str, value: Option<&str>) {
        let change = Change { name: config.to_owned(), value: value.map(str::to_owned) };
        self.runtime.block_on(async {
            configs::alter(&self.client().await, &Resource::Topic(topic.to_owned()), &[change]).await.expect("altered");
        });
    }

    /// The value of a config that is set on this very topic.
    pub(crate) fn value(&self, topic: &str, config: &str) -> Option<String> {
        let resource = Resource::Topic(topic.to_owned());
        let entries = self.runtime.block_on(async { configs::describe(&self.client().await, &resource).await });
        let set = entries.expect("described").into_iter();
        set.filter(|entry| entry.source == configs::Source::DynamicTopic)
            .find(|entry| entry.name == config)
            .and_then(|entry| entry.value)
    }

    async fn client(&self) -> Client {
        Client::connect(&self.running.bootstrap, Deadlines::default()).await.expect("connected")
    }

    /// What differs from one bench to the next, taken out of a text.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let mut text = text.replace(&self.running.cluster_id, "CLUSTER");
        for (at, server) in self.running.bootstrap.iter().enumerate() {
            text = text.replace(server, &format!("BROKER-{}", at + 1));
        }
        text.replace(&self.state.path().display().to_string(), "STATE")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = sandbox::Control::new(&self.running.control).stop();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("writable");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("writable");
        }
    }
}

fn command(folder: &Path, state: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_krun"));
    command.current_dir(folder).args(args).arg("--state").arg(state);
    command.env("NO_COLOR", "1").env_remove("KRUN_KILL_AT").env("USER", "peter").stdin(Stdio::null());
    command
}

fn go(mut command: Command, triggers: &[Trigger]) -> Said {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("krun starts");
    let (stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let complaints = thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        text
    });
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let until = Instant::now() + DEADLINE;
    let (mut out, mut triggers) = (Vec::new(), triggers.iter().peekable());
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some(now) = triggers.next_if(|next| line.contains(&next.text)) {
                    send(&child, now.signal);
                }
                out.push(line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let _ = child.kill();
                panic!("it hangs; so far it said\n{}", out.join("\n"));
            }
        }
    }
    let code = child.wait().expect("waited for").code();
    Said { code, out, err: complaints.join().expect("read") }
}

fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, signal).expect("it is there");
}
