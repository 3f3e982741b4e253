//! What a process has open, from `/proc`: the jars that it really runs, whatever links say by now, and its ports.

use super::{Process, Remote};
use crate::error::Error;
use std::path::Path;

/// The jars and sockets among its descriptors, then the listening sockets of its network namespace and the version of its Java. One
/// program lists all descriptors: a broker has tens of thousands.
pub(super) const OPEN: &str = r#"
[ -d "/proc/$1" ] || exit 44
ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/^.* -> //; /\.jar/p; /^socket:/p'
echo
grep -h ' 0A ' "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null
exe=$(readlink -- "/proc/$1/exe")
exe=${exe%" (deleted)"}
case $exe in */java)
    for release in "${exe%/bin/java}/release" "${exe%/jre/bin/java}/release"; do
        [ -r "$release" ] && java=$(sed -n 's/^JAVA_VERSION="\(.*\)".*$/\1/p' "$release") && [ -n "$java" ] && break
    done
    [ -n "$java" ] || java=$("/proc/$1/exe" -version 2>&1 | sed -n '1s/^[^"]*"\([^"]*\)".*$/\1/p')
    printf 'java=%s\n' "$java" ;;
esac
:"#;

const CLOCK: &str = "date +%s%3N";

/// `TCP_LISTEN` of the kernel.
const LISTEN: &str = "0A";

pub(super) fn process(remote: &Remote, pid: u32) -> Result<Process, Error> {
    let output = remote.read(&remote.command(OPEN).argument(pid.to_string()))?;
    if output.stdout.is_empty() {
        let text = format!("{}: there is no process {pid} any more", remote.name);
        return Err(Error::new("NO_SUCH_PROCESS", text).retriable());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

pub(super) fn parse(text: &str) -> Process {
    let (open, sockets) = text.split_once("\n\n").unwrap_or((text, ""));
    // A jar that was removed since is still the one that runs.
    let files = open.lines().map(|path| path.strip_suffix(" (deleted)").unwrap_or(path));
    let jars = files.filter(|path| Path::new(path).extension().is_some_and(|ending| ending == "jar"));
    let mut jars: Vec<String> = jars.map(str::to_owned).collect();
    jars.sort();
    jars.dedup();
    let inodes: Vec<&str> = open.lines().filter_map(|one| one.strip_prefix("socket:[")?.strip_suffix(']')).collect();
    let listening = sockets.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_own = words.get(3) == Some(&LISTEN) && words.get(9).is_some_and(|inode| inodes.contains(inode));
        let (_, port) = words.get(1).filter(|_| is_own)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    });
    let mut ports: Vec<u16> = listening.collect();
    ports.sort_unstable();
    ports.dedup();
    let java = sockets.lines().find_map(|line| line.strip_prefix("java=")).filter(|version| !version.is_empty());
    Process { jars, ports, java: java.map(str::to_owned) }
}

pub(super) fn clock(remote: &Remote) -> Result<i64, Error> {
    let output = remote.read(&remote.command(CLOCK))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| Error::new("COMMAND_FAILED", format!("{}: date says no time: {text}", remote.name)))
}
