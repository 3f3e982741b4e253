//! Where an SSH destination is and how to get there, as the user's own configuration says: asked of `ssh -G`, which alone reads
//! all of it (`Match`, `Include`, tokens).

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Waited for a connection, where the configuration says nothing.
const CONNECT: Duration = Duration::from_secs(10);

/// One machine on the way, or the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The name under which its key is looked for.
    pub key_name: String,
    /// Private keys, in the order in which they are tried. They need not exist.
    pub identities: Vec<PathBuf>,
    /// Of an agent's keys, only these.
    pub only_these: bool,
    /// The agent's socket.
    pub agent: Option<PathBuf>,
    pub known_hosts: Vec<PathBuf>,
    pub connect: Duration,
    /// Through which other machines, in their order.
    pub jumps: Vec<String>,
    /// What says how these are reached.
    pub by: Configuration,
}

/// What says how destinations are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// In place of `~/.ssh/config` and the system's.
    pub file: Option<PathBuf>,
    /// Wins over what the configuration says.
    pub user: Option<String>,
}

/// What a configuration makes of a destination: a name of it, or `user@host:port`.
pub fn resolve(destination: &str, by: &Configuration) -> Result<Target, Error> {
    let (given_user, host, port) = split(destination);
    let mut ssh = Command::new("ssh");
    ssh.arg("-G");
    if let Some(file) = &by.file {
        ssh.arg("-F").arg(file);
    }
    if let Some(user) = by.user.as_deref().or(given_user) {
        ssh.args(["-l", user]);
    }
    if let Some(port) = port {
        ssh.args(["-p", port]);
    }
    let output = ssh.arg("--").arg(host).output().map_err(|error| no_ssh(&error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let text = format!("the SSH configuration says nothing of {destination}: {}", said.trim());
        return Err(Error::new("SSH_CONFIG", text).hint("try `ssh -G` with this name"));
    }
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let agent = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from);
    read(&String::from_utf8_lossy(&output.stdout), &home, agent, by)
}

fn no_ssh(error: &std::io::Error) -> Error {
    let text = format!("`ssh` does not run here: {error}");
    Error::new("SSH_CONFIG", text).hint("krun asks it what ~/.ssh/config says: install OpenSSH's client")
}

/// `user@host:port`, as a jump is written. An address with colons stands in brackets.
fn split(destination: &str) -> (Option<&str>, &str, Option<&str>) {
    let (user, rest) = match destination.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, destination),
    };
    if let Some((host, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (user, host, after.strip_prefix(':'));
    }
    match rest.split_once(':') {
        Some((host, port)) if !port.contains(':') => (user, host, Some(port)),
        _ => (user, rest, None),
    }
}

/// What `ssh -G` printed: a key and its value a line, keys in lower case.
pub(super) fn read(text: &str, home: &Path, agent: Option<PathBuf>, by: &Configuration) -> Result<Target, Error> {
    let all = |key: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.filter(move |(name, _)| *name == key).map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let one = |key: &str| all(key).first().copied().filter(|value| *value != "none");
    let lacks = |key: &str| Error::new("SSH_CONFIG", format!("`ssh -G` does not tell the {key}"));
    if let Some(command) = one("proxycommand") {
        let text = format!("the SSH configuration goes through a ProxyCommand, which krun does not run: {command}");
        return Err(Error::new("SSH_CONFIG", text).hint("ProxyJump does the same with an SSH host in between"));
    }
    let host = one("hostname").ok_or_else(|| lacks("hostname"))?.to_owned();
    let user = one("user").ok_or_else(|| lacks("user"))?.to_owned();
    let path = |text: &str| expand(text, home, &host, &user);
    let words = |key: &str| all(key).into_iter().flat_map(str::split_whitespace).filter(|word| *word != "none");
    Ok(Target {
        port: one("port").and_then(|port| port.parse().ok()).unwrap_or(22),
        key_name: one("hostkeyalias").unwrap_or(&host).to_owned(),
        identities: all("identityfile").into_iter().filter(|file| *file != "none").map(path).collect(),
        only_these: one("identitiesonly") == Some("yes"),
        agent: match all("identityagent").first() {
            Some(&"none") => None,
            Some(&"SSH_AUTH_SOCK") | None => agent,
            Some(socket) => Some(path(socket)),
        },
        known_hosts: words("userknownhostsfile").chain(words("globalknownhostsfile")).map(path).collect(),
        connect: one("connecttimeout").and_then(|s| s.parse().ok()).map_or(CONNECT, Duration::from_secs),
        jumps: one("proxyjump").map(|jumps| jumps.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        // A user is given for the last machine only.
        by: Configuration { file: by.file.clone(), user: None },
        host: host.clone(),
        user: user.clone(),
    })
}

/// `~` and the tokens that `ssh -G` leaves in paths.
fn expand(text: &str, home: &Path, host: &str, user: &str) -> PathBuf {
    let home = home.to_string_lossy();
    let text = text.replace("%d", &home).replace("%h", host).replace("%r", user).replace("%%", "%");
    match text.strip_prefix("~/") {
        Some(rest) => Path::new(home.as_ref()).join(rest),
        None => PathBuf::from(text),
    }
}
