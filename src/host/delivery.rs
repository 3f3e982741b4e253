//! A distribution on its way to a host: sent in pieces beside the place that it gets, unpacked there, compared file by file, and only
//! then given its name.
//!
//! ```text
//! /usr/local/kafka_2.13-2.6.3.krun-new.tar   what has arrived so far
//! /usr/local/kafka_2.13-2.6.3.krun-new/      unpacked, not yet compared
//! /usr/local/kafka_2.13-2.6.3/               whole
//! ```
//!
//! Until the last of these is there nothing counts: whatever goes wrong before is taken up again, or begins anew.

use super::distribution::Distribution;
use super::machine::{Kind, Machine};
use super::provision::Owner;
use crate::error::{Error, Failure};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

/// Bytes of one piece: what a cut connection costs at most, and what is held in memory.
const PIECE: usize = 4 << 20;
/// How often in a row a connection may be cut before a single byte has arrived.
const TRIES: u32 = 5;
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where a distribution goes, and who is asked on the way.
pub struct Way<'a> {
    /// The folder that it becomes.
    pub path: &'a str,
    /// Whose it shall be.
    pub owner: &'a Owner,
    /// Hears how far it is: bytes sent, of how many.
    pub tell: &'a dyn Fn(u64, u64),
    /// Whether to leave off.
    pub stopped: &'a dyn Fn() -> bool,
}

/// How the folder of a release on a host compares with a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Missing,
    /// Each of its programs is there as it was sent. There may be more beside them.
    Whole,
    /// For people: what is missing or another one.
    Other(String),
}

/// Compares what is at a path with these programs of a release.
pub fn standing(machine: &dyn Machine, path: &str, programs: &BTreeMap<String, String>) -> Result<Standing, Error> {
    if machine.kind(path)? == Kind::Missing {
        return Ok(Standing::Missing);
    }
    let Some(found) = machine.provision().files_below(path, &["bin", "libs"])? else { return Ok(Standing::Missing) };
    let differs = |(file, hash): &(&String, &String)| found.get(*file) != Some(hash);
    let wrong: Vec<String> = programs
        .iter()
        .filter(differs)
        .map(|(file, _)| format!("{file} is {}", if found.contains_key(file) { "another one" } else { "missing" }))
        .collect();
    Ok(match wrong.as_slice() {
        [] => Standing::Whole,
        [first] => Standing::Other(first.clone()),
        [first, rest @ ..] => Standing::Other(format!("{first}, and {} more", rest.len())),
    })
}

/// Brings it there.
///
/// `Refused`: nothing is at the path. Errors: `DISK_FULL`, `NOT_WRITTEN`, `IS_THERE`, those of the machine.
pub fn deliver(machine: &dyn Machine, distribution: &Distribution, way: &Way<'_>) -> Result<(), Failure> {
    let path = way.path;
    let (archive, new) = beside(path);
    // Before the last rename, whatever is not known changes nothing at the path.
    let not_there = |failure: Failure| if (way.stopped)() { failure } else { Failure::Refused(failure.into()) };
    check_space(machine, distribution, path, &archive).map_err(Failure::Refused)?;
    let unpacked = || {
        send(machine, distribution, &archive, way)?;
        machine.provision().unpack(&archive, &distribution.sha256, &new, way.owner)
    };
    // What is left of another upload may be of other bytes: it is found here, and all is sent again.
    let unpacked = unpacked().or_else(|failure| {
        if failure.error().code != "NOT_WRITTEN" {
            return Err(failure);
        }
        machine.remove_file(&archive)?;
        unpacked()
    });
    unpacked.map_err(not_there)?;
    let compared = standing(machine, &new, &distribution.programs());
    match compared.map_err(Failure::Refused)? {
        Standing::Whole => {}
        Standing::Missing | Standing::Other(_) => {
            let text = format!("{}: {path} was not unpacked as it was sent", machine.name());
            return Err(Failure::Refused(Error::new("NOT_WRITTEN", text).hint("is the disk of that host sound?")));
        }
    }
    machine.remove_file(&archive).map_err(not_there)?;
    machine.provision().rename(&new, path)
}

