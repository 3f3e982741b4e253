//! Files of a simulated host, with the outcomes that `host/remote/files` has on a real one.

use super::path::Root;
use crate::error::Error;
use crate::host::machine::{Keeping, Kind};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

pub(super) fn kind(root: &Root, path: &str) -> Result<Kind, Error> {
    Ok(match fs::symlink_metadata(root.place_itself(path)?) {
        Ok(found) if found.is_symlink() => Kind::Link,
        Ok(found) if found.is_dir() => Kind::Folder,
        Ok(_) => Kind::File,
        Err(_) => Kind::Missing,
    })
}

pub(super) fn read_file(root: &Root, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let place = root.place(path)?;
    if place.is_dir() {
        return Err(is_a_folder(root, path));
    }
    match fs::read(&place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(why) => Err(failed(root, "reading", path, &why)),
    }
}

pub(super) fn checksum(root: &Root, path: &str) -> Result<Option<String>, Error> {
    let hash =
        |bytes: Vec<u8>| Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Ok(read_file(root, path)?.map(hash))
}

pub(super) fn read_link(root: &Root, path: &str) -> Result<Option<String>, Error> {
    let place = root.place_itself(path)?;
    match fs::read_link(&place) {
        Ok(target) => Ok(Some(target.to_string_lossy().into_owned())),
        Err(_) if fs::symlink_metadata(&place).is_ok() => Err(not_a_link(root, path)),
        Err(_) => Ok(None),
    }
}

/// Beside the file first, to the disk, then renamed.
pub(super) fn write_file(root: &Root, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Error> {
    let file = root.place(path)?;
    check_target(root, &file, path)?;
    let new = beside(&file);
    let like = keeping.like.map(|like| root.place(like)).transpose()?;
    let model = Some(&file).filter(|file| file.exists()).or(like.as_ref().filter(|like| like.exists()));
    let old = keeping.old.map(|old| root.place(old)).transpose()?;
    let write = || {
        let mut open = File::create(&new)?;
        if let Some(model) = model {
            open.set_permissions(fs::metadata(model)?.permissions())?;
        }
        open.write_all(bytes)?;
        open.sync_all()?;
        if let Some(old) = old.as_ref().filter(|old| file.exists() && !old.exists()) {
            copied(&file, old)?;
        }
        fs::rename(&new, &file)
    };
    given_up(write(), &new).map_err(|why| failed(root, "writing", path, &why))
}

pub(super) fn copy_file(root: &Root, from: &str, to: &str) -> Result<(), Error> {
    let (source, target) = (root.place(from)?, root.place_itself(to)?);
    if source.is_dir() {
        return Err(is_a_folder(root, from));
    }
    if !source.exists() {
        return Err(Error::new("NO_SUCH_FILE", format!("{}: there is no {from}", root.name())));
    }
    check_target(root, &target, to)?;
    copied(&source, &target).map_err(|why| failed(root, "copying", from, &why))
}

pub(super) fn remove_file(root: &Root, path: &str) -> Result<(), Error> {
    let place = root.place_itself(path)?;
    match fs::symlink_metadata(&place) {
        Err(_) => Ok(()),
        Ok(found) if found.is_dir() => Err(is_a_folder(root, path)),
        Ok(_) => fs::remove_file(&place).map_err(|why| failed(root, "removing", path, &why)),
    }
}

pub(super) fn link(root: &Root, path: &str, target: &str) -> Result<(), Error> {
    let place = root.place_itself(path)?;
    if fs::symlink_metadata(&place).is_ok_and(|found| !found.is_symlink()) {
        return Err(not_a_link(root, path));
    }
    check_folder(root, &place, path)?;
    let new = beside(&place);
    let linked = fs::remove_file(&new).or_else(|why| if why.kind() == ErrorKind::NotFound { Ok(()) } else { Err(why) });
    let linked = linked.and_then(|()| std::os::unix::fs::symlink(target, &new)).and_then(|()| fs::rename(&new, &place));
    given_up(linked, &new).map_err(|why| failed(root, "linking", path, &why))
}

/// A copy with its mode, as a whole or not at all.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    let new = beside(to);
    let copy = || {
        fs::copy(from, &new)?;
        File::open(&new)?.sync_all()?;
        fs::rename(&new, to)
    };
    given_up(copy(), &new)
}

/// Nothing half done is left.
fn given_up(done: std::io::Result<()>, new: &Path) -> std::io::Result<()> {
    if done.is_err() {
        let _ = fs::remove_file(new);
    }
    done
}

fn beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".krun-new");
    PathBuf::from(name)
}

fn check_target(root: &Root, file: &Path, path: &str) -> Result<(), Error> {
    if file.is_dir() { Err(is_a_folder(root, path)) } else { check_folder(root, file, path) }
}

pub(super) fn check_folder(root: &Root, file: &Path, path: &str) -> Result<(), Error> {
    if file.parent().is_some_and(Path::is_dir) {
        return Ok(());
    }
    Err(Error::new("NO_SUCH_FOLDER", format!("{}: the folder of {path} is not there", root.name())))
}

fn is_a_folder(root: &Root, path: &str) -> Error {
    Error::new("IS_A_FOLDER", format!("{}: {path} is a folder", root.name()))
}

fn not_a_link(root: &Root, path: &str) -> Error {
    Error::new("NOT_A_LINK", format!("{}: {path} is there, and is no link", root.name()))
        .hint("krun replaces only links: move it away by hand, if that is meant")
}

/// What arrived is not what was sent.
pub(super) fn not_written(root: &Root, path: &str) -> Error {
    let text = format!("{}: {path} did not arrive as it was sent, and nothing was changed", root.name());
    Error::new("NOT_WRITTEN", text)
}

/// `path` is as it was.
pub(super) fn failed(root: &Root, doing: &str, path: &str, why: &std::io::Error) -> Error {
    let name = root.name();
    match why.kind() {
        ErrorKind::StorageFull => disk_full(name, path),
        ErrorKind::PermissionDenied => {
            Error::new("NO_PERMISSION", format!("{name}: {doing} {path} is not allowed: {why}"))
        }
        _ => Error::new("COMMAND_FAILED", format!("{name}: {doing} {path} failed: {why}")),
    }
}

pub(super) fn disk_full(name: &str, path: &str) -> Error {
    Error::new("DISK_FULL", format!("{name}: the disk is full, {path} is as before: No space left on device"))
        .hint("free some space there, then go on")
}
