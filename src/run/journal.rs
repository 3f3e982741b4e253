//! `journal.jsonl`: append only, one record a line, one writer, fsync before anything that relies on it.
//!
//! The first line names the format; every other one ends with a checksum, so that a bit that tipped over on the disk is
//! seen and not obeyed. A torn tail (what a crash leaves of the last lines) is cut off before the first
//! append; damage anywhere else, and a newer format, are refused.

use crate::error::Error;
use crate::event::{Entry, Record};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path as FilePath, PathBuf};

pub const FORMAT: u32 = 1;
pub const FILE: &str = "journal.jsonl";

#[derive(Serialize, Deserialize)]
struct Header {
    krun_journal: u32,
}

/// The one writer of a journal.
#[derive(Debug)]
pub struct Journal {
    /// None where nothing that is recorded need outlive the process.
    file: Option<File>,
    path: PathBuf,
    next: u64,
    /// After a failed write nothing more is written: what the disk holds is no longer known.
    failed: Option<Error>,
}

/// What a journal file holds.
#[derive(Debug)]
pub struct Contents {
    pub entries: Vec<Entry>,
    /// Bytes of it that are whole lines.
    whole: u64,
    /// Bytes of a torn tail after them.
    pub torn: u64,
}

impl Journal {
    pub fn create(folder: &FilePath) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| cannot(&path, "create", &error))?;
        write_header(&mut file).map_err(|error| cannot(&path, "write", &error))?;
        sync_folder(folder).map_err(|error| cannot(folder, "sync", &error))?;
        Ok(Self { file: Some(file), path, next: 1, failed: None })
    }

    /// Opens a journal to go on with it, and gives what it holds.
    pub fn open(folder: &FilePath) -> Result<(Self, Vec<Entry>), Error> {
        let contents = read(folder)?;
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().write(true).open(&path).map_err(|error| cannot(&path, "open", &error))?;
        file.set_len(contents.whole)
            .and_then(|()| if contents.whole == 0 { write_header(&mut file) } else { file.sync_all() })
            .and_then(|()| file.seek(SeekFrom::End(0)).map(drop))
            .map_err(|error| cannot(&path, "repair", &error))?;
        let next = contents.entries.last().map_or(1, |entry| entry.seq + 1);
        Ok((Self { file: Some(file), path, next, failed: None }, contents.entries))
    }

    /// One that is never written: of a session that only asks.
    pub(crate) fn unwritten() -> Self {
        Self { file: None, path: PathBuf::new(), next: 1, failed: None }
    }

    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// False after a failed write: nothing can be recorded any more.
    pub fn is_sound(&self) -> bool {
        self.failed.is_none()
    }

    /// Writes one record and comes back when it is on the disk.
    pub fn append(&mut self, record: Record) -> Result<Entry, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let entry = Entry { seq: self.next, at: Timestamp::now(), record };
        let written = serde_json::to_string(&entry).map_err(std::io::Error::other).and_then(|mut line| {
            let Some(file) = &mut self.file else { return Ok(()) };
            seal(&mut line);
            file.write_all(line.as_bytes())?;
            file.sync_data()
        });
        match written {
            Ok(()) => {
                self.next += 1;
                Ok(entry)
            }
            Err(error) => {
                let error = cannot(&self.path, "write", &error)
                    .hint("free some space or mend the disk, then `krun resume`; nothing is changed without a record");
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

/// Reads a journal without changing it.
pub fn read(folder: &FilePath) -> Result<Contents, Error> {
    let path = folder.join(FILE);
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| cannot(&path, "read", &error))?;
    parse(&bytes, &path)
}

fn parse(bytes: &[u8], path: &FilePath) -> Result<Contents, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut whole = 0;
    let mut damaged: Option<(usize, String)> = None;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let parsed =
            if line.ends_with(b"\n") { parse_line(index, line, path)? } else { Err("it has no end".to_owned()) };
        match (parsed, &damaged) {
            // A whole line after a damaged one: this is no torn tail.
            (Ok(_), Some((at, why))) => return Err(no_journal(path, &format!("line {at} is damaged ({why})"))),
            (Ok(entry), None) => {
                let wanted = entries.last().map_or(1, |last| last.seq + 1);
                if let Some(entry) = entry.as_ref().filter(|entry| entry.seq != wanted) {
                    return Err(no_journal(path, &format!("entry {} stands where {wanted} should", entry.seq)));
                }
                entries.extend(entry);
                whole += line.len() as u64;
            }
            (Err(why), None) => damaged = Some((index + 1, why)),
            // Each line is on the disk before the next is written, so a crash tears one at most.
            (Err(_), Some((at, why))) => {
                return Err(no_journal(path, &format!("line {at} and more after it are damaged ({why})")));
            }
        }
    }
    // Nothing but a damaged first line that does not even begin like a header: some other file.
    if whole == 0 && !bytes.is_empty() && !could_be_torn_header(bytes) {
        return Err(no_journal(path, "its first line is not a journal's"));
    }
    Ok(Contents { entries, whole, torn: bytes.len() as u64 - whole })
}

