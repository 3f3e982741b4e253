//! A session with a host whose key is trusted: connection, key exchange, the host's key, log-in; through other hosts if need be.

use super::config::{self, Target};
use super::{identity, jump};
use crate::error::Error;
use crate::host::known_hosts::{KnownHosts, Verdict};
use ssh2::{HashType, HostKeyType, MethodType, Session};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// Without a sign of life from the other machine for so long, a connection is over.
const SILENCE: Duration = Duration::from_secs(30);

/// Plain host keys: with `…-cert-v01@openssh.com` a host would show a certificate, and krun cannot check one.
const KEY_TYPES: [(&str, &str); 6] = [
    ("ssh-ed25519", "ssh-ed25519"),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
    ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
    ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    ("ssh-rsa", "rsa-sha2-512"),
    ("ssh-rsa", "rsa-sha2-256"),
];

/// A host that lets one in.
pub(super) struct Connected {
    pub(super) session: Session,
    /// How its key was verified.
    pub(super) key: String,
    /// With what one got in.
    pub(super) identity: String,
    /// What carries the connection, and ends with it.
    pub(super) carrier: Carrier,
}

pub(super) enum Carrier {
    Tcp(TcpStream),
    Jump(jump::Pump),
}

impl Carrier {
    /// Cuts it, so that nothing waits for the other side any more.
    pub(super) fn cut(&self) {
        match self {
            // What is cut already cannot be cut.
            Self::Tcp(stream) => drop(stream.shutdown(std::net::Shutdown::Both)),
            Self::Jump(pump) => pump.cut(),
        }
    }
}

impl AsFd for Carrier {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Jump(pump) => pump.as_fd(),
        }
    }
}

/// Connects to a target, through its jumps.
pub(super) fn connect(target: &Target) -> Result<Connected, Error> {
    let mut before: Option<Connected> = None;
    for jump in &target.jumps {
        let jump = config::resolve(jump, &target.by)?;
        before = Some(connect_from(before, &jump)?);
    }
    connect_from(before, target)
}

fn connect_from(before: Option<Connected>, target: &Target) -> Result<Connected, Error> {
    let mut session = Session::new().map_err(|error| unreachable(target, &error.to_string()))?;
    let milliseconds = u32::try_from(target.connect.as_millis()).unwrap_or(u32::MAX);
    // Bounds the handshake too: a listener that says nothing.
    session.set_timeout(milliseconds);
    let carrier = match before {
        None => {
            let stream = dial(target)?;
            session.set_tcp_stream(stream.try_clone().map_err(|error| unreachable(target, &error.to_string()))?);
            Carrier::Tcp(stream)
        }
        Some(before) => {
            let (stream, pump) = jump::through(before, &target.host, target.port)?;
            session.set_tcp_stream(stream);
            Carrier::Jump(pump)
        }
    };
    let known = known_hosts(target);
    prefer(&session, &known.key_types(&target.key_name, target.port));
    session.handshake().map_err(|error| {
        let text = format!("{} at port {} does not speak SSH as krun does: {error}", target.host, target.port);
        Error::new("SSH_UNREACHABLE", text).hint("OpenSSH 7.2 or later? `ssh -v` says more").retriable()
    })?;
    let key = verify(&session, target, &known)?;
    let identity = identity::log_in(&session, target)?;
    session.set_keepalive(true, 15);
    Ok(Connected { session, key, identity, carrier })
}

