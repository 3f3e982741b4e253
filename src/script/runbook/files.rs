//! Where the texts of a runbook come from: a folder on disk, or what a run has stored.

use crate::error::Error;
use crate::script::imports::{self, Key};
use crate::script::stdlib;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Larger is no runbook; a position in it could not be told either.
const LARGEST: u64 = 1024 * 1024;

pub(super) struct Files {
    /// As the operator named the runbook.
    pub(super) main_name: String,
    pub(super) main_key: Key,
    folder: Folder,
}

enum Folder {
    Disk(PathBuf),
    Stored(BTreeMap<Key, String>),
}

/// A text, and the name by which the screen calls it.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

impl Files {
    pub(super) fn on_disk(path: &Path) -> Result<Self, Error> {
        let main_name = path.display().to_string();
        let file = path.file_name().ok_or_else(|| {
            Error::new("RUNBOOK_NOT_FOUND", format!("`{main_name}` names no file"))
                .hint("give the path of a .rhai file")
        })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self { main_key: file.to_string_lossy().into_owned(), main_name, folder: Folder::Disk(folder) })
    }

    pub(super) fn stored(path: &str, sources: &[(Key, String)]) -> Result<Self, Error> {
        let Some((main_key, _)) = sources.first() else {
            return Err(Error::new("RUNBOOK_NOT_STORED", format!("the run has no stored text of {path}")));
        };
        let texts = sources.iter().cloned().collect();
        Ok(Self { main_name: path.to_owned(), main_key: main_key.clone(), folder: Folder::Stored(texts) })
    }

    pub(super) fn main(&self) -> Result<Text, Error> {
        let missing = || {
            Error::new("RUNBOOK_NOT_FOUND", format!("there is no runbook {}", self.main_name))
                .hint("give the path of a .rhai file; `krun check FILE` checks one without running it")
        };
        let text = match &self.folder {
            Folder::Disk(folder) => read(&folder.join(&self.main_key), &self.main_name)?,
            Folder::Stored(texts) => texts.get(&self.main_key).cloned(),
        };
        text.map(|text| Text { name: self.main_name.clone(), text }).ok_or_else(missing)
    }

    /// The text of a module; none where there is no such file.
    pub(super) fn module(&self, key: &str) -> Result<Option<Text>, Error> {
        let name = self.name_of(key);
        let embedded = imports::std_name(key).and_then(|module| Some((module, stdlib::text(module)?)));
        let own = match &self.folder {
            Folder::Disk(folder) => {
                let path = folder.join(key);
                refuse_a_way_out(folder, &path, &name)?;
                read(&path, &name)?
            }
            Folder::Stored(texts) => texts.get(key).cloned(),
        };
        // A stored text that is the embedded one was not beside the runbook: it keeps its name.
        if let Some(text) = own.filter(|text| embedded.is_none_or(|(_, known)| known != text)) {
            return Ok(Some(Text { name, text }));
        }
        Ok(embedded.map(|(module, text)| Text { name: format!("std/{module}"), text: text.to_owned() }))
    }

    /// Where the file of a module is looked for.
    pub(super) fn name_of(&self, key: &str) -> String {
        match Path::new(&self.main_name).parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.join(key).display().to_string(),
            _ => key.to_owned(),
        }
    }
}

/// A link below the folder may not point out of it: what it points to is not what a reader of the folder sees.
fn refuse_a_way_out(folder: &Path, path: &Path, name: &str) -> Result<(), Error> {
    let (Ok(folder), Ok(target)) = (folder.canonicalize(), path.canonicalize()) else { return Ok(()) };
    if target.starts_with(folder) {
        return Ok(());
    }
    Err(Error::new("IMPORT_OUTSIDE", format!("{name} is a link to {}, outside the runbook's folder", target.display()))
        .hint("copy the file into the runbook's folder"))
}

fn read(path: &Path, name: &str) -> Result<Option<String>, Error> {
    let unreadable = |error: &std::io::Error| Error::new("RUNBOOK_UNREADABLE", format!("cannot read {name}: {error}"));
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    // Asked before opening: opening a pipe would wait for its writer.
    if !found.is_file() {
        let what = if found.is_dir() { "a folder" } else { "no regular file" };
        return Err(Error::new("RUNBOOK_UNREADABLE", format!("{name} is {what}")).hint("give the path of a .rhai file"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new("RUNBOOK_UNREADABLE", format!("{name} is larger than 1 MiB")).hint("this is no runbook"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))),
        Err(error) => {
            let readable = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            let line = readable.matches('\n').count() + 1;
            Err(Error::new("RUNBOOK_UNREADABLE", format!("{name} is not UTF-8: line {line} has other bytes"))
                .hint("save the file as UTF-8"))
        }
    }
}
