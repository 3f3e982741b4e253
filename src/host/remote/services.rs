//! systemd, whose answers are not what they seem: `start` gives 0 for a unit that dies a moment later, and a unit that was stopped
//! well may be `failed` (a JVM ends with 143). Only the main process tells.

use super::{Remote, Service};
use crate::error::{Error, Failure};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const SHOW: &str = r#"
systemctl show --property=LoadState,ActiveState,SubState,Result,MainPID,InvocationID,NRestarts,ExecMainStatus,NeedDaemonReload,FragmentPath,ExecStart -- "$1""#;

const ASK: &str = r#"
systemctl "$2" -- "$1""#;

/// Of its last start alone where there are any: what it wrote before says nothing about why it died now.
const LOG: &str = r#"
log() { journalctl --no-pager --quiet --output=cat --lines="$lines" "$@" 2>&1; }
lines=$2
start=$(systemctl show --property=InvocationID -- "$1" | cut -d = -f 2)
said=
[ -n "$start" ] && said=$(log "_SYSTEMD_INVOCATION_ID=$start")
if [ -n "$said" ]; then printf '%s\n' "$said"; else log --unit="$1"; fi"#;

/// What `systemctl` says of units that it does not know.
const NO_UNIT: i32 = 5;

pub(super) fn show(remote: &Remote, unit: &str) -> Result<Service, Error> {
    let output = remote.read(&remote.command(SHOW).argument(unit))?;
    if let Some(service) = parse(&String::from_utf8_lossy(&output.stdout)).filter(|_| output.status == 0) {
        return Ok(service);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let text = format!("{}: systemctl does not tell of {unit}: {}", remote.name, why.trim());
    Err(Error::new("NO_SYSTEMD", text).hint("krun starts and stops brokers by systemd only"))
}

/// What `systemctl show` says; `None` where it says nothing of a unit.
pub(super) fn parse(text: &str) -> Option<Service> {
    let said: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    said.get("MainPID")?;
    let word = |key: &str| said.get(key).copied().unwrap_or_default().to_owned();
    let number = |key: &str| word(key).parse::<i64>().ok();
    Some(Service {
        load: word("LoadState"),
        active: word("ActiveState"),
        sub: word("SubState"),
        result: word("Result"),
        main_pid: number("MainPID").and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
        invocation: word("InvocationID"),
        restarts: number("NRestarts").and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
        exit_status: number("ExecMainStatus").and_then(|status| i32::try_from(status).ok()),
        needs_reload: word("NeedDaemonReload") == "yes",
        unit_file: word("FragmentPath"),
        command: word("ExecStart"),
    })
}

/// `start` or `stop`, and its answer: what has become of the unit is another question.
pub(super) fn ask(remote: &Remote, verb: &str, unit: &str, limit: Duration) -> Result<(), Failure> {
    let output = remote.change(&remote.command(ASK).argument(unit).argument(verb).limit(limit))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let text = format!("{}: systemctl {verb} {unit} says: {}", remote.name, said.trim());
    match output.status {
        0 => Ok(()),
        NO_UNIT => Err(Failure::Refused(
            Error::new("NO_SUCH_SERVICE", text).hint("service = \"…\" in krun.toml names the unit"),
        )),
        // Access denied, a failed dependency, a start that failed at once: how it stands now must be looked at.
        _ => Err(Failure::Unknown(Error::new("SERVICE_FAILED", text))),
    }
}

pub(super) fn log(remote: &Remote, unit: &str, lines: u32) -> Result<String, Error> {
    let output = remote.read(&remote.command(LOG).argument(unit).argument(lines.to_string()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
