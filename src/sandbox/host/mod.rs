//! A host of the sandbox: a folder that looks like a machine's root, and units that the sandbox's own process keeps.
//!
//! ```text
//! path    where a path of the host lies: always below its folder
//! files   read, written, linked
//! glob    patterns of the shell
//! provision  releases, folders, users
//! ```
//!
//! Nothing is run: a command of a script would run on the operator's own machine.

mod files;
mod glob;
pub(super) mod path;
mod provision;

use super::control::client::Control;
use super::state_file;
use crate::error::{Error, Failure};
use crate::host::command::{Command, Output};
use crate::host::machine::{Disk, Keeping, Kind, Machine, Process, Service};
use crate::host::provision::Provision;
use path::Root;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the host of a broker is called begins with this.
const NAME: &str = "sandbox-";
const INVENTORY: &str = "inventory.json";
/// Where a broker writes what `journalctl` would tell.
pub(super) const LOG: &str = "/var/log/kafka/server.log";

/// The host of one broker.
pub struct SandboxHost {
    id: i32,
    root: Root,
    control: Control,
}

/// Below the folder of a sandbox, one folder a host, by the id of its broker.
pub(super) fn folder(dir: &Path) -> PathBuf {
    dir.join("hosts")
}

/// The root of a host.
pub(super) fn root(dir: &Path, id: i32) -> Root {
    Root::new(folder(dir).join(id.to_string()), host_name(id))
}

/// What the host of a broker is called: `sandbox-1`.
pub fn host_name(id: i32) -> String {
    format!("{NAME}{id}")
}

/// The ids of the brokers that have a host in the sandbox of this folder.
fn host_ids(dir: &Path) -> Vec<i32> {
    let listing = std::fs::read_dir(folder(dir)).into_iter().flatten().filter_map(Result::ok);
    let mut ids: Vec<i32> = listing.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

/// On which host each broker is said to live. `inventory.json` beside the hosts says otherwise, as a `krun.toml` may that is wrong:
/// `{"1": "sandbox-2"}`.
pub fn destinations(dir: &Path) -> Result<BTreeMap<i32, String>, Error> {
    let mut found: BTreeMap<i32, String> = host_ids(dir).into_iter().map(|id| (id, host_name(id))).collect();
    let path = folder(dir).join(INVENTORY);
    let Ok(text) = std::fs::read(&path) else { return Ok(found) };
    let other: BTreeMap<i32, String> = serde_json::from_slice(&text).map_err(|why| {
        Error::new("SANDBOX_FILE_UNUSABLE", format!("{} cannot be used: {why}", path.display())).hint("remove it")
    })?;
    found.extend(other);
    Ok(found)
}

impl SandboxHost {
    /// The host with this name, of the sandbox that runs in this folder. `UNKNOWN_HOST`, `SANDBOX_GONE`.
    pub fn named(dir: &Path, name: &str) -> Result<Self, Error> {
        let ids = host_ids(dir);
        let id = name.strip_prefix(NAME).and_then(|id| id.parse().ok()).filter(|id| ids.contains(id));
        let id = id.ok_or_else(|| {
            let known: Vec<String> = ids.iter().map(|id| host_name(*id)).collect();
            Error::new("UNKNOWN_HOST", format!("the sandbox has no host {name}"))
                .hint(format!("its hosts are {}", known.join(", ")))
        })?;
        let running = state_file::read(dir)?.ok_or_else(|| {
            Error::new("SANDBOX_GONE", "the sandbox has ended, and its hosts with it")
                .hint("run the runbook again: it begins on a new sandbox")
        })?;
        Ok(Self { id, root: root(dir, id), control: Control::new(&running.control) })
    }

    /// Refuses what does not fit on the disk.
    fn check_space(&self, path: &str, bytes: u64) -> Result<(), Failure> {
        let disk = self.control.host_disk(self.id).map_err(Failure::Refused)?;
        if bytes > disk.free_bytes {
            return Err(Failure::Refused(files::disk_full(self.root.name(), path)));
        }
        Ok(())
    }
}

impl Machine for SandboxHost {
    fn name(&self) -> &str {
        self.root.name()
    }

    fn run(&self, _command: &Command) -> Result<Output, Failure> {
        let text = format!("{}: a host of the sandbox runs no commands", self.name());
        Err(Failure::Refused(Error::new("UNSUPPORTED", text).hint(
            "what has a function of its own works here too: files, links, services, processes, the disk, the clock",
        )))
    }

    fn provision(&self) -> &dyn Provision {
        self
    }

    fn kind(&self, path: &str) -> Result<Kind, Error> {
        files::kind(&self.root, path)
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        files::read_file(&self.root, path)
    }

    fn checksum(&self, path: &str) -> Result<Option<String>, Error> {
        files::checksum(&self.root, path)
    }

    fn read_link(&self, path: &str) -> Result<Option<String>, Error> {
        files::read_link(&self.root, path)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Error> {
        glob::matching(&self.root, pattern)
    }

    fn disk(&self, path: &str) -> Result<Disk, Error> {
        if !self.root.place(path)?.exists() {
            return Err(Error::new("NO_SUCH_FILE", format!("{}: there is no {path}", self.name())));
        }
        self.control.host_disk(self.id)
    }

    fn write_file(&self, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Failure> {
        self.check_space(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        files::write_file(&self.root, path, bytes, keeping).map_err(Failure::Refused)
    }

    fn copy_file(&self, from: &str, to: &str) -> Result<(), Failure> {
        let bytes = std::fs::metadata(self.root.place(from).map_err(Failure::Refused)?).map_or(0, |found| found.len());
        self.check_space(to, bytes)?;
        files::copy_file(&self.root, from, to).map_err(Failure::Refused)
    }

    fn remove_file(&self, path: &str) -> Result<(), Failure> {
        files::remove_file(&self.root, path).map_err(Failure::Refused)
    }

    fn link(&self, path: &str, target: &str) -> Result<(), Failure> {
        files::link(&self.root, path, target).map_err(Failure::Refused)
    }

    fn service(&self, unit: &str) -> Result<Service, Error> {
        self.control.service(self.id, unit)
    }

    fn start_service(&self, unit: &str, _limit: Duration) -> Result<(), Failure> {
        self.control.start_service(self.id, unit)
    }

    fn stop_service(&self, unit: &str, _limit: Duration) -> Result<(), Failure> {
        self.control.stop_service(self.id, unit)
    }

    fn service_log(&self, unit: &str, lines: u32) -> Result<String, Error> {
        if self.service(unit)?.load != "loaded" {
            return Ok(String::new());
        }
        let text = files::read_file(&self.root, LOG)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let all: Vec<&str> = text.lines().collect();
        let first = all.len().saturating_sub(usize::try_from(lines).unwrap_or(usize::MAX));
        Ok(all[first..].join("\n"))
    }

    fn process(&self, pid: u32) -> Result<Process, Error> {
        self.control.process(self.id, pid)
    }

    fn clock(&self) -> Result<i64, Error> {
        Ok(jiff::Timestamp::now().as_millisecond())
    }
}