/// Takes away what an upload that came to no end has left.
pub fn clear(machine: &dyn Machine, path: &str) -> Result<(), Error> {
    let (archive, new) = beside(path);
    machine.remove_file(&archive)?;
    Ok(machine.provision().remove_folder(&new)?)
}

/// Where the archive and the unpacked folder lie until it is whole.
fn beside(path: &str) -> (String, String) {
    (format!("{path}.krun-new.tar"), format!("{path}.krun-new"))
}

/// For a while both the archive and what is in it are there.
fn check_space(machine: &dyn Machine, distribution: &Distribution, path: &str, archive: &str) -> Result<(), Error> {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let sent = machine.provision().size(archive)?.unwrap_or(0);
    let needed = (distribution.unpacked_bytes + distribution.sent_bytes).saturating_sub(sent);
    let free = machine.disk(folder)?.free_bytes;
    if free >= needed {
        return Ok(());
    }
    let text = format!(
        "{}: {} needs about {} MB below {folder}, and {} MB are free",
        machine.name(),
        distribution.name,
        needed.div_ceil(1_000_000),
        free / 1_000_000
    );
    Err(Error::new("DISK_FULL", text).hint("nothing was sent: free some space there, then go on"))
}

/// A cut connection is made again, and the upload goes on with what has not arrived.
fn send(machine: &dyn Machine, distribution: &Distribution, to: &str, way: &Way<'_>) -> Result<(), Failure> {
    let (mut in_vain, mut arrived) = (0, 0);
    loop {
        let failure = match send_rest(machine, distribution, to, way) {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let is_passing = matches!(failure, Failure::Unknown(_)) || failure.error().retriable;
        let now = machine.provision().size(to).ok().flatten().unwrap_or(arrived);
        in_vain = if now > arrived { 0 } else { in_vain + 1 };
        arrived = now;
        if !is_passing || in_vain >= TRIES || (way.stopped)() {
            return Err(failure);
        }
        std::thread::sleep(AGAIN_AFTER);
    }
}

fn send_rest(machine: &dyn Machine, distribution: &Distribution, to: &str, way: &Way<'_>) -> Result<(), Failure> {
    let total = distribution.sent_bytes;
    let arrived = machine.provision().size(to).map_err(Failure::Refused)?.filter(|bytes| *bytes <= total).unwrap_or(0);
    (way.tell)(arrived, total);
    let mut pieces = Pieces {
        machine,
        to,
        to_skip: arrived,
        arrived,
        total,
        tell: way.tell,
        piece: Vec::with_capacity(PIECE),
        failure: None,
    };
    let sent = distribution.send(&mut pieces).and_then(|()| pieces.flush());
    match (pieces.failure, sent) {
        (Some(failure), _) => Err(failure),
        (None, Ok(())) => Ok(()),
        (None, Err(why)) => {
            let text = format!("{} cannot be read any more: {why}", distribution.path.display());
            Err(Failure::Refused(Error::new("NO_SUCH_FILE", text)))
        }
    }
}

/// Bytes that are gathered until they are worth a command.
struct Pieces<'a> {
    machine: &'a dyn Machine,
    to: &'a str,
    /// How many bytes at the begin are there already.
    to_skip: u64,
    arrived: u64,
    total: u64,
    tell: &'a dyn Fn(u64, u64),
    piece: Vec<u8>,
    failure: Option<Failure>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("a piece did not arrive"));
        }
        let skipped = usize::try_from(self.to_skip).unwrap_or(usize::MAX).min(bytes.len());
        self.to_skip -= u64::try_from(skipped).unwrap_or(0);
        self.piece.extend_from_slice(&bytes[skipped..]);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        if let Err(failure) = self.machine.provision().append(self.to, self.arrived, &self.piece) {
            self.failure = Some(failure);
            return Err(io::Error::other("a piece did not arrive"));
        }
        self.arrived += u64::try_from(self.piece.len()).unwrap_or(0);
        self.piece.clear();
        (self.tell)(self.arrived, self.total);
        Ok(())
    }
}
