//! Releases, folders and users of a simulated host, with the outcomes that `host/remote/provision` has on a real one.

use super::SandboxHost;
use super::files::{self, failed, not_written};
use super::path::Root;
use crate::error::{Error, Failure};
use crate::host::provision::{Owner, Provision};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

const USERS: &str = "/etc/passwd";
const UNIT: &str = "kafka-server";
const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Provision for SandboxHost {
    fn size(&self, path: &str) -> Result<Option<u64>, Error> {
        Ok(fs::metadata(self.root.place(path)?).ok().filter(fs::Metadata::is_file).map(|found| found.len()))
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), Failure> {
        self.check_space(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        let place = self.root.place(path).map_err(Failure::Refused)?;
        if self.size(path).map_err(Failure::Refused)?.unwrap_or(0) < offset {
            return Err(Failure::Refused(not_written(&self.root, path)));
        }
        let write = || {
            let mut file =
                OpenOptions::new().create(true).truncate(offset == 0).write(true).mode(0o600).open(&place)?;
            file.set_len(offset)?;
            file.seek(io::SeekFrom::End(0))?;
            file.write_all(bytes)
        };
        write().map_err(|why| Failure::Refused(failed(&self.root, "sending", path, &why)))
    }

    fn files_below(&self, folder: &str, names: &[&str]) -> Result<Option<BTreeMap<String, String>>, Error> {
        let place = self.root.place(folder)?;
        if !place.exists() {
            return Ok(None);
        }
        if !place.is_dir() {
            let text = format!("{}: {folder} is there, and is no folder", self.root.name());
            return Err(Error::new("NOT_A_FOLDER", text));
        }
        let mut files = BTreeMap::new();
        for name in names_in(&place).into_iter().filter(|name| names.is_empty() || names.contains(&name.as_str())) {
            gather(&self.root, folder, &name, &mut files)?;
        }
        Ok(Some(files))
    }

    fn unpack(&self, archive: &str, sha256: &str, folder: &str, owner: &Owner) -> Result<(), Failure> {
        self.check_user(&owner.user)?;
        let place = |path: &str| self.root.place(path).map_err(Failure::Refused);
        let (from, to) = (place(archive)?, place(folder)?);
        if files::checksum(&self.root, archive).map_err(Failure::Refused)?.as_deref() != Some(sha256) {
            return Err(Failure::Refused(not_written(&self.root, archive)));
        }
        self.check_space(folder, 1)?;
        let unpacked = || {
            if to.exists() {
                fs::remove_dir_all(&to)?;
            }
            fs::create_dir(&to)?;
            unpack(&from, &to)
        };
        unpacked().map_err(|why| {
            let _ = fs::remove_dir_all(&to);
            Failure::Refused(failed(&self.root, "unpacking", archive, &why))
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Failure> {
        let place = |path: &str| self.root.place_itself(path).map_err(Failure::Refused);
        let (old, new) = (place(from)?, place(to)?);
        if fs::symlink_metadata(&new).is_ok() {
            return Err(Failure::Refused(is_there(&self.root, to)));
        }
        fs::rename(old, new).map_err(|why| Failure::Refused(failed(&self.root, "naming", to, &why)))
    }

    fn remove_folder(&self, path: &str) -> Result<(), Failure> {
        let place = self.root.place_itself(path).map_err(Failure::Refused)?;
        let mut old = place.clone().into_os_string();
        old.push(".krun-old");
        let remove = || {
            let is_there = |place: &Path| fs::symlink_metadata(place).is_ok();
            if is_there(Path::new(&old)) {
                fs::remove_dir_all(&old)?;
            }
            if is_there(&place) {
                fs::rename(&place, &old)?;
                fs::remove_dir_all(&old)?;
            }
            Ok(())
        };
        remove().map_err(|why| Failure::Refused(failed(&self.root, "removing", path, &why)))
    }

    fn user_of(&self, folder: &str) -> Result<Option<String>, Error> {
        let real = self.root.place(folder)?;
        let beside = folder.rsplit_once('/').map_or("", |(beside, _)| beside);
        for name in names_in(real.parent().unwrap_or(&real)) {
            let link = format!("{beside}/{name}");
            if self.root.place_itself(&link)?.is_symlink() && self.root.place(&link)? == real {
                return Ok(Some(format!("the link {link} points to it")));
            }
        }
        let Some(pid) = self.control.service(self.id, UNIT)?.main_pid else { return Ok(None) };
        let inside = format!("{}/", self.root.on_host(&real));
        let uses = self.control.process(self.id, pid)?.jars.iter().any(|jar| jar.starts_with(&inside));
        Ok(uses.then(|| format!("process {pid} has a file of it open")))
    }

    /// The process that plays the host owns all of it: a broker's things are said to be its user's, and others root's.
    fn owner(&self, path: &str) -> Result<Option<Owner>, Error> {
        let Ok(found) = fs::metadata(self.root.place(path)?) else { return Ok(None) };
        let user = if path.contains("kafka") { "kafka" } else { "root" }.to_owned();
        Ok(Some(Owner { group: user.clone(), user, mode: format!("{:o}", found.permissions().mode() & 0o7777) }))
    }

    fn make_folder(&self, path: &str, owner: &Owner) -> Result<(), Failure> {
        let place = self.root.place_itself(path).map_err(Failure::Refused)?;
        if fs::symlink_metadata(&place).is_ok() {
            return Err(Failure::Refused(is_there(&self.root, path)));
        }
        files::check_folder(&self.root, &place, path).map_err(Failure::Refused)?;
        self.check_user(&owner.user)?;
        let make = || fs::create_dir(&place).and_then(|()| fs::set_permissions(&place, mode(owner)));
        make().map_err(|why| Failure::Refused(failed(&self.root, "making", path, &why)))
    }

    fn remove_empty_folder(&self, path: &str) -> Result<bool, Failure> {
        let place = self.root.place_itself(path).map_err(Failure::Refused)?;
        if fs::symlink_metadata(&place).is_ok() && !names_in(&place).is_empty() {
            return Ok(false);
        }
        match fs::remove_dir(&place) {
            Ok(()) => Ok(true),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(why) => Err(Failure::Refused(failed(&self.root, "removing", path, &why))),
        }
    }

    fn give(&self, path: &str, owner: &Owner) -> Result<(), Failure> {
        self.check_user(&owner.user)?;
        let place = self.root.place(path).map_err(Failure::Refused)?;
        let given = fs::set_permissions(place, mode(owner));
        given.map_err(|why| Failure::Refused(failed(&self.root, "giving away", path, &why)))
    }

    fn has_user(&self, name: &str) -> Result<bool, Error> {
        let text = files::read_file(&self.root, USERS)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&text).lines().any(|line| line.split(':').next() == Some(name)))
    }

    fn add_user(&self, name: &str) -> Result<(), Failure> {
        if self.has_user(name).map_err(Failure::Refused)? {
            return Err(Failure::Refused(is_there(&self.root, &format!("the user {name}"))));
        }
        self.edit_users(|text| format!("{text}{name}:x:998:998::/nonexistent:/usr/sbin/nologin\n"))
    }

    fn remove_user(&self, name: &str) -> Result<(), Failure> {
        let is_other = |line: &&str| line.split(':').next() != Some(name);
        self.edit_users(|text| text.lines().filter(is_other).flat_map(|line| [line, "\n"]).collect())
    }

    fn reload_units(&self) -> Result<(), Failure> {
        self.control.reload_units(self.id)
    }
}

impl SandboxHost {
    fn edit_users(&self, edit: impl FnOnce(&str) -> String) -> Result<(), Failure> {
        let text = files::read_file(&self.root, USERS).map_err(Failure::Refused)?.unwrap_or_default();
        let edited = edit(&String::from_utf8_lossy(&text));
        files::write_file(&self.root, USERS, edited.as_bytes(), crate::host::machine::Keeping::default())
            .map_err(Failure::Refused)
    }

    fn check_user(&self, name: &str) -> Result<(), Failure> {
        if self.has_user(name).map_err(Failure::Refused)? {
            return Ok(());
        }
        let text = format!("{}: chown: invalid user: '{name}'", self.root.name());
        Err(Failure::Refused(Error::new("COMMAND_FAILED", text)))
    }
}

fn is_there(root: &Root, path: &str) -> Error {
    Error::new("IS_THERE", format!("{}: {path} is there already", root.name()))
}

fn mode(owner: &Owner) -> Permissions {
    Permissions::from_mode(u32::from_str_radix(&owner.mode, 8).unwrap_or(0o755))
}

fn names_in(place: &Path) -> Vec<String> {
    let listing = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = listing.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Links lead to where the host has their targets.
fn gather(root: &Root, folder: &str, inner: &str, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let path = format!("{folder}/{inner}");
    let place = root.place(&path)?;
    if place.is_dir() {
        for name in names_in(&place) {
            gather(root, folder, &format!("{inner}/{name}"), files)?;
        }
    } else if place.is_file() {
        let mut hash = Sha256::new();
        let read = File::open(&place).and_then(|mut file| io::copy(&mut file, &mut hash));
        read.map_err(|why| failed(root, "reading", &path, &why))?;
        let hash = hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        files.insert(inner.to_owned(), hash);
    }
    Ok(())
}

/// Without the folder that everything lies in, as `tar --strip-components=1`.
fn unpack(archive: &Path, folder: &Path) -> io::Result<()> {
    let mut file = BufReader::new(File::open(archive)?);
    let mut magic = [0; 2];
    let is_gzip = file.read_exact(&mut magic).is_ok() && magic == GZIP;
    file.rewind()?;
    let bytes: Box<dyn Read> = if is_gzip { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let inner: PathBuf = entry.path()?.components().filter(|part| *part != Component::CurDir).skip(1).collect();
        if !inner.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(io::Error::other(format!("{} lies outside of its folder", inner.display())));
        }
        let place = folder.join(inner);
        if entry.header().entry_type().is_dir() {
            fs::create_dir_all(&place)?;
        } else if entry.header().entry_type().is_file() {
            fs::create_dir_all(place.parent().unwrap_or(folder))?;
            io::copy(&mut entry, &mut File::create(&place)?)?;
            fs::set_permissions(&place, Permissions::from_mode(entry.header().mode()? & 0o777))?;
        }
    }
    Ok(())
}