fn dial(target: &Target) -> Result<TcpStream, Error> {
    let addresses = (target.host.as_str(), target.port).to_socket_addrs();
    let addresses = addresses.map_err(|error| unreachable(target, &format!("its name does not resolve: {error}")))?;
    let mut why = "its name has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, target.connect) {
            Ok(stream) => {
                // Neither is needed for the connection to work; without them a dead one is noticed later.
                let _ = stream.set_nodelay(true);
                let silence = u32::try_from(SILENCE.as_millis()).unwrap_or(u32::MAX);
                let _ = rustix::net::sockopt::set_tcp_user_timeout(stream.as_fd(), silence);
                return Ok(stream);
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(unreachable(target, &why))
}

fn unreachable(target: &Target, why: &str) -> Error {
    let text = format!("{} cannot be reached at port {}: {why}", target.host, target.port);
    Error::new("SSH_UNREACHABLE", text).hint("is the host up, and does `ssh` get there from here?").retriable()
}

fn known_hosts(target: &Target) -> KnownHosts {
    let mut known = KnownHosts::default();
    for file in &target.known_hosts {
        // Most of them do not exist.
        if let Ok(text) = std::fs::read(file) {
            known.add(file, &text);
        }
    }
    known
}

/// Types of known keys come first: a host that has one of these shows it, and it can be compared.
fn prefer(session: &Session, known: &[&str]) {
    let is_known = |key_type: &&(&str, &str)| known.contains(&key_type.0);
    let first = KEY_TYPES.iter().filter(is_known);
    let rest = KEY_TYPES.iter().filter(|key_type| !is_known(key_type));
    let names: Vec<&str> = first.chain(rest).map(|(_, algorithm)| *algorithm).collect();
    // A library that does not know one of them says so in the handshake.
    let _ = session.method_pref(MethodType::HostKey, &names.join(","));
}

/// Checks the key that the host has shown. Gives how.
fn verify(session: &Session, target: &Target, known: &KnownHosts) -> Result<String, Error> {
    let Some((key, kind)) = session.host_key() else {
        return Err(Error::new("HOST_KEY_UNKNOWN", format!("{} shows no key", target.host)));
    };
    let key_type = match kind {
        HostKeyType::Ed25519 => "ssh-ed25519",
        HostKeyType::Ecdsa256 => "ecdsa-sha2-nistp256",
        HostKeyType::Ecdsa384 => "ecdsa-sha2-nistp384",
        HostKeyType::Ecdsa521 => "ecdsa-sha2-nistp521",
        HostKeyType::Rsa => "ssh-rsa",
        HostKeyType::Dss | HostKeyType::Unknown => "of an unknown type",
    };
    let print = session.host_key_hash(HashType::Sha256).map(openssl::base64::encode_block).unwrap_or_default();
    let print = format!("SHA256:{}", print.trim_end_matches('='));
    let name =
        if target.port == 22 { target.key_name.clone() } else { format!("[{}]:{}", target.key_name, target.port) };
    let scan = format!("ssh-keyscan -p {} {}", target.port, target.host);
    match known.judge(&target.key_name, target.port, key_type, key) {
        Verdict::Known(place) => Ok(format!("{key_type} key in {place}")),
        Verdict::Unknown { other_types } => {
            let others = if other_types.is_empty() {
                String::new()
            } else {
                format!("; known are keys of it of other types: {}", other_types.join(", "))
            };
            let malformed: Vec<String> = known.malformed().iter().map(ToString::to_string).collect();
            let unread = if malformed.is_empty() {
                String::new()
            } else {
                format!("; these lines are malformed: {}", malformed.join(", "))
            };
            let text = format!("nobody has vouched for the {key_type} key of {name}, {print}{others}{unread}");
            let hint = format!(
                "compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_…_key.pub), then add it: {scan}"
            );
            Err(Error::new("HOST_KEY_UNKNOWN", text).hint(hint))
        }
        Verdict::Changed(place) => {
            let text = format!("the key of {name} is another one than in {place}: it shows a {key_type} key, {print}");
            let hint = "the host was installed anew, or somebody is in between: find out which, then correct that line";
            Err(Error::new("HOST_KEY_CHANGED", text).hint(hint))
        }
        Verdict::Revoked(place) => {
            let text = format!("the key of {name} must not be trusted any more: it is revoked in {place}");
            Err(Error::new("HOST_KEY_REVOKED", text).hint("the host needs a new key"))
        }
        Verdict::OnlyAuthority(place) => {
            let text = format!(
                "only a certification authority vouches for {name} ({place}), and krun checks no host certificates"
            );
            let hint = format!("add its plain key, once you have compared it: {scan}");
            Err(Error::new("HOST_KEY_UNKNOWN", text).hint(hint))
        }
    }
}
