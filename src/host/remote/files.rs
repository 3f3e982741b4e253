//! Files by scripts of a POSIX shell and GNU's coreutils.

use super::answer::{self, MISSING, TAKEN};
use super::{Disk, Keeping, Kind, Remote};
use crate::error::{Error, Failure};
use crate::host::command::Command;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Long enough for a big file on a slow line.
const TRANSFER: Duration = Duration::from_mins(10);

const KIND: &str = r#"
if [ -L "$1" ]; then echo link; elif [ -d "$1" ]; then echo folder; elif [ -e "$1" ]; then echo file; else echo missing; fi"#;

const READ: &str = r#"
[ -e "$1" ] || exit 44
[ -d "$1" ] && exit 45
cat -- "$1""#;

const CHECKSUM: &str = r#"
[ -e "$1" ] || exit 44
[ -d "$1" ] && exit 45
sha256sum < "$1""#;

const READ_LINK: &str = r#"
[ -L "$1" ] || { [ -e "$1" ] && exit 46; exit 44; }
readlink -- "$1""#;

/// Without word splitting, so that a name may have blanks.
const GLOB: &str = r#"
IFS=
for file in $1; do if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi; done"#;

const DISK: &str = r#"
[ -e "$1" ] || exit 44
df -P -B1 -- "$1" | tail -n 1"#;

/// $1 path, $2 SHA-256 of the bytes, $3 where the old ones stay or nothing, $4 like which file or nothing.
const WRITE: &str = r#"
file=$1
[ -L "$file" ] && file=$(readlink -f -- "$file")
[ -d "$file" ] && exit 45
[ -d "$(dirname -- "$file")" ] || exit 47
new=$file.krun-new
give_up() { status=$?; rm -f -- "$new"; exit "$status"; }
rm -f -- "$new" || exit
if [ -e "$file" ]; then
    cp --attributes-only --preserve=all -- "$file" "$new" || give_up
elif [ -n "$4" ] && [ -e "$4" ]; then
    cp --attributes-only --preserve=all -- "$4" "$new" || give_up
fi
cat > "$new" || give_up
sync -- "$new" || give_up
[ "$(sha256sum < "$new" | cut -d ' ' -f 1)" = "$2" ] || { rm -f -- "$new"; exit 48; }
if [ -n "$3" ] && [ -e "$file" ] && [ ! -e "$3" ]; then
    { cp --preserve=all -- "$file" "$3.krun-new" && mv -fT -- "$3.krun-new" "$3"; } || { rm -f -- "$3.krun-new"; false; } || give_up
fi
mv -fT -- "$new" "$file" || give_up
sync -- "$(dirname -- "$file")""#;

/// $1 from, $2 to.
const COPY: &str = r#"
[ -e "$1" ] || exit 44
[ -d "$2" ] && exit 45
[ -d "$(dirname -- "$2")" ] || exit 47
cp --preserve=all -- "$1" "$2.krun-new" && sync -- "$2.krun-new" && mv -fT -- "$2.krun-new" "$2" || { status=$?; rm -f -- "$2.krun-new"; exit "$status"; }"#;

/// $1 path, $2 SHA-256: a connection that ends early ends the input as well. A name is given only to a whole file, and to none that is there: `ln` does not replace.
const CREATE: &str = r#"
[ -d "$(dirname -- "$1")" ] || exit 47
new=$1.krun-new-$$
cat > "$new" && sync -- "$new" || { status=$?; rm -f -- "$new"; exit "$status"; }
[ "$(sha256sum < "$new" | cut -d ' ' -f 1)" = "$2" ] || { rm -f -- "$new"; exit 48; }
ln -T -- "$new" "$1" 2>"$new.said"
status=$?
[ "$status" = 0 ] || [ -e "$1" ] || [ -L "$1" ] || cat -- "$new.said" >&2
rm -f -- "$new" "$new.said"
[ "$status" = 0 ] && exit 0
[ -e "$1" ] || [ -L "$1" ] || exit "$status"
exit 49"#;

const REMOVE: &str = r#"
[ -d "$1" ] && [ ! -L "$1" ] && exit 45
rm -f -- "$1""#;

/// A link is made beside the old one and takes its place in one instant: `ln -sfn` alone would leave a moment without any.
const LINK: &str = r#"
[ -L "$1" ] || [ ! -e "$1" ] || exit 46
[ -d "$(dirname -- "$1")" ] || exit 47
ln -sfn -- "$2" "$1.krun-new" && mv -fT -- "$1.krun-new" "$1" || { status=$?; rm -f -- "$1.krun-new"; exit "$status"; }"#;

