//! A command as a child process, and what it cost: time, CPU time, peak resident memory.
//!
//! The benchmark starts itself once more to do the measuring. What the kernel tells of ended children is then about that one
//! command; and a child counts what its parent had resident when it was started, so that the parent must be small.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Told to the child that measures, before the file for its figures and the command.
pub(crate) const MEASURE: &str = "--measure";

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) wall_seconds: f64,
    /// Of all threads, user and system.
    pub(crate) cpu_seconds: f64,
    pub(crate) peak_bytes: u64,
}

/// A command that ended well.
pub(crate) struct Ran {
    pub(crate) out: Vec<u8>,
    /// On stderr.
    pub(crate) said: String,
    pub(crate) cost: Cost,
}

/// What the measuring child writes down.
#[derive(Serialize, Deserialize)]
struct Figures {
    ended: String,
    well: bool,
    cost: Cost,
}

/// Runs a command to its end. One that fails, or is not done in time, is an error with what it said.
pub(crate) fn run(command: &Command, deadline: Duration) -> Result<Ran, String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let figures = scratch.path().join("figures.json");
    let measuring = std::env::current_exe().map_err(|error| format!("the benchmark does not find itself: {error}"))?;
    let mut child = Command::new(measuring)
        .arg(MEASURE)
        .arg(&figures)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("the measuring child does not start: {error}"))?;
    let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
    let Ok(out) = out.recv_timeout(deadline) else {
        kill(&child);
        let _ = child.wait();
        return Err(format!("not done after {} s", deadline.as_secs()));
    };
    let said = String::from_utf8_lossy(&err.recv().unwrap_or_default()).trim().to_owned();
    child.wait().map_err(|error| format!("the measuring child is lost: {error}"))?;
    let figures = fs::read(&figures).ok().and_then(|text| serde_json::from_slice::<Figures>(&text).ok());
    match figures {
        Some(Figures { well: true, cost, .. }) => Ok(Ran { out, said, cost }),
        Some(Figures { ended, .. }) => Err(format!("{ended}: {said}")),
        None => Err(said),
    }
}

/// All that comes out of a pipe, once it is closed.
fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, all) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before an error is still told.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        let _ = send.send(bytes);
    });
    all
}

fn kill(child: &Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// The measuring child itself: runs the command on its own streams, and writes the figures.
pub(crate) fn measure(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(figures), Some(program)) = (arguments.next(), arguments.next()) else { return ExitCode::FAILURE };
    match measured(Command::new(program).args(arguments), Path::new(&figures)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measured(command: &mut Command, figures: &Path) -> Result<(), String> {
    let began = Instant::now();
    let status =
        command.status().map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
    let wall_seconds = began.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("no figures: {error}"))?;
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let cpu_seconds = Duration::from_micros(u64::try_from(cpu).unwrap_or(0)).as_secs_f64();
    // The BSDs and Linux count kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let peak_bytes = u64::try_from(usage.max_rss()).unwrap_or(0) * unit;
    let cost = Cost { wall_seconds, cpu_seconds, peak_bytes };
    let told = Figures { ended: status.to_string(), well: status.success(), cost };
    let text = serde_json::to_vec(&told).map_err(|error| error.to_string())?;
    fs::write(figures, text).map_err(|error| format!("cannot write {}: {error}", figures.display()))
}
