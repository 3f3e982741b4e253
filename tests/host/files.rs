//! Files and processes of a machine, by the shell of this one, by SSH, and on a host of the sandbox.

use super::sshd::{self, Sshd};
use crate::sandbox::running::{Sandbox, tiny};
use krun::host::local::Local;
use krun::host::machine::{Keeping, Kind};
use krun::host::remote::Remote;
use krun::host::{Machine, Shell, Sudo};
use krun::sandbox::{SandboxHost, host_name};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

fn machine(shell: Arc<dyn Shell>) -> Remote {
    Remote::new("kafka1", shell, Sudo::No, Arc::new(|| false))
}

/// A scratch folder of a machine.
struct Scratch<'a> {
    machine: &'a dyn Machine,
    /// Where it lies here.
    folder: &'a Path,
    /// What the machine calls it.
    called: &'a Path,
}

impl Scratch<'_> {
    /// What the machine calls a file in it.
    fn path(&self, name: &str) -> String {
        self.called.join(name).to_string_lossy().into_owned()
    }
}

/// Runs it here and by SSH.
fn on_real_ones(test: impl Fn(&Scratch)) {
    let run = |machine: Remote| {
        let folder = tempfile::tempdir().expect("a scratch folder");
        test(&Scratch { machine: &machine, folder: folder.path(), called: folder.path() });
    };
    run(machine(Arc::new(Local)));
    if sshd::is_here() {
        let server = Sshd::start();
        run(machine(Arc::new(server.client())));
    }
}

/// The same, and on a host of the sandbox.
fn everywhere(test: impl Fn(&Scratch)) {
    on_real_ones(&test);
    let sandbox = Sandbox::start(&tiny());
    let machine = SandboxHost::named(sandbox.dir.path(), &host_name(2)).expect("it has this host");
    let folder = sandbox.dir.path().join("hosts/2/scratch");
    fs::create_dir(&folder).expect("a scratch folder");
    test(&Scratch { machine: &machine, folder: &folder, called: Path::new("/scratch") });
}

