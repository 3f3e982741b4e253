//! Whose host it is: nothing is sent to one whose key nobody has vouched for.

use super::sshd::{self, Sshd, make_key, public};
use std::fs;

/// The code of the refusal, or how the key was verified.
fn access(server: &Sshd) -> Result<String, (String, String)> {
    let access = server.client().access();
    access.map(|access| access.key).map_err(|error| (error.code.clone(), error.message))
}

#[track_caller]
fn refused(server: &Sshd, code: &str, says: &str) {
    let (found, message) = access(server).expect_err("nobody has vouched for this key");
    assert_eq!(found, code, "{message}");
    assert!(message.contains(says), "{message}");
}

#[test]
fn a_key_is_trusted_by_known_hosts_only() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::with(&["ed25519"], "");
    let known = server.path("known_hosts");
    let line = fs::read_to_string(&known).expect("its key");
    let verified = access(&server).expect("it is known");
    assert!(verified.contains("ssh-ed25519") && verified.ends_with("known_hosts:1"), "{verified}");

    fs::write(&known, "what is this\n").expect("a written file");
    refused(&server, "HOST_KEY_UNKNOWN", "SHA256:");
    refused(&server, "HOST_KEY_UNKNOWN", "known_hosts:1");
    make_key(&server.path("other"), "ed25519", "");
    let name = format!("[127.0.0.1]:{}", server.port);
    let other = format!("{name} {}", public(&server.path("other")));
    fs::write(&known, &other).expect("a written file");
    refused(&server, "HOST_KEY_CHANGED", "known_hosts:1");
    fs::write(&known, format!("{line}@revoked * {}", line.split_once(' ').expect("a line").1)).expect("a written file");
    refused(&server, "HOST_KEY_REVOKED", "known_hosts:2");
    fs::write(&known, format!("@cert-authority {other}")).expect("a written file");
    refused(&server, "HOST_KEY_UNKNOWN", "certification authority");
    // A malformed line spoils no other one.
    fs::write(&known, format!("what is this\n|1|x\n{line}")).expect("a written file");
    assert!(access(&server).expect("it is known").ends_with("known_hosts:3"));
}

/// A host is asked for a key of a type that is known of it: of another type, nothing could be compared.
#[test]
fn a_known_type_is_asked_for() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::with(&["ed25519", "ecdsa", "rsa"], "");
    let known = server.path("known_hosts");
    let lines = fs::read_to_string(&known).expect("its keys");
    for line in lines.lines() {
        fs::write(&known, line).expect("a written file");
        let key_type = line.split(' ').nth(1).expect("a type");
        let verified = access(&server).expect("it is known");
        assert!(verified.starts_with(key_type), "{verified} for {line}");
    }
    make_key(&server.path("other"), "ed25519", "");
    fs::write(&known, format!("[127.0.0.1]:{} {}", server.port, public(&server.path("other"))))
        .expect("a written file");
    refused(&server, "HOST_KEY_CHANGED", "ssh-ed25519");
}

/// A server that has a host certificate shows its plain key to krun.
#[test]
fn a_host_with_a_certificate_shows_its_plain_key() {
    if !sshd::is_here() {
        return;
    }
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let (authority, host) = (scratch.path().join("ca"), scratch.path().join("host"));
    make_key(&authority, "ed25519", "");
    make_key(&host, "ed25519", "");
    let mut sign = std::process::Command::new("ssh-keygen");
    sign.args(["-q", "-h", "-I", "a test's", "-s"]).arg(&authority).arg(host.with_extension("pub"));
    assert!(sign.status().expect("ssh-keygen runs").success());
    let certificate = scratch.path().join("host-cert.pub");
    let more = format!("HostKey {}\nHostCertificate {}", host.display(), certificate.display());
    let server = Sshd::with(&[], &more);
    fs::write(server.path("known_hosts"), format!("[127.0.0.1]:{} {}", server.port, public(&host)))
        .expect("a written file");
    assert!(access(&server).expect("it is known").starts_with("ssh-ed25519"));
}
