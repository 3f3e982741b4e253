//! Releases on their way to a machine: by the shell of this one, by SSH, and to a host of the sandbox; and what `host.install` does with
//! them over a real OpenSSH server.

use super::brokers::Hosts;
use super::sshd::{self, Sshd};
use crate::sandbox::running::{Sandbox, tiny};
use crate::support::distribution;
use krun::host::delivery::{self, Standing, Way, standing};
use krun::host::local::Local;
use krun::host::provision::Owner;
use krun::host::remote::Remote;
use krun::host::{Distribution, Machine, Shell, Sudo};
use krun::sandbox::{SandboxHost, host_name};
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

const NAME: &str = "kafka_2.12-2.6.2";

fn machine(shell: Arc<dyn Shell>) -> Remote {
    Remote::new("kafka1", shell, Sudo::No, Arc::new(|| false))
}

fn open(path: &Path) -> Distribution {
    Distribution::open(&path.to_string_lossy(), None).expect("it is a release")
}

/// `called` is what the machine calls the folder that is `here`.
fn everywhere(test: impl Fn(&dyn Machine, &str, &Path)) {
    let real = |machine: Remote| {
        let folder = tempfile::tempdir().expect("a scratch folder");
        test(&machine, &folder.path().to_string_lossy(), folder.path());
    };
    real(machine(Arc::new(Local)));
    if sshd::is_here() {
        let server = Sshd::start();
        real(machine(Arc::new(server.client())));
    }
    let sandbox = Sandbox::start(&tiny());
    let host = SandboxHost::named(sandbox.dir.path(), &host_name(2)).expect("it has this host");
    let folder = sandbox.dir.path().join("hosts/2/scratch");
    fs::create_dir(&folder).expect("a scratch folder");
    test(&host, "/scratch", &folder);
}

fn deliver(machine: &dyn Machine, release: &Distribution, path: &str, tell: &dyn Fn(u64, u64)) {
    let folder = path.rsplit_once('/').expect("an absolute path").0;
    let owner = machine.provision().owner(folder).expect("it answers").expect("it is there");
    let owner = Owner { mode: "755".to_owned(), ..owner };
    let way = Way { path, owner: &owner, tell, stopped: &|| false };
    delivery::deliver(machine, release, &way).expect("it arrives");
}

