//! A filesystem of a cluster's own: what `df` says of it is what its brokers hold, whatever else the machine does.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Enough for all that a test writes, and memory is only taken for what is written.
const ROOM: u64 = 3_000_000_000;

/// In memory: the machine's `/dev/shm` where that has room, else a `tmpfs` of its own, which only root can have.
pub(crate) struct Disk {
    folder: TempDir,
    is_mounted: bool,
}

impl Disk {
    /// Why there is none, if so.
    pub(crate) fn new() -> Result<Self, String> {
        let shared = Path::new("/dev/shm");
        let has_room = df(shared, "avail").is_ok_and(|free| free > ROOM);
        let parent = if has_room { shared } else { Path::new(env!("CARGO_TARGET_TMPDIR")) };
        let folder =
            tempfile::Builder::new().prefix("kafka-disk-").tempdir_in(parent).map_err(|why| why.to_string())?;
        let disk = Self { folder, is_mounted: !has_room };
        if disk.is_mounted {
            let size = format!("size={ROOM}");
            let mount =
                Command::new("mount").args(["-t", "tmpfs", "-o", &size, "krun-tests"]).arg(disk.path()).status();
            if !mount.is_ok_and(|status| status.success()) {
                return Err("a disk of its own wants root, or 3 GB of /dev/shm".to_owned());
            }
        }
        Ok(disk)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Bytes that are in use, as `df` says.
    pub(crate) fn used(&self) -> u64 {
        df(self.folder.path(), "used").expect("df tells")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // One that a process still uses goes with that.
            let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
        }
    }
}

fn df(path: &Path, what: &str) -> Result<u64, String> {
    let told = Command::new("df").args(["-B1", &format!("--output={what}")]).arg(path).output();
    let told = told.map_err(|why| why.to_string())?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    text.lines().nth(1).and_then(|line| line.trim().parse().ok()).ok_or(text)
}