pub(super) fn kind(remote: &Remote, path: &str) -> Result<Kind, Error> {
    let output = remote.read(&remote.command(KIND).argument(path))?;
    match output.stdout.trim_ascii() {
        b"link" => Ok(Kind::Link),
        b"folder" => Ok(Kind::Folder),
        b"file" => Ok(Kind::File),
        b"missing" => Ok(Kind::Missing),
        _ => Err(answer::error(remote, &output, "looking at", path)),
    }
}

pub(super) fn read_file(remote: &Remote, path: &str) -> Result<Option<Vec<u8>>, Error> {
    read_of(remote, &remote.command(READ).limit(TRANSFER), path)
}

pub(super) fn checksum(remote: &Remote, path: &str) -> Result<Option<String>, Error> {
    let found = read_of(remote, &remote.command(CHECKSUM).limit(TRANSFER), path)?;
    Ok(found.map(|bytes| text(&bytes).split(' ').next().unwrap_or_default().to_owned()))
}

pub(super) fn read_link(remote: &Remote, path: &str) -> Result<Option<String>, Error> {
    Ok(read_of(remote, &remote.command(READ_LINK), path)?.map(|bytes| text(&bytes)))
}

/// What a script writes of a path; `None` where there is nothing.
fn read_of(remote: &Remote, command: &Command, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let output = remote.read(&command.clone().argument(path))?;
    match output.status {
        0 => Ok(Some(output.stdout)),
        MISSING => Ok(None),
        _ => Err(answer::error(remote, &output, "reading", path)),
    }
}

pub(super) fn glob(remote: &Remote, pattern: &str) -> Result<Vec<String>, Error> {
    let output = remote.read(&remote.command(GLOB).argument(pattern))?;
    if output.status != 0 {
        return Err(answer::error(remote, &output, "looking for", pattern));
    }
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    Ok(names)
}

pub(super) fn disk(remote: &Remote, path: &str) -> Result<Disk, Error> {
    let output = remote.read(&remote.command(DISK).argument(path))?;
    match disk_of(&text(&output.stdout)) {
        Some(disk) if output.status == 0 => Ok(disk),
        _ => Err(answer::error(remote, &output, "measuring the disk of", path)),
    }
}

/// The line of a filesystem that `df -P -B1` writes.
pub(super) fn disk_of(line: &str) -> Option<Disk> {
    let mut numbers = line.split_whitespace().skip(1).map(|word| word.parse::<u64>().ok());
    let (total_bytes, free_bytes) = (numbers.next()??, numbers.nth(1)??);
    Some(Disk { total_bytes, free_bytes })
}

pub(super) fn write_file(remote: &Remote, path: &str, bytes: &[u8], keeping: Keeping<'_>) -> Result<(), Failure> {
    let command = remote.command(WRITE).input(bytes).limit(TRANSFER).argument(path).argument(sha256(bytes));
    let command = command.argument(keeping.old.unwrap_or_default()).argument(keeping.like.unwrap_or_default());
    changed(remote, &command, "writing", path)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

pub(super) fn create_file(remote: &Remote, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
    let output = remote.change(&remote.command(CREATE).input(bytes).argument(path).argument(sha256(bytes)))?;
    match output.status {
        0 => Ok(true),
        TAKEN => Ok(false),
        _ => Err(Failure::Refused(answer::error(remote, &output, "making", path))),
    }
}

pub(super) fn copy_file(remote: &Remote, from: &str, to: &str) -> Result<(), Failure> {
    changed(remote, &remote.command(COPY).limit(TRANSFER).argument(from).argument(to), "copying", from)
}

pub(super) fn remove_file(remote: &Remote, path: &str) -> Result<(), Failure> {
    changed(remote, &remote.command(REMOVE).argument(path), "removing", path)
}

pub(super) fn link(remote: &Remote, path: &str, target: &str) -> Result<(), Failure> {
    changed(remote, &remote.command(LINK).argument(path).argument(target), "linking", path)
}

/// Each of these scripts changes something in its last command only: one that says that it failed has changed nothing.
pub(super) fn changed(remote: &Remote, command: &Command, doing: &str, path: &str) -> Result<(), Failure> {
    let output = remote.change(command)?;
    match output.status {
        0 => Ok(()),
        _ => Err(Failure::Refused(answer::error(remote, &output, doing, path))),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned()
}