fn names(folder: &Path) -> Vec<String> {
    let listing = fs::read_dir(folder).expect("a folder");
    listing.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn an_archive_and_a_folder_arrive_alike() {
    let here = tempfile::tempdir().expect("a scratch folder");
    let folder = distribution::folder(here.path(), "2.6.2", 5000);
    let archive = distribution::archive(&folder);
    for source in [&folder, &archive] {
        let release = open(source);
        assert_eq!((release.name.as_str(), release.version.to_string().as_str()), (NAME, "2.6.2"));
        everywhere(|machine, called, at| {
            let path = format!("{called}/{NAME}");
            let programs = release.programs();
            assert_eq!(standing(machine, &path, &programs), Ok(Standing::Missing));
            deliver(machine, &release, &path, &|_, _| {});
            assert_eq!(standing(machine, &path, &programs), Ok(Standing::Whole));
            assert_eq!(names(at), [NAME], "nothing is left beside it");
            let script = fs::metadata(at.join(NAME).join("bin/kafka-server-start.sh")).expect("it is there");
            assert_eq!(script.permissions().mode() & 0o777, 0o755);
            assert_eq!(script.uid(), fs::metadata(at).expect("it is there").uid());
            assert_eq!(fs::read(at.join(NAME).join("LICENSE")).expect("it is there"), b"Apache\n");
            fs::write(at.join(NAME).join("libs/kafka-clients-2.6.2.jar"), "cut").expect("a written file");
            let other = Standing::Other("libs/kafka-clients-2.6.2.jar is another one".to_owned());
            assert_eq!(standing(machine, &path, &programs), Ok(other));
            let provision = machine.provision();
            assert_eq!(provision.user_of(&path), Ok(None));
            symlink(NAME, at.join("kafka")).expect("a link");
            assert_eq!(provision.user_of(&path), Ok(Some(format!("the link {called}/kafka points to it"))));
            provision.remove_folder(&path).expect("it goes");
            provision.remove_folder(&path).expect("it is gone");
            assert_eq!(names(at), ["kafka"]);
        });
    }
}

#[test]
fn an_upload_that_is_cut_goes_on_where_it_was() {
    if !sshd::is_here() {
        return;
    }
    let here = tempfile::tempdir().expect("a scratch folder");
    let release = open(&distribution::archive(&distribution::folder(here.path(), "2.6.2", 13_000_000)));
    let server = Sshd::start();
    let machine = machine(Arc::new(server.client()));
    let there = tempfile::tempdir().expect("a scratch folder");
    let path = there.path().join(NAME).to_string_lossy().into_owned();
    let (cuts, told) = (Cell::new(0), Cell::new(Vec::new()));
    deliver(&machine, &release, &path, &|sent, total| {
        let mut all = told.take();
        all.push(sent);
        told.set(all);
        if sent > 0 && sent < total && cuts.get() < 2 {
            cuts.set(cuts.get() + 1);
            server.kill_connections();
        }
    });
    assert_eq!(cuts.get(), 2);
    let told = told.take();
    assert!(told.iter().skip(1).all(|sent| *sent > 0), "it began again: {told:?}");
    assert_eq!(standing(&machine, &path, &release.programs()), Ok(Standing::Whole));
    assert_eq!(names(there.path()), [NAME]);
}

#[test]
fn what_another_upload_has_left_is_no_part_of_it() {
    let here = tempfile::tempdir().expect("a scratch folder");
    let release = open(&distribution::folder(here.path(), "2.6.2", 5000));
    everywhere(|machine, called, at| {
        fs::write(at.join(format!("{NAME}.krun-new.tar")), "bytes of something else").expect("a written file");
        fs::create_dir_all(at.join(format!("{NAME}.krun-new/libs"))).expect("a folder");
        let path = format!("{called}/{NAME}");
        deliver(machine, &release, &path, &|_, _| {});
        assert_eq!(standing(machine, &path, &release.programs()), Ok(Standing::Whole));
        assert_eq!(names(at), [NAME]);
    });
}

#[test]
fn folders_and_users_are_made_and_go_again() {
    everywhere(|machine, called, at| {
        let provision = machine.provision();
        let owner = provision.owner(called).expect("it answers").expect("it is there");
        let owner = Owner { mode: "750".to_owned(), ..owner };
        let path = format!("{called}/data");
        provision.make_folder(&path, &owner).expect("it is made");
        assert_eq!(provision.owner(&path).map(|owner| owner.map(|owner| owner.mode)), Ok(Some("750".to_owned())));
        let twice = provision.make_folder(&path, &owner).expect_err("it is there");
        assert_eq!(twice.error().code, "IS_THERE");
        let alone = provision.make_folder(&format!("{called}/none/data"), &owner).expect_err("no folder to be in");
        assert_eq!(alone.error().code, "NO_SUCH_FOLDER");
        fs::write(at.join("data/file"), "").expect("a written file");
        assert_eq!(provision.remove_empty_folder(&path), Ok(false));
        fs::remove_file(at.join("data/file")).expect("it goes");
        assert_eq!(provision.remove_empty_folder(&path), Ok(true));
        assert_eq!(provision.remove_empty_folder(&path), Ok(true));
        assert_eq!(provision.has_user("root"), Ok(true));
        assert_eq!(provision.has_user("nobody-of-this-name"), Ok(false));
    });
}

#[test]
fn krun_installs_undoes_and_leaves_what_is_in_use() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let archive = distribution::archive(&distribution::folder(&hosts.path("."), "2.6.2", 5000));
    let there = hosts.path("one").join(NAME);
    let runbook = |after: &str| {
        format!(
            "let cluster = kafka::connect();\nlet host = cluster.host(1);\nstep(\"try it\", || all_or_nothing(\"install and fail\", || {{\n    \
             let folder = host.install(\"{}\");\n    {after}\n}}));\n",
            archive.display()
        )
    };
    let failed = hosts.run(&runbook("fail(\"not today\");")).expect_code(1);
    assert!(failed.mentions("install") && failed.mentions(&format!("remove {}", there.display())), "{failed}");
    assert!(!there.exists());
    hosts.krun(&["abort"]).expect_code(0);
    hosts.run(&runbook("log(folder);")).expect_code(0);
    assert!(there.join("libs/kafka-clients-2.6.2.jar").exists());
    let again = hosts.run(&runbook("log(folder);")).expect_code(0);
    assert!(again.mentions("is there, and whole"), "{again}");
    fs::remove_dir_all(&there).expect("it goes");
    // Somebody else takes it into use before it is taken back.
    let used = format!("host.read(`ln -s {NAME} {}`); fail(\"not today\");", there.with_file_name("next").display());
    let kept = hosts.run(&runbook(&used)).expect_code(6);
    assert!(kept.mentions("IN_USE") && kept.mentions("next points to it"), "{kept}");
    assert!(there.join("libs/kafka-clients-2.6.2.jar").exists());
    fs::remove_file(there.with_file_name("next")).expect("it goes");
    hosts.krun(&["abort"]).expect_code(0);
    assert!(!there.exists());
    fs::write(&archive, "no archive").expect("a written file");
    let damaged = hosts.run(&runbook("log(folder);")).expect_code(1);
    assert!(damaged.mentions("ARCHIVE_DAMAGED"), "{damaged}");
}
