//! One run at a time per cluster: a lock file that names its holder.
//!
//! The kernel holds the lock for the process, so none outlives a killed krun. It covers runs that share a state folder,
//! which the screen says.

use crate::error::Error;
use crate::run::store::{StateRoot, make_folder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    pub who: String,
    pub host: String,
    pub pid: u32,
    pub run: String,
    pub runbook: String,
    pub step: String,
    pub since: Timestamp,
}

#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: Holder,
}

impl Lock {
    /// Takes the lock of a cluster, or says who has it.
    pub fn take(root: &StateRoot, cluster_id: &str, holder: Holder) -> Result<Self, Error> {
        make_folder(&root.locks())?;
        let path = path_of(root, cluster_id);
        let cannot =
            |error: std::io::Error| Error::new("STATE_FOLDER", format!("cannot lock {}: {error}", path.display()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&file)),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let mut lock = Self { file, holder };
        lock.write();
        Ok(lock)
    }

    /// Says at which step the holder is now.
    pub fn at_step(&mut self, step: String) {
        self.holder.step = step;
        self.write();
    }

    /// The text only informs; the lock itself is the kernel's, so a full disk must not end the run here.
    fn write(&mut self) {
        let text = serde_json::to_vec(&self.holder).unwrap_or_default();
        let _ = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .and_then(|_| self.file.write_all(&text));
    }
}

fn held(mut file: &File) -> Error {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    match serde_json::from_str::<Holder>(&text) {
        Ok(holder) => {
            let message = format!(
                "this cluster is being changed by {}@{} (pid {}): run {} of {}, at `{}`, since {:.0}",
                holder.who, holder.host, holder.pid, holder.run, holder.runbook, holder.step, holder.since
            );
            let hint = format!("one run at a time per cluster; `krun show {} --follow` watches this one", holder.run);
            Error::new("LOCKED", message).hint(hint)
        }
        Err(_) => Error::new("LOCKED", "this cluster is being changed by another krun that is just starting")
            .hint("one run at a time per cluster; `krun runs` lists them"),
    }
}

/// Whether a process is at work on this very run.
pub fn is_held_by(root: &StateRoot, cluster_id: &str, run: &str) -> bool {
    holder_of(root, cluster_id).is_some_and(|holder| holder.run == run)
}

/// Who is at work on a cluster, as far as this state folder knows.
pub fn holder_of(root: &StateRoot, cluster_id: &str) -> Option<Holder> {
    let mut file = File::open(path_of(root, cluster_id)).ok()?;
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    serde_json::from_str(&text).ok()
}

fn path_of(root: &StateRoot, cluster_id: &str) -> PathBuf {
    let name: String =
        cluster_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    root.locks().join(name)
}
