//! Which `krun.toml` counts.

use super::Inventory;
use super::read::read;
use crate::error::Error;
use std::path::{Path, PathBuf};

const FILE: &str = "krun.toml";

impl Inventory {
    /// Reads a `krun.toml`. `CONFIG_NOT_FOUND`, `INVALID_CONFIG`.
    pub fn read(file: &Path) -> Result<Self, Error> {
        Self::find(Path::new(""), None, Some(file))
    }

    /// Reads the file that was named, else the nearest `krun.toml` upwards from the working directory, else the nearest
    /// upwards from the runbook's folder. An inventory without a file where there is none.
    ///
    /// `CONFIG_NOT_FOUND`: the named file cannot be read. `INVALID_CONFIG`: something in the file is wrong; the message has
    /// the place.
    pub fn find(start_dir: &Path, runbook_dir: Option<&Path>, explicit: Option<&Path>) -> Result<Self, Error> {
        let found = match explicit {
            Some(file) => Some(start_dir.join(file)),
            None => nearest(start_dir).or_else(|| nearest(&start_dir.join(runbook_dir?))),
        };
        let Some(file) = found else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let message = format!("the configuration {} cannot be read: {error}", file.display());
            Error::new("CONFIG_NOT_FOUND", message).hint("name a krun.toml with --config, or leave the option out")
        })?;
        read(&file, &text)
    }
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}
