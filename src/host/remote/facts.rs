//! Facts by one script: each is written as its name and its text, with a NUL behind both, so that nothing in a text can be taken
//! for another fact.

use super::{Machine, Remote, files, processes, services};
use crate::error::Error;
use crate::host::facts::{Clock, Config, Facts, LogDir, version_behind};
use crate::host::hosts::Home;
use jiff::Timestamp;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(2);

/// $1 unit, $2 install root, $3 link, $4 `server.properties`, $5 `all` or what tells whose host it is. `SHOW` and `OPEN` are the scripts
/// that ask for one unit and one process.
const FACTS: &str = r#"
say() { printf '%s\0%s\0' "$1" "$2"; }
value() {
    sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*//;ta' -e '}' -- "$2" |
        sed -n 's/^[[:space:]]*'"$1"'[[:space:]]*[=:[:space:]][[:space:]]*//p' | tail -n 1 | tr -d '\r'
}
say begin "$(date +%s%3N)"
all=
[ "$5" = all ] && all=1
[ "$all" ] && say user "$(id -un 2>/dev/null || id -u)"
show=$(show "$1" 2>/dev/null)
say service "$show"
pid=$(printf '%s\n' "$show" | sed -n 's/^MainPID=//p')
[ "${pid:-0}" -gt 0 ] && [ -d "/proc/$pid" ] && say open "$(open "$pid")"
if [ "$all" ]; then
    [ -L "$3" ] && say link "$(readlink -- "$3")"
    for jar in "$3"/libs/kafka_*.jar; do [ -e "$jar" ] && say behind "$jar"; done
    for folder in "$2"/kafka_*; do [ -d "$folder" ] && [ ! -L "$folder" ] && say installed "${folder##*/}"; done
    logs=$3/logs
    if [ "${pid:-0}" -gt 0 ] && [ -r "/proc/$pid/cmdline" ]; then
        own=$(tr '\0' '\n' < "/proc/$pid/cmdline" | sed -n 's/^-Dkafka\.logs\.dir=//p' | tail -n 1)
        case $own in
            /*) logs=$own ;;
            ?*) logs=$(readlink -- "/proc/$pid/cwd")/$own ;;
        esac
    fi
    [ -r "$logs/server.log" ] && say logged "$(tail -c 33554432 -- "$logs/server.log" | grep -a 'Kafka version' | tail -n 1)"
fi
if [ -r "$4" ]; then
    say config "$(cat -- "$4")"
    dirs=$(value 'log\.dirs' "$4")
    [ -n "$dirs" ] || dirs=$(value 'log\.dir' "$4")
    set -f
    IFS=,
    for dir in ${dirs:-/tmp/kafka-logs}; do
        dir=$(printf '%s\n' "$dir" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; s/\\//g')
        [ -n "$dir" ] || continue
        say dir "$dir"
        say meta "$(cat -- "$dir/meta.properties" 2>/dev/null)"
        [ "$all" ] && say disk "$(df -P -B1 -- "$dir" 2>/dev/null | tail -n 1)"
    done
fi
say end "$(date +%s%3N)""#;

/// How much of it is asked: each thing costs the host some processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    /// Whose host it is: log dirs, the unit, its process, the configuration.
    Identity,
}

pub(super) fn facts(remote: &Remote, home: &Home, asked: Asked) -> Result<Facts, Error> {
    // The connection is made before the clocks are compared.
    remote.access()?;
    let (show, open) = (services::SHOW, processes::OPEN);
    let script = format!("show() {{{show}\n}}\nopen() {{ ({open}\n) }}\n{FACTS}");
    let arguments = [
        home.service.clone(),
        home.install_root.trim_end_matches('/').to_owned(),
        home.link_path(),
        home.config_path(),
        match asked {
            Asked::All => "all".to_owned(),
            Asked::Identity => "identity".to_owned(),
        },
    ];
    let command = arguments.into_iter().fold(remote.command(&script).limit(LIMIT), super::Command::argument);
    let before = Timestamp::now().as_millisecond();
    let output = remote.read(&command)?;
    let after = Timestamp::now().as_millisecond();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split('\0');
    let mut said: Vec<(&str, &str)> = Vec::new();
    while let (Some(name), Some(text)) = (words.next(), words.next()) {
        said.push((name, text));
    }
    let number = |name: &str| said.iter().find(|(one, _)| *one == name)?.1.trim().parse::<i64>().ok();
    let (Some(begin), Some(end)) = (number("begin"), number("end")) else {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new("COMMAND_FAILED", format!("{}: the facts came to no end: {}", remote.name, why.trim())));
    };
    Ok(Facts { clock: Clock::compared((before, after), (begin, end)), ..told(&said) })
}

fn told(said: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    let mut behind = Vec::new();
    for (name, text) in said {
        match *name {
            "user" => (*text).clone_into(&mut facts.user),
            "service" => facts.service = services::parse(text),
            "link" => facts.link = Some((*text).to_owned()),
            "behind" => behind.push(*text),
            "installed" => facts.installed.push((*text).to_owned()),
            "open" => {
                let process = processes::parse(text);
                (facts.jars, facts.ports, facts.java) = (process.jars, process.ports, process.java);
            }
            "logged" => facts.logged_version = Facts::version_in_log(text),
            "config" => facts.config = Config::of(text),
            "dir" => facts.log_dirs.push(LogDir { path: (*text).to_owned(), ..LogDir::default() }),
            "meta" => {
                if let Some(dir) = facts.log_dirs.last_mut() {
                    *dir = LogDir::of(std::mem::take(&mut dir.path), text, None);
                }
            }
            "disk" => {
                if let Some(dir) = facts.log_dirs.last_mut() {
                    dir.disk = files::disk_of(text);
                }
            }
            _ => {}
        }
    }
    facts.link_version = version_behind(behind, facts.link.as_deref());
    facts.running_version = version_behind(facts.jars.iter().map(String::as_str), None);
    facts
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_is_open_counts_and_not_what_the_link_says() {
        let facts = told(&[
            ("link", "kafka_2.12-2.6.3"),
            ("open", "/usr/local/kafka_2.12-2.1.1/libs/kafka_2.12-2.1.1.jar\n\n"),
        ]);
        assert_eq!(facts.link_version.as_deref(), Some("2.6.3"));
        assert_eq!(facts.running_version.as_deref(), Some("2.1.1"));
    }
}
