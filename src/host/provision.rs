//! What a host is furnished with so that a broker can live on it: releases, folders, users. Each means the same on a real host and in
//! the sandbox.

use crate::error::{Error, Failure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose something is, and who may do what with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub user: String,
    pub group: String,
    /// Octal, such as `755`.
    pub mode: String,
}

pub trait Provision {
    /// How many bytes a file has; `None` where there is nothing.
    fn size(&self, path: &str) -> Result<Option<u64>, Error>;
    /// Cuts a file off at an offset and appends to it; at 0 it is made. Only its owner may read it. `NOT_WRITTEN`, `DISK_FULL`.
    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), Failure>;
    /// The files in these folders of a folder and below, each by its path there with its SHA-256; links are followed. `None` where
    /// there is no such folder. Without any names, all of it.
    fn files_below(&self, folder: &str, names: &[&str]) -> Result<Option<BTreeMap<String, String>>, Error>;
    /// Unpacks an archive that has this SHA-256 into a folder, which is made anew: without the one folder that everything in it lies
    /// in. All of it is the owner's; the mode is that of the folder alone. `NOT_WRITTEN`: the archive is another one. `DISK_FULL`.
    fn unpack(&self, archive: &str, sha256: &str, folder: &str, owner: &Owner) -> Result<(), Failure>;
    /// Gives something another name, in one instant. `IS_THERE`: something has that name.
    fn rename(&self, from: &str, to: &str) -> Result<(), Failure>;
    /// Removes a folder with all that is in it; its name goes in one instant. Nothing happens where there is none.
    fn remove_folder(&self, path: &str) -> Result<(), Failure>;
    /// Who uses a folder, for people: a link beside it, a process that has a file of it open.
    fn user_of(&self, folder: &str) -> Result<Option<String>, Error>;

    /// `None` where there is nothing. Links are followed.
    fn owner(&self, path: &str) -> Result<Option<Owner>, Error>;
    /// Makes a folder; those that it lies in must be there. `NO_SUCH_FOLDER`, `IS_THERE`.
    fn make_folder(&self, path: &str, owner: &Owner) -> Result<(), Failure>;
    /// Removes a folder that is empty; false where it is not.
    fn remove_empty_folder(&self, path: &str) -> Result<bool, Failure>;
    /// Gives a file or folder to somebody. `NO_SUCH_FILE`.
    fn give(&self, path: &str, owner: &Owner) -> Result<(), Failure>;
    fn has_user(&self, name: &str) -> Result<bool, Error>;
    /// Makes a user of the system, who cannot log in, with a group of the same name.
    fn add_user(&self, name: &str) -> Result<(), Failure>;
    fn remove_user(&self, name: &str) -> Result<(), Failure>;
    /// Lets systemd read its unit files again.
    fn reload_units(&self) -> Result<(), Failure>;
}