fn names(folder: &Path) -> Vec<String> {
    let listing = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        listing.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

#[test]
fn a_file_is_written_as_a_whole_and_keeps_its_mode() {
    everywhere(|scratch| {
        let (machine, folder) = (scratch.machine, scratch.folder);
        let (path, here) = (|name: &str| scratch.path(name), |name: &str| folder.join(name));
        let (file, old) = (path("a file"), path("a file.old"));
        assert_eq!(machine.read_file(&file), Ok(None));
        assert_eq!(machine.kind(&file), Ok(Kind::Missing));
        machine.write_file(&file, b"one\xff\n", Keeping::default()).expect("it is written");
        fs::set_permissions(here("a file"), fs::Permissions::from_mode(0o640)).expect("its mode is set");
        let keeping = Keeping { old: Some(&old), like: None };
        machine.write_file(&file, b"two", keeping).expect("it is written");
        assert_eq!(machine.read_file(&file), Ok(Some(b"two".to_vec())));
        assert_eq!(fs::read(here("a file.old")).expect("the old one stays"), b"one\xff\n");
        assert_eq!([mode(&here("a file")), mode(&here("a file.old"))], [0o640, 0o640]);
        machine.write_file(&file, b"three", keeping).expect("it is written");
        assert_eq!(fs::read(here("a file.old")).expect("the oldest one stays"), b"one\xff\n");
        let hash = "8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f";
        assert_eq!(machine.checksum(&file), Ok(Some(hash.to_owned())));

        machine.copy_file(&old, &file).expect("it is copied");
        assert_eq!((fs::read(here("a file")).expect("a file"), mode(&here("a file"))), (b"one\xff\n".to_vec(), 0o640));
        assert_eq!(machine.copy_file(&path("no"), &file).expect_err("nothing is there").error().code, "NO_SUCH_FILE");
        let like = Keeping { old: None, like: Some(&file) };
        machine.write_file(&path("new"), b"", like).expect("it is written");
        assert_eq!(mode(&here("new")), 0o640);
        symlink("a file", here("way")).expect("a link");
        machine.write_file(&path("way"), b"four", Keeping::default()).expect("it is written");
        assert_eq!(machine.kind(&path("way")), Ok(Kind::Link), "a link is followed, and stays");
        assert_eq!(machine.read_file(&file), Ok(Some(b"four".to_vec())));
        assert_eq!(names(folder), ["a file", "a file.old", "new", "way"], "nothing else is left");

        let refused = |path: &str| {
            machine.write_file(path, b"", Keeping::default()).expect_err("it cannot be written").error().clone()
        };
        let itself = scratch.called.to_string_lossy();
        assert_eq!(refused(&itself).code, "IS_A_FOLDER");
        assert_eq!(refused(&path("no/file")).code, "NO_SUCH_FOLDER");
        assert!(refused(&path("no/file")).message.starts_with(&format!("{}: ", machine.name())));
        assert_eq!(machine.read_file(&itself).expect_err("a folder").code, "IS_A_FOLDER");
        machine.remove_file(&path("new")).expect("it is removed");
        machine.remove_file(&path("new")).expect("it is gone already");
        assert_eq!(machine.kind(&path("new")), Ok(Kind::Missing));
    });
}

#[test]
fn a_link_is_pointed_elsewhere_and_nothing_else_is_replaced() {
    everywhere(|scratch| {
        let (machine, folder) = (scratch.machine, scratch.folder);
        let path = |name: &str| scratch.path(name);
        for version in ["kafka_2.12-2.1.0", "kafka_2.12-2.6.0"] {
            fs::create_dir(folder.join(version)).expect("a folder");
            machine.link(&path("kafka"), version).expect("it is linked");
            assert_eq!(machine.read_link(&path("kafka")), Ok(Some(version.to_owned())));
        }
        assert_eq!(
            names(folder),
            ["kafka", "kafka_2.12-2.1.0", "kafka_2.12-2.6.0"],
            "the link is not made below the old one"
        );
        let error = machine.link(&path("kafka_2.12-2.1.0"), "x").expect_err("a folder is no link").error().clone();
        assert_eq!(error.code, "NOT_A_LINK");
        assert_eq!(machine.read_link(&path("kafka_2.12-2.1.0")).expect_err("a folder").code, "NOT_A_LINK");
        assert_eq!(machine.read_link(&path("nothing")), Ok(None));
        assert_eq!(machine.kind(&path("kafka")), Ok(Kind::Link));
        assert_eq!(machine.kind(&path("kafka_2.12-2.6.0")), Ok(Kind::Folder));
    });
}

#[test]
fn names_with_blanks_are_found() {
    everywhere(|scratch| {
        let (machine, folder) = (scratch.machine, scratch.folder);
        for name in ["kafka a.jar", "kafka_b.jar", "other"] {
            fs::write(folder.join(name), "").expect("a file");
        }
        let all = machine.glob(&scratch.path("kafka*.jar")).expect("they are found");
        let wanted = ["kafka a.jar", "kafka_b.jar"].map(|name| scratch.path(name));
        assert_eq!(all, wanted);
        assert_eq!(machine.glob(&scratch.path("*.zip")), Ok(Vec::new()));
    });
}

#[test]
fn a_process_tells_its_jars_and_ports() {
    on_real_ones(|scratch| {
        let (machine, folder) = (scratch.machine, scratch.folder);
        let jar = folder.join("kafka_2.12-2.1.1.jar");
        let open = fs::File::create(&jar).expect("a file");
        fs::remove_file(&jar).expect("it is removed");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let process = machine.process(std::process::id()).expect("it runs");
        assert!(process.jars.contains(&jar.to_string_lossy().into_owned()), "{process:?}");
        assert!(process.ports.contains(&port), "{process:?}");
        drop(open);
        assert_eq!(machine.process(4_000_000).expect_err("there is none").code, "NO_SUCH_PROCESS");
        let disk = machine.disk(&folder.to_string_lossy()).expect("it has a disk");
        assert!(disk.free_bytes > 0 && disk.total_bytes > disk.free_bytes, "{disk:?}");
        assert!(machine.clock().expect("it has a clock") > 1_700_000_000_000);
    });
}

/// The file is as before when there is no space for a new one.
#[test]
fn a_full_disk_spoils_nothing() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"];
    let mounted = std::process::Command::new(mount[0]).args(&mount[1..]).arg(folder.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        crate::support::pass_over("THIS USER CANNOT MOUNT A SMALL DISK");
        return;
    }
    let file = folder.path().join("server.properties").to_string_lossy().into_owned();
    let machine = machine(Arc::new(Local));
    let written = machine.write_file(&file, b"small", Keeping::default());
    let error =
        machine.write_file(&file, &vec![b'x'; 100_000], Keeping { old: Some(&format!("{file}.old")), like: None });
    let (left, content) = (names(folder.path()), fs::read(&file));
    let unmounted = std::process::Command::new("umount").arg(folder.path()).status();
    written.expect("it is written");
    assert_eq!(error.expect_err("there is no space").error().code, "DISK_FULL");
    assert_eq!(left, ["server.properties"]);
    assert_eq!(content.expect("it is there"), b"small");
    assert!(unmounted.is_ok_and(|status| status.success()));
}
