//! `sandbox.json`: where a sandbox is found, and whether it is really the one that wrote the file.

use super::control::client::Control;
use crate::error::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Raised when an older krun could misread the file or the control port.
pub(super) const FORMAT: u32 = 1;

/// A sandbox that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub format: u32,
    /// The krun that it runs.
    pub krun: String,
    pub pid: u32,
    pub cluster_id: String,
    /// The addresses of all brokers, the dead ones too.
    pub bootstrap: Vec<String>,
    /// The address of the control port.
    pub control: String,
    pub started: Timestamp,
}

/// What every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("sandbox.json")
}

/// The sandbox of a folder, if one runs: the file names it, and it answers to that name.
pub fn find(dir: &Path) -> Result<Option<Running>, Error> {
    let Some(written) = read(dir)? else { return Ok(None) };
    let answer = Control::new(&written.control).ping();
    Ok(answer.ok().filter(|running| *running == written))
}

/// What the file says, true or not.
pub(super) fn read(dir: &Path) -> Result<Option<Running>, Error> {
    let path = path(dir);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(unusable(&path, &why.to_string())),
    };
    let Format { format } = serde_json::from_str(&text).map_err(|why| unusable(&path, &why.to_string()))?;
    if format > FORMAT {
        let message = format!("{} is of format {format}, and this krun knows formats up to {FORMAT}", path.display());
        let hint = "a newer krun started this sandbox: use that one, or stop the sandbox with it";
        return Err(Error::new("SANDBOX_NEWER", message).hint(hint));
    }
    serde_json::from_str(&text).map(Some).map_err(|why| unusable(&path, &why.to_string()))
}

/// Writes the file so that it is there as a whole or not at all.
pub(super) fn write(dir: &Path, running: &Running) -> Result<(), Error> {
    let path = path(dir);
    let unfinished = dir.join(format!("sandbox.json.{}", running.pid));
    let failed = |why: std::io::Error| unusable(&path, &why.to_string());
    let text = serde_json::to_string_pretty(running).map_err(|why| unusable(&path, &why.to_string()))?;
    std::fs::write(&unfinished, text + "\n").map_err(failed)?;
    std::fs::rename(&unfinished, &path).map_err(failed)
}

/// Takes the file away at the end of a sandbox, unless it is another one's by now.
pub(super) fn remove(dir: &Path, running: &Running) {
    if read(dir).ok().flatten().is_some_and(|written| written == *running) {
        let _ = std::fs::remove_file(path(dir));
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    let message = format!("{} cannot be used: {why}", path.display());
    Error::new("SANDBOX_FILE_UNUSABLE", message).hint("remove it; a sandbox that still runs ends by itself when idle")
}
