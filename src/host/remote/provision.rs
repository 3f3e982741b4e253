//! Releases, folders and users by scripts of a POSIX shell, GNU's coreutils and tar.

use super::Remote;
use super::answer::{self, MISSING, TAKEN};
use super::files::changed;
use crate::error::{Error, Failure};
use crate::host::command::Command;
use crate::host::provision::{Owner, Provision};
use std::collections::BTreeMap;
use std::time::Duration;

/// Long enough for a release on a slow disk.
const LONG: Duration = Duration::from_mins(10);

const SIZE: &str = r#"
[ -e "$1" ] || exit 44
[ -d "$1" ] && exit 45
stat -L -c %s -- "$1""#;

/// $1 file, $2 where it is cut off, $3 how many bytes come.
const APPEND: &str = r#"
[ -d "$(dirname -- "$1")" ] || exit 47
if [ "$2" = 0 ]; then rm -f -- "$1" && (umask 077; : > "$1") || exit; fi
[ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c %s -- "$1")" -ge "$2" ] || exit 48
truncate -s "$2" -- "$1" && cat >> "$1" || exit
[ "$(stat -c %s -- "$1")" -eq "$(($2 + $3))" ] || exit 48"#;

/// $1 folder, then names in it.
const FILES: &str = r#"
[ -d "$1" ] || { [ -e "$1" ] && exit 50; exit 44; }
cd -- "$1" || exit
shift
[ "$#" -gt 0 ] || set -- *
for name in "$@"; do [ ! -d "$name" ] && [ ! -f "$name" ] || find -L "$name" -type f -print0; done | LC_ALL=C sort -z | xargs -0 -r sha256sum --"#;

/// $1 archive, $2 its SHA-256, $3 folder, $4 user:group, $5 the folder's mode.
const UNPACK: &str = r#"
command -v tar > /dev/null || { echo "there is no tar to unpack it with" >&2; exit 1; }
[ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ] || exit 48
give_up() { status=$?; rm -rf -- "$3"; exit "$status"; }
rm -rf -- "$3" && mkdir -- "$3" || exit
tar -x -p --no-same-owner --strip-components=1 -C "$3" -f "$1" || give_up
chown -R -- "$4" "$3" && chmod -- "$5" "$3" || give_up
sync -f -- "$3""#;

const RENAME: &str = r#"
[ -e "$2" ] || [ -L "$2" ] && exit 49
mv -T -- "$1" "$2" && sync -- "$(dirname -- "$2")""#;

/// Its name goes first, so that nobody finds half of it there.
const REMOVE_FOLDER: &str = r#"
old=$1.krun-old
if [ -e "$1" ] || [ -L "$1" ]; then
    [ -d "$1" ] && [ ! -L "$1" ] || exit 50
    rm -rf -- "$old" && mv -T -- "$1" "$old" || exit
fi
rm -rf -- "$old""#;

