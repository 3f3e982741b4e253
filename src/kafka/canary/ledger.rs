//! The ledger of a canary: what it sent, and what was acknowledged, appended to a file as it happens.
//!
//! A line is written every tenth of a second where there is news, and goes to the disk once a second. So a killed process
//! loses at most the news of its last tenth of a second, and a power cut that of its last second: such records count
//! neither as sent nor as acknowledged, and nothing is claimed of them.

use super::tally::{Line, Tally};
use crate::error::Error;
use jiff::Timestamp;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SYNC_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Ledger {
    path: PathBuf,
    file: File,
    synced: Instant,
    pub(super) tally: Tally,
}

impl Ledger {
    /// Opens it, with what earlier sessions wrote, and begins a session. A line that was torn by a crash is cut off.
    ///
    /// Error: `CANARY_LEDGER`.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let wrong = |why: String| wrong(path, &why);
        let file = File::options().read(true).append(true).create(true).mode(0o600).open(path);
        let mut file = file.map_err(|error| wrong(error.to_string()))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            let cut = file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0)));
            cut.map_err(|error| wrong(error.to_string()))?;
        }
        let mut tally = Tally::default();
        for (at, line) in text[..whole].lines().enumerate() {
            let line = serde_json::from_str(line).map_err(|error| wrong(format!("line {}: {error}", at + 1)))?;
            tally.add(&line);
        }
        let session = tally.session + 1;
        let mut ledger = Self { path: path.to_owned(), file, synced: Instant::now(), tally };
        ledger.write(&Line::Began { at: Timestamp::now(), session })?;
        Ok(ledger)
    }

    pub(super) fn write(&mut self, line: &Line) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).map_err(|error| wrong(&self.path, &error.to_string()))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(|error| wrong(&self.path, &error.to_string()))?;
        if self.synced.elapsed() >= SYNC_EVERY || matches!(line, Line::Ended { .. }) {
            self.file.sync_data().map_err(|error| wrong(&self.path, &error.to_string()))?;
            self.synced = Instant::now();
        }
        self.tally.add(line);
        Ok(())
    }
}

fn wrong(path: &Path, why: &str) -> Error {
    Error::new("CANARY_LEDGER", format!("the canary's ledger {} cannot be kept: {why}", path.display()))
        .hint("without it nothing can be proven: make room or mend the file, then `krun resume`; or `krun abort`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_cut_off_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        drop(Ledger::open(&path).expect("opened"));
        let mut file = File::options().append(true).open(&path).expect("there");
        file.write_all(b"{\"ended\":{\"at\":\"20").expect("written");
        let ledger = Ledger::open(&path).expect("opened again");
        assert_eq!((ledger.tally.session, ledger.tally.not_watched.len()), (2, 1));
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(text.lines().count(), 2, "{text}");
        std::fs::write(&path, text.replacen("began", "bagan", 1)).expect("written");
        let Err(error) = Ledger::open(&path) else { panic!("a damaged line was taken") };
        assert!(error.message.contains("line 1"), "{error}");
    }
}
