//! What is in an archive: all of it is read, so one that is damaged is found before anything is sent.

use super::{Contents, is_compared, no_such, sha256_of};
use crate::error::Error;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Component, Path};
use tar::{Archive, Entry};

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// `ARCHIVE_DAMAGED`, `NOT_A_RELEASE`, `NO_SUCH_FILE`.
pub(super) fn look(path: &Path) -> Result<Contents, Error> {
    let unreadable = |why: io::Error| no_such(path, &why);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = [0; 2];
    let is_gzip = file.read_exact(&mut magic).is_ok() && magic == GZIP;
    if !is_gzip {
        return Err(damaged(path, "at its begin", &"it is not compressed by gzip, as a .tgz is"));
    }
    file.rewind().map_err(unreadable)?;
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut contents = Contents::default();
    let mut place = "at its begin".to_owned();
    for entry in archive.entries().map_err(|why| damaged(path, &place, &why))? {
        let mut entry = entry.map_err(|why| damaged(path, &place, &why))?;
        if let Some(inner) = take(&mut contents, path, &entry)? {
            place = format!("at {inner}");
            contents.bytes += entry.size();
            if is_compared(&inner) {
                let hash = sha256_of(&mut entry).map_err(|why| damaged(path, &place, &why))?;
                contents.files.insert(inner, hash);
            } else {
                io::copy(&mut entry, &mut io::sink()).map_err(|why| damaged(path, &place, &why))?;
            }
            place = format!("after {place}").replace("after at", "after");
        }
    }
    // What gzip itself knows of the whole comes last.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|why| damaged(path, &place, &why))?;
    Ok(contents)
}

/// The path of a file below the one folder that everything lies in; `None` of what is no file.
fn take(contents: &mut Contents, path: &Path, entry: &Entry<impl Read>) -> Result<Option<String>, Error> {
    let kind = entry.header().entry_type();
    if kind.is_pax_global_extensions() {
        return Ok(None);
    }
    let name = entry.path().map_err(|why| damaged(path, "in the name of a file", &why))?.into_owned();
    let refused = |why: &str| {
        let text = format!("{} is no release of Kafka: {} {why}", path.display(), name.display());
        Error::new("NOT_A_RELEASE", text).hint("take kafka_SCALA-VERSION.tgz as Apache publishes it")
    };
    if !(kind.is_file() || kind.is_dir()) {
        return Err(refused("is neither a file nor a folder"));
    }
    let mut parts = Vec::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => {
                parts.push(part.to_str().ok_or_else(|| refused("has a name that is no text"))?);
            }
            Component::CurDir => {}
            _ => return Err(refused("lies outside of its folder")),
        }
    }
    let Some((first, rest)) = parts.split_first() else { return Ok(None) };
    if contents.name.is_empty() {
        (*first).clone_into(&mut contents.name);
    }
    if contents.name != *first || (rest.is_empty() && kind.is_file()) {
        return Err(refused("does not lie in the one folder that a release is"));
    }
    Ok((kind.is_file()).then(|| rest.join("/")))
}

fn damaged(path: &Path, place: &str, why: &dyn std::fmt::Display) -> Error {
    let text = format!("{} is damaged {place}: {why}", path.display());
    Error::new("ARCHIVE_DAMAGED", text).hint("nothing was sent: download it again")
}
