//! A distribution of Kafka on the operator's machine: an archive as it is downloaded, or a folder.
//!
//! ```text
//! archive   what is in a `.tgz`, read to its end
//! folder    the same of a folder, and the archive that is made of it on its way
//! checksum  the file that Apache publishes beside an archive
//! ```
//!
//! It is sent as one stream of bytes that are the same each time, so an upload that was cut off goes on where it was.

mod archive;
mod checksum;
mod folder;

use super::jar::version_of;
use crate::error::Error;
use crate::quantity::Version;
use sha2::{Digest, Sha256, Sha512};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folders of a release whose files are compared one by one. What else is in it is documentation.
pub const COMPARED: [&str; 3] = ["bin", "config", "libs"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// `kafka_2.13-2.6.3`: the folder that it is unpacked as.
    pub name: String,
    pub version: Version,
    /// Absolute.
    pub path: PathBuf,
    /// Of the bytes that are sent.
    pub sha256: String,
    pub sent_bytes: u64,
    pub unpacked_bytes: u64,
    /// The files below [`COMPARED`], each with its SHA-256.
    pub files: BTreeMap<String, String>,
}

/// What is in it.
#[derive(Debug, Default)]
struct Contents {
    name: String,
    bytes: u64,
    files: BTreeMap<String, String>,
}

impl Distribution {
    /// Reads it to its end. `sha512` is that of an archive, alone or as Apache's `.sha512` file has it.
    ///
    /// Errors: `NO_SUCH_FILE`, `CHECKSUM_DIFFERS`, `ARCHIVE_DAMAGED`, `NOT_A_RELEASE`, `INVALID_ARGUMENT`.
    pub fn open(path: &str, sha512: Option<&str>) -> Result<Self, Error> {
        let path = std::path::absolute(path).map_err(|why| no_such(Path::new(path), &why))?;
        let about = std::fs::metadata(&path).map_err(|why| no_such(&path, &why))?;
        let contents = if about.is_dir() {
            if sha512.is_some() {
                let text = format!("{} is a folder, and only an archive has a SHA-512", path.display());
                return Err(Error::new("INVALID_ARGUMENT", text).hint("name the .tgz, or leave the checksum out"));
            }
            folder::look(&path)?
        } else {
            checksum::check(&path, sha512)?;
            archive::look(&path)?
        };
        let version = release_of(&path, &contents)?;
        let mut measured = Measured::default();
        let Contents { name, bytes, files } = contents;
        let mut found =
            Self { name, version, path, sha256: String::new(), sent_bytes: 0, unpacked_bytes: bytes, files };
        found.send(&mut measured).map_err(|why| no_such(&found.path, &why))?;
        (found.sha256, found.sent_bytes) = (hex(&measured.sha256.finalize()), measured.bytes);
        Ok(found)
    }

    /// Writes an archive of it, the same bytes each time.
    pub fn send(&self, sink: &mut dyn Write) -> io::Result<()> {
        if self.path.is_dir() {
            return folder::send(&self.path, &self.name, sink);
        }
        io::copy(&mut File::open(&self.path)?, sink).map(drop)
    }

    /// The files of a release that are never edited: programs and jars.
    pub fn programs(&self) -> BTreeMap<String, String> {
        let files = self.files.iter().filter(|(path, _)| !path.starts_with("config/"));
        files.map(|(path, hash)| (path.clone(), hash.clone())).collect()
    }
}

/// A release is named for the broker's jar in it.
fn release_of(path: &Path, contents: &Contents) -> Result<Version, Error> {
    let other = |text: String| {
        let text = format!("{} is no release of Kafka: {text}", path.display());
        Error::new("NOT_A_RELEASE", text)
            .hint("take kafka_SCALA-VERSION.tgz as Apache publishes it, or the folder in it")
    };
    let mut jars = contents.files.keys().filter(|file| Path::new(file).extension().is_some_and(|it| it == "jar"));
    let Some(version) = jars.find_map(|file| version_of(file.strip_prefix("libs/")?)) else {
        return Err(other("there is no libs/kafka_SCALA-VERSION.jar in it".to_owned()));
    };
    match version_of(&contents.name) {
        Some(named) if named == version => Ok(version),
        Some(_) => Err(other(format!("it is named {}, and its jar is of {version}", contents.name))),
        None => Err(other(format!("its folder is named {}, and not kafka_SCALA-{version}", contents.name))),
    }
}

fn no_such(path: &Path, why: &io::Error) -> Error {
    Error::new("NO_SUCH_FILE", format!("the distribution {} cannot be read: {why}", path.display()))
        .hint("a path on this machine: a .tgz or a folder")
}

fn is_compared(path: &str) -> bool {
    COMPARED.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The SHA-256 of all that a reader gives.
fn sha256_of(mut reader: impl io::Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut reader, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

/// The SHA-512 of all that a reader gives.
fn sha512_of(mut reader: impl io::Read) -> io::Result<String> {
    let mut hash = Sha512::new();
    io::copy(&mut reader, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

/// Takes bytes, and keeps their number and hash.
#[derive(Default)]
struct Measured {
    sha256: Sha256,
    bytes: u64,
}

impl Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sha256.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
