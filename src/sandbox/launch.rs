//! Starting a sandbox that outlives the one who starts it, and stopping it.

use super::control::client::Control;
use super::options::Options;
use super::state_file::{Running, find, read};
use crate::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a sandbox may take to answer, or to end.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Gives the sandbox of a folder, and starts one if there is none; `program` is the krun to start. Of several starters at
/// once one starts it and all get it. One that runs already is given as it is, whatever `options` say.
pub fn start(program: &Path, dir: &Path, options: &Options) -> Result<Running, Error> {
    let dir = std::path::absolute(dir).map_err(|why| folder_unusable(dir, &why))?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|why| folder_unusable(&dir, &why))?;
    let _turn = turn(&dir)?;
    if let Some(running) = find(&dir)? {
        return Ok(running);
    }
    let mut log = open(&dir, "sandbox.log")?;
    let log_before = log.seek(SeekFrom::End(0)).map_err(|why| folder_unusable(&dir, &why))?;
    let output = || log.try_clone().map(Stdio::from).map_err(|why| folder_unusable(&dir, &why));
    let mut child = Command::new(program)
        .args(["sandbox", "serve", "--dir"])
        .arg(&dir)
        .args(["--starter", &std::process::id().to_string()])
        .args(options.arguments())
        .env_remove("KRUN_KILL_AT")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(output()?)
        .stderr(output()?)
        .spawn()
        .map_err(|why| {
            let message = format!("{} cannot be started: {why}", program.display());
            Error::new("SANDBOX_FAILED", message)
        })?;
    let since = Instant::now();
    loop {
        if let Some(running) = find(&dir)? {
            if running.pid != child.id() {
                // Another one was on its way already; ours must not take its place once that one ends.
                let _ = child.kill();
                let _ = child.wait();
            }
            return Ok(running);
        }
        let ended = child.try_wait().ok().flatten();
        // One that a starter who was killed has left behind may still be on its way.
        if let Some(status) = ended.filter(|_| !is_served(&dir)) {
            let said = tail(&mut log, log_before);
            let message = format!("the sandbox ended at its start ({status}): {said}");
            return Err(Error::new("SANDBOX_FAILED", message).hint(format!("see {}/sandbox.log", dir.display())));
        }
        if since.elapsed() > PATIENCE {
            return Err(silent(&dir));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Stops the sandbox of a folder and waits until it has ended. Gives whether there was one.
pub fn stop(dir: &Path) -> Result<bool, Error> {
    if !dir.exists() {
        return Ok(false);
    }
    let _turn = turn(dir)?;
    let Some(running) = find(dir)? else {
        return if is_served(dir) { Err(silent(dir)) } else { Ok(false) };
    };
    Control::new(&running.control).stop()?;
    let since = Instant::now();
    while is_served(dir) {
        if since.elapsed() > PATIENCE {
            return Err(silent(dir));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(true)
}

/// Who starts or stops a sandbox holds this, so that one at a time does. It goes with the file, or with the process.
pub(super) fn turn(dir: &Path) -> Result<File, Error> {
    let turn = open(dir, "start.lock")?;
    turn.lock().map_err(|why| folder_unusable(dir, &why))?;
    Ok(turn)
}

/// The lock that a sandbox holds on its folder as long as it lives.
pub(super) fn serve_lock(dir: &Path) -> Result<File, Error> {
    open(dir, "serve.lock")
}

fn is_served(dir: &Path) -> bool {
    dir.join("serve.lock").exists() && serve_lock(dir).is_ok_and(|lock| lock.try_lock().is_err())
}

fn open(dir: &Path, name: &str) -> Result<File, Error> {
    let opened = OpenOptions::new().create(true).append(true).read(true).open(dir.join(name));
    opened.map_err(|why| folder_unusable(&dir.join(name), &why))
}

/// What the process said before it ended.
fn tail(log: &mut File, from: u64) -> String {
    let mut said = String::new();
    let read = log.seek(SeekFrom::Start(from)).and_then(|_| log.take(4096).read_to_string(&mut said));
    match read {
        Ok(_) if !said.trim().is_empty() => said.trim().to_owned(),
        _ => "it said nothing".to_owned(),
    }
}

pub(super) fn folder_unusable(path: &Path, why: &std::io::Error) -> Error {
    let message = format!("the sandbox cannot use {}: {why}", path.display());
    Error::new("SANDBOX_FOLDER_UNUSABLE", message).hint("name a state folder that you can write to, with --state DIR")
}

fn silent(dir: &Path) -> Error {
    let pid = read(dir).ok().flatten().map_or(String::new(), |running| format!(", process {} perhaps,", running.pid));
    let message = format!("a sandbox process{pid} holds {} and does not answer", dir.display());
    Error::new("SANDBOX_SILENT", message).hint("end that process, or name another state folder with --state DIR")
}