/// `Ok(Err(why))` for a line that is not whole, `Err` for a file that must be refused.
fn parse_line(index: usize, line: &[u8], path: &FilePath) -> Result<Result<Option<Entry>, String>, Error> {
    if index == 0 {
        return match serde_json::from_slice::<Header>(line) {
            Ok(header) if header.krun_journal > FORMAT => Err(Error::new(
                "JOURNAL_NEWER",
                format!("{} has format {}, this krun reads {FORMAT}", path.display(), header.krun_journal),
            )
            .hint("use the krun that wrote it, or a newer one")),
            Ok(Header { krun_journal: 0 }) => Ok(Err("there never was a format 0".to_owned())),
            Ok(_) => Ok(Ok(None)),
            Err(error) => Ok(Err(error.to_string())),
        };
    }
    if !is_sealed(line) {
        return Ok(Err("its checksum is wrong".to_owned()));
    }
    // Whole, and written by a krun: what this one does not know must not be taken for a torn tail and cut off.
    serde_json::from_slice::<Entry>(line).map(|entry| Ok(Some(entry))).map_err(|error| {
        let text = format!("line {} of {} is whole, and this krun cannot read it: {error}", index + 1, path.display());
        Error::new("JOURNAL_NEWER", text).hint("use the krun that wrote it, or a newer one")
    })
}

const SUM: &str = ",\"sum\":\"";
const SUM_DIGITS: usize = 16;

/// Adds the checksum as the last member of the line's object.
fn seal(line: &mut String) {
    let sum = checksum(line.as_bytes());
    line.truncate(line.len() - 1);
    line.push_str(SUM);
    line.push_str(&sum);
    line.push_str("\"}\n");
}

/// Whether the text before the checksum is what was written.
fn is_sealed(line: &[u8]) -> bool {
    let rest = line.strip_suffix(b"\"}\n").and_then(|line| line.split_at_checked(line.len().checked_sub(SUM_DIGITS)?));
    let Some((text, sum)) = rest else { return false };
    text.strip_suffix(SUM.as_bytes()).is_some_and(|text| checksum(&[text, b"}"].concat()).as_bytes() == sum)
}

fn checksum(text: &[u8]) -> String {
    let digits: Vec<String> =
        Sha256::digest(text).iter().take(SUM_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn could_be_torn_header(bytes: &[u8]) -> bool {
    let header = format!("{{\"krun_journal\":{FORMAT}}}\n");
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    header.as_bytes().starts_with(text)
}

fn write_header(file: &mut File) -> std::io::Result<()> {
    file.write_all(format!("{{\"krun_journal\":{FORMAT}}}\n").as_bytes())?;
    file.sync_all()
}

/// A new file is only safe once its folder is.
pub fn sync_folder(folder: &FilePath) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn cannot(path: &FilePath, what: &str, error: &std::io::Error) -> Error {
    Error::new("JOURNAL_IO", format!("cannot {what} {}: {error}", path.display()))
}

fn no_journal(path: &FilePath, why: &str) -> Error {
    Error::new("NOT_A_JOURNAL", format!("{} is no journal that can be trusted: {why}", path.display()))
        .hint("nothing was changed; `by-hand.txt` beside it has the commands that put things back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_newer_krun_is_refused_and_not_cut_off() {
        let mut line = r#"{"seq":1,"at":"2026-03-14T02:58:13Z","record":{"kind":"of_tomorrow"}}"#.to_owned();
        seal(&mut line);
        let text = format!("{{\"krun_journal\":{FORMAT}}}\n{line}");
        let refused = parse(text.as_bytes(), FilePath::new("journal.jsonl")).expect_err("it cannot be read");
        assert_eq!(refused.code, "JOURNAL_NEWER");
        assert!(refused.message.contains("line 2") && refused.message.contains("of_tomorrow"), "{refused}");
    }

    #[test]
    fn one_torn_line_is_cut_off_and_two_are_damage() {
        let parse = |text: &str| parse(text.as_bytes(), FilePath::new("journal.jsonl"));
        let header = format!("{{\"krun_journal\":{FORMAT}}}\n");
        assert_eq!(parse(&format!("{header}{{\"seq\":1,\"at")).map(|contents| contents.torn), Ok(12));
        let refused = parse(&format!("{header}{{\"seq\":1}}\n{{\"seq\":2}}\n")).expect_err("a crash tears one line");
        assert_eq!(refused.code, "NOT_A_JOURNAL");
    }
}
