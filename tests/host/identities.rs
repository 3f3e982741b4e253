//! Who one is: keys, the agent, certificates, and what is said where none of them opens the door.

use super::sshd::{self, Sshd, make_key};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[test]
fn a_key_file_of_each_type_opens_the_door() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    for key_type in ["ed25519", "ecdsa", "rsa"] {
        let id = server.path("id");
        for file in [id.clone(), id.with_extension("pub")] {
            fs::remove_file(file).expect("the key of before");
        }
        make_key(&id, key_type, "");
        fs::copy(id.with_extension("pub"), server.path("authorized_keys")).expect("a copied file");
        let access = server.client().access().unwrap_or_else(|error| panic!("{key_type}: {error}; {}", server.log()));
        assert!(access.identity.contains("the key ") && access.identity.ends_with("/id"), "{access:?}");
    }
}

#[test]
fn what_was_tried_is_told() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    fs::write(server.path("authorized_keys"), "").expect("a written file");
    let error = server.client().access().expect_err("nobody is let in");
    assert_eq!(error.code, "SSH_AUTH");
    assert!(error.message.contains("/id (the host does not take it)"), "{error}");
    for file in ["id", "id.pub"] {
        fs::remove_file(server.path(file)).expect("the key of before");
    }
    make_key(&server.path("id"), "ed25519", "secret");
    fs::copy(server.path("id.pub"), server.path("authorized_keys")).expect("a copied file");
    let error = server.client().access().expect_err("nobody is asked for a passphrase");
    assert!(error.message.contains("passphrase"), "{error}");
    fs::remove_file(server.path("id")).expect("the key");
    let error = server.client().access().expect_err("there is no key");
    assert!(error.message.contains("none to try"), "{error}");
}

#[test]
fn a_certificate_beside_the_key_is_shown() {
    if !sshd::is_here() {
        return;
    }
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let authority = scratch.path().join("ca");
    make_key(&authority, "ed25519", "");
    let server = Sshd::with(&["ed25519"], &format!("TrustedUserCAKeys {}", authority.with_extension("pub").display()));
    fs::write(server.path("authorized_keys"), "").expect("a written file");
    let user = String::from_utf8(Command::new("id").arg("-un").output().expect("id runs").stdout).expect("a name");
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-I", "a test's", "-n", user.trim(), "-s"]).arg(&authority).arg(server.path("id.pub"));
    assert!(sign.status().expect("ssh-keygen runs").success());
    server.client().access().unwrap_or_else(|error| panic!("{error}; {}", server.log()));
}

/// An agent that ends with its value.
struct Agent(Child);

impl Agent {
    fn start(socket: &Path) -> Self {
        let agent = Command::new("ssh-agent").arg("-D").arg("-a").arg(socket).stdout(Stdio::null()).spawn();
        let agent = Self(agent.expect("ssh-agent starts"));
        while !socket.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // An error here says that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_key_of_the_agent_is_tried() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    let socket = server.path("agent");
    let _agent = Agent::start(&socket);
    let add = |file: &Path| {
        let added = Command::new("ssh-add").arg("-q").arg(file).env("SSH_AUTH_SOCK", &socket).status();
        assert!(added.expect("ssh-add runs").success());
    };
    for name in ["wrong1", "wrong2"] {
        make_key(&server.path(name), "ed25519", "");
        add(&server.path(name));
    }
    add(&server.path("id"));
    fs::remove_file(server.path("id")).expect("only the agent has it");
    let text = fs::read_to_string(server.path("config")).expect("the configuration");
    let with = |only: &str| {
        let agent = format!("IdentityAgent {}", socket.display());
        let text = text.replace("IdentityAgent none", &agent).replace("IdentitiesOnly yes", only);
        fs::write(server.path("config"), text).expect("a written file");
    };
    with("IdentitiesOnly no");
    let access = server.client().access().unwrap_or_else(|error| panic!("{error}; {}", server.log()));
    assert!(access.identity.starts_with("the agent's key"), "{access:?}");
    with("IdentitiesOnly yes");
    server.client().access().expect("the public key beside says which of them");
    fs::remove_file(server.path("id.pub")).expect("the public key");
    let error = server.client().access().expect_err("no other key of the agent may be tried");
    assert!(error.message.contains("none to try"), "{error}");
}
