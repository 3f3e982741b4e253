//! What the exit status of a script of krun's own means.

use super::Remote;
use crate::error::Error;
use crate::host::command::Output;

/// There is nothing at the path.
pub(super) const MISSING: i32 = 44;
/// A folder is where a file should be.
pub(super) const FOLDER: i32 = 45;
/// What is there is no link.
pub(super) const NOT_A_LINK: i32 = 46;
/// The folder of the path is missing.
pub(super) const NO_FOLDER: i32 = 47;
/// What arrived is not what was sent.
pub(super) const OTHER_BYTES: i32 = 48;
/// Something is there already.
pub(super) const TAKEN: i32 = 49;

/// Something else than a folder is where one should be.
pub(super) const NOT_A_FOLDER: i32 = 50;

/// The error for a script that ended with another status than 0.
pub(super) fn error(remote: &Remote, output: &Output, doing: &str, path: &str) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    let name = &remote.name;
    match output.status {
        MISSING => Error::new("NO_SUCH_FILE", format!("{name}: there is no {path}")),
        FOLDER => Error::new("IS_A_FOLDER", format!("{name}: {path} is a folder")),
        NOT_A_LINK => Error::new("NOT_A_LINK", format!("{name}: {path} is there, and is no link"))
            .hint("krun replaces only links: move it away by hand, if that is meant"),
        NO_FOLDER => Error::new("NO_SUCH_FOLDER", format!("{name}: the folder of {path} is not there")),
        TAKEN => Error::new("IS_THERE", format!("{name}: {path} is there already")),
        NOT_A_FOLDER => Error::new("NOT_A_FOLDER", format!("{name}: {path} is there, and is no folder")),
        OTHER_BYTES => {
            Error::new("NOT_WRITTEN", format!("{name}: {path} did not arrive as it was sent, and nothing was changed"))
        }
        _ if said.contains("No space left") => {
            Error::new("DISK_FULL", format!("{name}: the disk is full, {path} is as before: {said}"))
                .hint("free some space there, then go on")
        }
        _ if said.contains("Permission denied") || said.contains("Operation not permitted") => {
            Error::new("NO_PERMISSION", format!("{name}: {doing} {path} is not allowed: {said}"))
                .hint("sudo = true in krun.toml lets krun do it as root")
        }
        status => Error::new("COMMAND_FAILED", format!("{name}: {doing} {path} failed with {status}: {said}")),
    }
}
