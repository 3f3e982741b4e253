//! Proving to a host who one is: by the agent's keys, then by key files, with certificates where they lie beside them.

use super::config::Target;
use crate::error::Error;
use ssh2::{ErrorCode, Session};
use std::path::{Path, PathBuf};

/// Servers hang up after six (`MaxAuthTries` of `sshd_config(5)`).
const MOST_TRIES: usize = 6;
/// `LIBSSH2_ERROR_AUTHENTICATION_FAILED`.
const AUTHENTICATION_FAILED: i32 = -18;

/// Logs in. Gives with what.
pub(super) fn log_in(session: &Session, target: &Target) -> Result<String, Error> {
    // Asking for the methods is the first try, `none`; a host that lets everybody in ends it here.
    let methods = session.auth_methods(&target.user).map_err(|error| refused(target, &error.to_string()))?;
    if session.authenticated() {
        return Ok("nothing".to_owned());
    }
    if !methods.split(',').any(|method| method == "publickey") {
        let text = format!("{} takes no public key from {}, only: {methods}", target.host, target.user);
        return Err(Error::new("SSH_AUTH", text).hint("krun logs in with keys: allow `PubkeyAuthentication` there"));
    }
    let mut tried = Vec::new();
    if let Some(how) = by_agent(session, target, &mut tried) {
        return Ok(how);
    }
    for file in target.identities.iter().filter(|file| file.exists()) {
        if tried.len() >= MOST_TRIES {
            break;
        }
        match by_file(session, target, file) {
            Ok(()) => return Ok(format!("the key {}", file.display())),
            Err(why) => tried.push(format!("{} ({why})", file.display())),
        }
    }
    let tried = if tried.is_empty() { "there is none to try".to_owned() } else { tried.join(", ") };
    let hint = "does `ssh` get in? A key with a passphrase must be in the agent; with many keys, say IdentitiesOnly and IdentityFile";
    Err(refused(target, &tried).hint(hint))
}

fn by_agent(session: &Session, target: &Target, tried: &mut Vec<String>) -> Option<String> {
    let socket = target.agent.as_ref().filter(|socket| socket.exists())?;
    let mut agent = session.agent().ok()?;
    agent.set_identity_path(socket).ok()?;
    agent.connect().and_then(|()| agent.list_identities()).ok()?;
    let wanted: Vec<Vec<u8>> = target.identities.iter().filter_map(|file| public_key(file)).collect();
    let all = agent.identities().ok()?;
    let these = all.into_iter().filter(|one| !target.only_these || wanted.iter().any(|key| key == one.blob()));
    for identity in these.take(MOST_TRIES) {
        if agent.userauth(&target.user, &identity).is_ok() && session.authenticated() {
            return Some(format!("the agent's key {}", identity.comment()));
        }
        tried.push(format!("the agent's {}", identity.comment()));
    }
    None
}

fn by_file(session: &Session, target: &Target, file: &Path) -> Result<(), String> {
    let certificate = with_ending(file, "-cert.pub");
    let public =
        if certificate.exists() { Some(certificate) } else { Some(with_ending(file, ".pub")).filter(|p| p.exists()) };
    if has_passphrase(file) {
        return Err("it has a passphrase, and krun asks for none".to_owned());
    }
    match session.userauth_pubkey_file(&target.user, public.as_deref(), file, None) {
        Ok(()) if session.authenticated() => Ok(()),
        Ok(()) => Err("not enough for the host".to_owned()),
        Err(error) if error.code() == ErrorCode::Session(AUTHENTICATION_FAILED) => {
            Err("the host does not take it".to_owned())
        }
        Err(error) => Err(error.message().to_owned()),
    }
}

/// Of an OpenSSH or a PEM key file. libssh2 would only say that the host does not take the key.
fn has_passphrase(file: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(file) else { return false };
    let inner: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let openssh = openssl::base64::decode_block(&inner).ok().filter(|bytes| bytes.starts_with(b"openssh-key-v1\0"));
    match openssh {
        // The name of the cipher follows, with its length before it.
        Some(bytes) => bytes.get(19..23) != Some(b"none"),
        None => text.contains("ENCRYPTED"),
    }
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The key itself, of `FILE.pub`.
fn public_key(file: &Path) -> Option<Vec<u8>> {
    let text = std::fs::read_to_string(with_ending(file, ".pub")).ok()?;
    openssl::base64::decode_block(text.split_whitespace().nth(1)?).ok()
}

fn refused(target: &Target, why: &str) -> Error {
    Error::new("SSH_AUTH", format!("{} does not let {} in; tried: {why}", target.host, target.user))
}
