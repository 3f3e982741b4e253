//! An OpenSSH server of the test's own: a port of loopback, its keys, and who may log in; and a client configuration for it.

use crate::support::pass_over;
use krun::host::ssh::Ssh;
use krun::host::ssh::config::Configuration;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PROGRAM: &str = "/usr/sbin/sshd";
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Sshd {
    pub(super) folder: TempDir,
    pub(super) port: u16,
    process: Child,
}

/// Whether there is a server here. Says so where not.
pub(super) fn is_here() -> bool {
    if Path::new(PROGRAM).exists() {
        return true;
    }
    pass_over(&format!("NO OPENSSH SERVER HERE: {PROGRAM} is missing, the package is openssh-server"));
    false
}

impl Sshd {
    /// With an ed25519 key, known to the client, and a client key that is let in.
    pub(super) fn start() -> Self {
        Self::with(&["ed25519"], "")
    }

    /// With host keys of these types and more of its configuration. The client knows all of its keys.
    pub(super) fn with(key_types: &[&str], more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = |name: &str| folder.path().join(name);
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).expect("a free port").port();
        let mut known = String::new();
        let mut config = format!(
            "ListenAddress 127.0.0.1:{port}\nPidFile none\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUseDNS no\n\
             MaxStartups 100\n{more}\n",
            path("authorized_keys").display()
        );
        for key_type in key_types {
            let file = path(&format!("host_{key_type}"));
            make_key(&file, key_type, "");
            config.push_str(&format!("HostKey {}\n", file.display()));
            known.push_str(&format!("[127.0.0.1]:{port} {}", public(&file)));
        }
        make_key(&path("id"), "ed25519", "");
        fs::copy(path("id.pub"), path("authorized_keys")).expect("a copied file");
        fs::write(path("sshd_config"), config).expect("a written file");
        fs::write(path("known_hosts"), known).expect("a written file");
        // As root it wants a folder to lock itself into. Others cannot make it, and need none.
        let _ = fs::create_dir_all("/run/sshd");
        let log = fs::File::create(path("sshd.log")).expect("a written file");
        let process = Command::new(PROGRAM)
            .args(["-D", "-e", "-f"])
            .arg(path("sshd_config"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sshd starts");
        let server = Self { folder, port, process };
        let since = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(since.elapsed() < PATIENCE, "sshd does not listen: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        server.configure("");
        server
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("sshd.log")).unwrap_or_default()
    }

    /// The client's configuration: this server as `there`, with more about it.
    pub(super) fn configure(&self, more: &str) {
        let text = format!(
            "Host there\n  HostName 127.0.0.1\n  Port {}\n{more}\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
             UserKnownHostsFile {}\n  GlobalKnownHostsFile none\n  ConnectTimeout 20\n",
            self.port,
            self.path("id").display(),
            self.path("known_hosts").display(),
        );
        fs::write(self.path("config"), text).expect("a written file");
    }

    pub(super) fn configuration(&self) -> Configuration {
        Configuration { file: Some(self.path("config")), user: None }
    }

    pub(super) fn client(&self) -> Ssh {
        Ssh::to("there", &self.configuration()).expect("ssh knows the server")
    }

    /// What `ssh` calls the processes that serve one connection each.
    pub(super) fn kill_connections(&self) {
        let parent = self.process.id().to_string();
        let killed = Command::new("pkill").args(["-KILL", "-P", &parent]).status().expect("pkill runs");
        assert!(killed.success(), "no connection to kill");
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // An error here says that it has ended already.
        let _ = Command::new("pkill").args(["-KILL", "-P", &self.process.id().to_string()]).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A key pair in `file` and `file.pub`.
pub(super) fn make_key(file: &Path, key_type: &str, passphrase: &str) {
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", key_type, "-N", passphrase, "-C", "a test's", "-f"]).arg(file);
    if key_type == "rsa" {
        keygen.args(["-b", "2048"]);
    }
    assert!(keygen.status().expect("ssh-keygen runs").success());
}

/// The public key's line.
pub(super) fn public(file: &Path) -> String {
    fs::read_to_string(file.with_extension("pub")).expect("a public key")
}
