//! One host: its start, its end without notice, and commands on it by `ssh`, which owe nothing to krun.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const UP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/hosts/up.sh");
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Host {
    /// Such as `kafka1`: its host name, and what the SSH configuration calls it.
    pub(super) name: String,
    pub(super) address: Ipv4Addr,
    ssh_config: PathBuf,
    cgroup: PathBuf,
    log: PathBuf,
    process: Child,
}

/// Where cgroup2 is mounted on this machine.
pub(super) fn cgroups() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let found = mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (path, kind) = (words.nth(1)?, words.next()?);
        (kind == "cgroup2").then(|| path.to_owned())
    });
    found.map(PathBuf::from)
}

impl Host {
    /// Returns as soon as the process exists. `files` is put over its root, `dist` is its `/opt/dist`.
    pub(super) fn start(name: &str, address: Ipv4Addr, scratch: &Path, files: &Path, dist: &Path) -> Self {
        let root = scratch.join(format!("{name}.root"));
        fs::create_dir(&root).expect("the scratch folder takes a host");
        let cgroup = cgroups().expect("it was looked for").join(format!("krun-{}-{name}", std::process::id()));
        let log = scratch.join(format!("{name}.log"));
        let said = fs::File::create(&log).expect("the scratch folder takes a log");
        let process = Command::new("bash")
            .arg(UP)
            .args([cgroup.as_os_str(), root.as_os_str(), name.as_ref(), files.as_os_str(), dist.as_os_str()])
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("the log is opened twice"))
            .stderr(said)
            .spawn()
            .expect("bash starts");
        Self { name: name.to_owned(), address, ssh_config: scratch.join("ssh_config"), cgroup, log, process }
    }

    /// Waits until it lets somebody in, and all its units are up.
    pub(super) fn wait_up(&mut self) {
        let begun = Instant::now();
        loop {
            let asked = self.try_ssh("systemctl is-system-running --wait");
            let state = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
            if state == "running" {
                return;
            }
            let ended = self.process.try_wait().expect("a child can be asked");
            let gone = ended.is_some() || begun.elapsed() > PATIENCE || state == "degraded";
            assert!(!gone, "{} does not come up ({ended:?}, {state}): {asked:?}\n{}", self.name, self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What systemd said when it started.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(super) fn try_ssh(&self, script: &str) -> Output {
        let mut ssh = Command::new("ssh");
        ssh.arg("-F").arg(&self.ssh_config).args(["-o", "BatchMode=yes", &self.name, script]);
        ssh.stdin(Stdio::null()).output().expect("ssh runs")
    }

    /// What a script writes there. One that fails fails the test.
    pub(super) fn ssh(&self, script: &str) -> String {
        let output = self.try_ssh(script);
        assert!(output.status.success(), "{}: {script}: {output:?}", self.name);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// The power fails: everything on it ends in this instant, and its files are gone.
    pub(super) fn kill(&mut self) {
        // An error here says that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.kill();
        // The last processes of a namespace end a moment after its first one.
        for _ in 0..50 {
            if remove(&self.cgroup) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A cgroup goes when nothing is in it and below it.
fn remove(cgroup: &Path) -> bool {
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path());
        }
    }
    fs::remove_dir(cgroup).is_ok() || !cgroup.exists()
}
