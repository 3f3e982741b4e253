//! A command that outlives its connection: it runs in a session of its own, and a folder on its host says how it stands. Whoever
//! comes back later, over another connection or as another process, finds there how it ended.
//!
//! ```text
//! /var/tmp/krun-RUN/KEY/command  stdout  stderr   what was to run, and all that it wrote
//!                       pid                       process, start time, boot: whether it is still the same
//!                       status                    by rename, once it has ended
//! ```

use super::command::Command;
use super::machine::Machine;
use crate::error::{Error, Failure};
use std::time::Duration;

/// So much of each stream comes back, from its end. All of it stays on the host until the run is over.
const MOST_BYTES: &str = "4096";

/// $1 the folder of the run.
const PREPARE: &str = r#"
umask 077
mkdir -p -- "$1" && [ -O "$1" ] && [ ! -L "$1" ]"#;

/// $1 the folder of the run, $2 the key, $3 how many bytes the command has, which comes by stdin. What was begun and has a process or an end is left as it is.
const START: &str = r#"
umask 077
folder=$1/$2
if ! mkdir -- "$folder" 2>/dev/null; then
    [ -d "$folder" ] || { echo "$1 is not there" >&2; exit 1; }
    # Another one may have begun it a moment ago.
    ticks=0
    while [ ! -e "$folder/pid" ] && [ "$ticks" -lt 100 ]; do sleep 0.1; ticks=$((ticks + 1)); done
    [ -e "$folder/status" ] && exit 0
    read -r pid start boot < "$folder/pid" 2>/dev/null
    [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] && [ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" = "$start" ] && exit 0
    mv -T -- "$folder" "$folder.given-up-$$" && mkdir -- "$folder" || exit 1
fi
cat > "$folder/command"
# Half of a command is what a lost connection leaves.
[ "$(wc -c < "$folder/command")" -eq "$3" ] || { rm -rf -- "$folder"; echo "the command did not arrive as a whole" >&2; exit 1; }
setsid sh -c '
cd /
echo "$$ $(cut -d " " -f 22 "/proc/$$/stat") $(cat /proc/sys/kernel/random/boot_id)" > "$0/pid.new"
mv -T "$0/pid.new" "$0/pid" || exit
sh "$0/command" > "$0/stdout" 2> "$0/stderr" < /dev/null
echo "$?" > "$0/status.new"
sync "$0/status.new" "$0/stdout" "$0/stderr"
mv -T "$0/status.new" "$0/status"
' "$folder" > /dev/null 2>&1 < /dev/null &
exit 0"#;

/// $1 the folder of the run, $2 the key, $3 for how many tenths of a second it waits.
const WATCH: &str = r#"
[ -d "$1" ] || { echo gone; exit 0; }
folder=$1/$2
[ -d "$folder" ] || { echo never; exit 0; }
ticks=0
missed=0
while [ ! -e "$folder/status" ]; do
    if [ -e "$folder/pid" ]; then
        read -r pid start boot < "$folder/pid"
        if [ "$boot" != "$(cat /proc/sys/kernel/random/boot_id)" ] || [ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" != "$start" ]; then
            missed=$((missed + 1))
            [ "$missed" -gt 3 ] && { echo "died $pid"; exit 0; }
        fi
    else
        missed=$((missed + 1))
        [ "$missed" -gt 100 ] && { echo "died -"; exit 0; }
    fi
    ticks=$((ticks + 1))
    if [ "$ticks" -gt "$3" ]; then
        began=$(stat -c %Y "$folder/pid" 2>/dev/null || date +%s)
        echo "runs $(($(date +%s) - began))"
        exit 0
    fi
    sleep 0.1
done
printf 'ended\0%s\0' "$(cat "$folder/status")"
tail -c MOST "$folder/stdout" | tr -d '\0'
printf '\0'
tail -c MOST "$folder/stderr" | tr -d '\0'"#;

const CLEAR: &str = r#"
rm -rf -- "$1""#;

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It did not arrive, and is not known there.
    Never,
    /// The folder of the run is gone, and with it whatever it said.
    Gone,
    /// It still runs, for so long.
    Runs(Duration),
    /// It is not running, and did not say how it ended: it was killed, or its host was.
    Died,
    Ended {
        status: i32,
        stdout: String,
        stderr: String,
    },
}

/// Where the receipts of a run lie.
fn folder(run: &str) -> String {
    format!("/var/tmp/krun-{run}")
}

/// Makes the folder of the run: if it is gone later, nobody knows any more what was begun.
pub fn prepare(machine: &dyn Machine, run: &str) -> Result<(), Error> {
    let output = machine.run_with_rights(&Command::new(PREPARE).argument(folder(run)))?;
    let why = String::from_utf8_lossy(&output.stderr);
    if output.status == 0 { Ok(()) } else { Err(no_receipts(machine, &folder(run), why.trim())) }
}

/// Begins a command, or finds it begun.
pub fn start(machine: &dyn Machine, run: &str, key: &str, text: &str) -> Result<(), Failure> {
    let command = Command::new(START).argument(folder(run)).argument(key).argument(text.len().to_string());
    let command = command.input(text.as_bytes());
    let output = machine.run_with_rights(&command)?;
    let why = String::from_utf8_lossy(&output.stderr);
    if output.status == 0 { Ok(()) } else { Err(Failure::Refused(no_receipts(machine, &folder(run), why.trim()))) }
}

/// Waits until it has ended, for `at_most` or a little longer.
pub fn watch(machine: &dyn Machine, run: &str, key: &str, at_most: Duration) -> Result<Standing, Error> {
    let ticks = (at_most.as_millis() / 100).to_string();
    let command = Command::new(WATCH.replace("MOST", MOST_BYTES)).argument(folder(run)).argument(key).argument(ticks);
    let output = machine.run_with_rights(&command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.split('\0').collect();
    if let ["ended", status, stdout, stderr] = words.as_slice() {
        let status = status.trim().parse().unwrap_or(-1);
        return Ok(Standing::Ended { status, stdout: (*stdout).to_owned(), stderr: (*stderr).to_owned() });
    }
    match text.trim().split_once(' ').unwrap_or((text.trim(), "")) {
        ("never", _) => Ok(Standing::Never),
        ("gone", _) => Ok(Standing::Gone),
        ("died", _) => Ok(Standing::Died),
        ("runs", age) => Ok(Standing::Runs(Duration::from_secs(age.parse().unwrap_or(0)))),
        _ => Err(no_receipts(machine, &folder(run), String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// Takes all receipts of a run away.
pub fn clear(machine: &dyn Machine, run: &str) -> Result<(), Error> {
    machine.run_with_rights(&Command::new(CLEAR).argument(folder(run)))?;
    Ok(())
}

fn no_receipts(machine: &dyn Machine, folder: &str, why: &str) -> Error {
    let why = if why.is_empty() { "it is somebody else's" } else { why };
    let text = format!("{}: no receipts can be kept in {folder}: {why}", machine.name());
    Error::new("NO_RECEIPT", text).hint("a command leaves its receipt there, so that it is never run twice")
}
