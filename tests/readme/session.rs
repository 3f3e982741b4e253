//! A newcomer's shell: a folder with the runbooks in it, krun on the path, and a state folder of its own.

use crate::support::Scene;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Each command takes a second or two on an idle machine.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Session {
    scene: Scene,
}

/// What a command said on both streams, and how it ended, as a shell counts.
pub(super) struct Ended {
    pub(super) exit: i32,
    pub(super) said: String,
}

impl Session {
    /// The sandbox of a newcomer holds more, and copies at the rate of a network.
    pub(super) fn new() -> Self {
        let scene = Scene::tiny();
        let runbooks = scene.path("runbooks");
        fs::create_dir(&runbooks).expect("writable");
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
        for entry in fs::read_dir(ours).expect("the runbooks") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), runbooks.join(entry.file_name())).expect("a copy");
        }
        let session = Self { scene };
        session.put_krun_on_the_path();
        session
    }

    /// With a state folder given: the machine may have one that all share.
    fn put_krun_on_the_path(&self) {
        let krun = self.scene.path("bin/krun");
        let state = self.scene.state();
        let text = format!("#!/bin/sh\nexec '{}' --state '{}' \"$@\"\n", env!("CARGO_BIN_EXE_krun"), state.display());
        fs::create_dir_all(self.scene.path("bin")).expect("writable");
        fs::write(&krun, text).expect("writable");
        fs::set_permissions(&krun, fs::Permissions::from_mode(0o755)).expect("ours");
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.scene.path(name), text).expect("writable");
    }

    /// Runs one line of a shell. One that does not end in time fails the test, with what it said.
    pub(super) fn run(&self, line: &str) -> Ended {
        let mut child = self.command(line).spawn().expect("a shell");
        let mut output = child.stdout.take().expect("a pipe");
        let (send, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = output.read_to_end(&mut bytes);
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        let in_time = told.recv_timeout(PATIENCE);
        let said = in_time.unwrap_or_else(|_| {
            kill(&child);
            panic!("`{line}` did not end in time: {}", told.recv_timeout(PATIENCE).unwrap_or_default())
        });
        let status = child.wait().expect("the shell has ended");
        Ended { exit: status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(-1), said }
    }

    fn command(&self, line: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("exec 2>&1; {line}"))
            .current_dir(self.scene.path(""))
            .env("PATH", format!("{}:{path}", self.scene.path("bin").display()))
            .env_remove("KRUN_KILL_AT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0);
        command
    }
}

fn kill(child: &Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}