const USER_OF: &str = r#"
real=$(readlink -f -- "$1")
for link in "$(dirname -- "$1")"/*; do
    [ -L "$link" ] && [ "$(readlink -f -- "$link")" = "$real" ] && { echo "the link $link points to it"; exit 0; }
done
for process in /proc/[0-9]*; do
    ls -l "$process/fd" 2>/dev/null | grep -qF -- "-> $real/" && { echo "process ${process#/proc/} has a file of it open"; exit 0; }
done
exit 0"#;

const OWNER: &str = r#"
[ -e "$1" ] || exit 44
stat -L -c '%U %G %a' -- "$1""#;

/// $1 folder, $2 user:group, $3 mode.
const MAKE_FOLDER: &str = r#"
[ -e "$1" ] || [ -L "$1" ] && exit 49
[ -d "$(dirname -- "$1")" ] || exit 47
mkdir -- "$1.krun-new" && chown -- "$2" "$1.krun-new" && chmod -- "$3" "$1.krun-new" && mv -T -- "$1.krun-new" "$1" || {
    status=$?
    rmdir -- "$1.krun-new"
    exit "$status"
}"#;

const REMOVE_EMPTY: &str = r#"
[ -e "$1" ] || exit 0
[ -z "$(ls -A -- "$1")" ] || exit 49
rmdir -- "$1""#;

const GIVE: &str = r#"
[ -e "$1" ] || exit 44
chown -- "$2" "$1" && chmod -- "$3" "$1""#;

const HAS_USER: &str = r#"
if id -u -- "$1" > /dev/null 2>&1; then echo yes; else echo no; fi"#;

const ADD_USER: &str = r#"
shell=$(command -v nologin || echo /bin/false)
useradd --system --user-group --no-create-home --shell "$shell" -- "$1""#;

const REMOVE_USER: &str = r#"
id -u -- "$1" > /dev/null 2>&1 || exit 0
userdel -- "$1""#;

impl Provision for Remote {
    fn size(&self, path: &str) -> Result<Option<u64>, Error> {
        let output = self.read(&self.command(SIZE).argument(path))?;
        let number = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
        match (output.status, number) {
            (0, Some(bytes)) => Ok(Some(bytes)),
            (MISSING, _) => Ok(None),
            _ => Err(answer::error(self, &output, "measuring", path)),
        }
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), Failure> {
        let command = self.command(APPEND).input(bytes).limit(LONG).argument(path);
        changed(self, &command.argument(offset.to_string()).argument(bytes.len().to_string()), "sending", path)
    }

    fn files_below(&self, folder: &str, names: &[&str]) -> Result<Option<BTreeMap<String, String>>, Error> {
        let command = self.command(FILES).limit(LONG).argument(folder);
        let output = self.read(&names.iter().fold(command, |command, name| command.argument(*name)))?;
        match output.status {
            0 => {}
            MISSING => return Ok(None),
            _ => return Err(answer::error(self, &output, "reading the files below", folder)),
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let files = text.lines().filter_map(|line| line.split_once("  "));
        Ok(Some(files.map(|(hash, path)| (path.to_owned(), hash.to_owned())).collect()))
    }

    fn unpack(&self, archive: &str, sha256: &str, folder: &str, owner: &Owner) -> Result<(), Failure> {
        let command = self.command(UNPACK).limit(LONG).argument(archive).argument(sha256);
        changed(self, &owned(command, folder, owner), "unpacking", archive)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Failure> {
        changed(self, &self.command(RENAME).argument(from).argument(to), "naming", to)
    }

    fn remove_folder(&self, path: &str) -> Result<(), Failure> {
        changed(self, &self.command(REMOVE_FOLDER).limit(LONG).argument(path), "removing", path)
    }

    fn user_of(&self, folder: &str) -> Result<Option<String>, Error> {
        let output = self.read(&self.command(USER_OF).argument(folder))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status {
            0 => Ok(Some(said).filter(|said| !said.is_empty())),
            _ => Err(answer::error(self, &output, "looking who uses", folder)),
        }
    }

    fn owner(&self, path: &str) -> Result<Option<Owner>, Error> {
        let output = self.read(&self.command(OWNER).argument(path))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let words: Vec<&str> = text.split_whitespace().collect();
        match (output.status, words.as_slice()) {
            (0, [user, group, mode]) => {
                Ok(Some(Owner { user: (*user).to_owned(), group: (*group).to_owned(), mode: (*mode).to_owned() }))
            }
            (MISSING, _) => Ok(None),
            _ => Err(answer::error(self, &output, "looking at", path)),
        }
    }

    fn make_folder(&self, path: &str, owner: &Owner) -> Result<(), Failure> {
        changed(self, &owned(self.command(MAKE_FOLDER), path, owner), "making", path)
    }

    fn remove_empty_folder(&self, path: &str) -> Result<bool, Failure> {
        let output = self.change(&self.command(REMOVE_EMPTY).argument(path))?;
        match output.status {
            0 => Ok(true),
            TAKEN => Ok(false),
            _ => Err(Failure::Refused(answer::error(self, &output, "removing", path))),
        }
    }

    fn give(&self, path: &str, owner: &Owner) -> Result<(), Failure> {
        changed(self, &owned(self.command(GIVE), path, owner), "giving away", path)
    }

    fn has_user(&self, name: &str) -> Result<bool, Error> {
        let output = self.read(&self.command(HAS_USER).argument(name))?;
        match output.stdout.trim_ascii() {
            b"yes" => Ok(true),
            b"no" => Ok(false),
            _ => Err(answer::error(self, &output, "looking for the user", name)),
        }
    }

    fn add_user(&self, name: &str) -> Result<(), Failure> {
        changed(self, &self.command(ADD_USER).argument(name), "making the user", name)
    }

    fn remove_user(&self, name: &str) -> Result<(), Failure> {
        changed(self, &self.command(REMOVE_USER).argument(name), "removing the user", name)
    }

    fn reload_units(&self) -> Result<(), Failure> {
        changed(self, &self.command("systemctl daemon-reload"), "reading again", "the unit files")
    }
}

fn owned(command: Command, path: &str, owner: &Owner) -> Command {
    command.argument(path).argument(format!("{}:{}", owner.user, owner.group)).argument(&owner.mode)
}
