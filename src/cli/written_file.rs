//! Files that a command writes: whole or not at all.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Writes the text of a file.
pub(crate) type Text<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// A whole text beside the file that it is to become. Dropped, it is gone.
pub(crate) struct Draft {
    target: PathBuf,
    beside: PathBuf,
    taken: bool,
}

/// What may become of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Refused, unless it has the same text.
    Keep,
    Replace,
}

/// Writes a file at once. What is no ordinary file, such as a pipe, is written to as it is.
pub(crate) fn put(path: &Path, text: Text<'_>) -> Result<(), Error> {
    if fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let pipe = File::options().write(true).open(path).map_err(|error| unwritable(path, &error))?;
        return written(pipe, text).map_err(|error| unwritable(path, &error));
    }
    Draft::write(path, text)?.keep(Existing::Replace)
}

impl Draft {
    /// Error: `FILE_NOT_WRITTEN`.
    pub(crate) fn write(path: &Path, text: Text<'_>) -> Result<Self, Error> {
        if path.is_dir() {
            return Err(
                Error::new("FILE_NOT_WRITTEN", format!("{} is a folder", path.display())).hint("name a file in it")
            );
        }
        // Through a link, so that the link stays one.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = target.with_file_name(format!(".{name}.{}", std::process::id()));
        let draft = Self { target, beside, taken: false };
        let done = File::create(&draft.beside).and_then(|file| written(file, text));
        done.map(|()| draft).map_err(|error| unwritable(path, &error))
    }

    /// Whether the file is there with another text.
    pub(crate) fn differs(&self) -> Result<bool, Error> {
        match same(&self.beside, &self.target) {
            Ok(same) => Ok(!same),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unwritable(&self.target, &error)),
        }
    }

    /// Takes the place of the file. Error: `FILE_EXISTS`, `FILE_NOT_WRITTEN`.
    pub(crate) fn keep(mut self, existing: Existing) -> Result<(), Error> {
        if existing == Existing::Keep && self.differs()? {
            return Err(exists(&self.target));
        }
        fs::rename(&self.beside, &self.target).map_err(|error| unwritable(&self.target, &error))?;
        self.taken = true;
        Ok(())
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.taken {
            // What is left of a draft harms nobody.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

pub(crate) fn exists(path: &Path) -> Error {
    let text = format!("{} is there already, with another content", path.display());
    Error::new("FILE_EXISTS", text).hint("write to another place, or replace it with --force")
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new("FILE_NOT_WRITTEN", format!("{} cannot be written: {error}", path.display()))
        .hint("check that its folder is there, that you may write to it, and that the disk has room")
}

fn written(file: File, text: Text<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    text(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // A pipe has no disk to be on.
    file.sync_all().or_else(|error| if error.kind() == ErrorKind::InvalidInput { Ok(()) } else { Err(error) })
}

fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let count = one.read(&mut left)?;
        if count == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..count])?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}
