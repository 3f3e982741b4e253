//! A distribution that was unpacked: what is in the folder, and the archive that is made of it while it is sent.

use super::{Contents, is_compared, no_such, sha256_of};
use crate::error::Error;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// Folders in folders: a link that leads back up is found by it.
const DEEPEST: usize = 32;

/// Of a folder, its whole path and that below the distribution; `about` is of what a link points to.
struct Found {
    place: PathBuf,
    inner: String,
    about: Metadata,
}

pub(super) fn look(path: &Path) -> Result<Contents, Error> {
    let unreadable = |why: io::Error| no_such(path, &why);
    // `.` and links have a name of their own only once they are followed.
    let whole = path.canonicalize().map_err(unreadable)?;
    let named = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let mut contents = Contents { name: named(path), ..Contents::default() };
    if super::version_of(&contents.name).is_none() {
        contents.name = named(&whole);
    }
    for found in below(path).map_err(unreadable)?.into_iter().filter(|found| found.about.is_file()) {
        contents.bytes += found.about.len();
        if is_compared(&found.inner) {
            let hash = File::open(&found.place).and_then(sha256_of).map_err(|why| no_such(&found.place, &why))?;
            contents.files.insert(found.inner, hash);
        }
    }
    Ok(contents)
}

/// Sorted by name, with nothing in it that is not in the folder: the same bytes each time.
pub(super) fn send(path: &Path, name: &str, sink: &mut dyn Write) -> io::Result<()> {
    let mut archive = Builder::new(sink);
    for found in below(path)? {
        let mut header = Header::new_gnu();
        header.set_mode(found.about.mode() & 0o777);
        header.set_mtime(u64::try_from(found.about.mtime()).unwrap_or(0));
        header.set_uid(0);
        header.set_gid(0);
        let inner = format!("{name}/{}", found.inner);
        if found.about.is_dir() {
            header.set_entry_type(EntryType::Directory);
            header.set_size(0);
            archive.append_data(&mut header, inner, io::empty())?;
        } else {
            header.set_entry_type(EntryType::Regular);
            header.set_size(found.about.len());
            // A file that grows meanwhile is no fault of the archive: its hash differs, and that is found.
            let file = io::Read::take(File::open(&found.place)?, found.about.len());
            archive.append_data(&mut header, inner, file)?;
        }
    }
    archive.finish()
}

/// Folders before what is in them, by name; links are followed, and what is neither file nor folder is left out.
fn below(path: &Path) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    gather(path, "", DEEPEST, &mut all)?;
    Ok(all)
}

fn gather(place: &Path, inner: &str, depth: usize, all: &mut Vec<Found>) -> io::Result<()> {
    if depth == 0 {
        return Err(io::Error::other(format!("{} lies too deep: do links lead in a circle?", place.display())));
    }
    let mut names = fs::read_dir(place)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<String>>>()?;
    names.sort();
    for name in names {
        let place = place.join(&name);
        let inner = if inner.is_empty() { name } else { format!("{inner}/{name}") };
        let about = fs::metadata(&place)?;
        if about.is_dir() {
            all.push(Found { place: place.clone(), inner: inner.clone(), about });
            gather(&place, &inner, depth - 1, all)?;
        } else if about.is_file() {
            all.push(Found { place, inner, about });
        }
    }
    Ok(())
}
