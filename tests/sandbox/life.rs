//! The process: found, started once, stopped, and never mistaken for another.

use super::admin::metadata;
use super::running::{Sandbox, eventually, krun, tiny};
use krun::sandbox::{self, Options, Running};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn several_starters_at_once_start_one() {
    let dir = tempfile::tempdir().unwrap();
    let starters: Vec<_> = (0..4)
        .map(|_| {
            let dir = dir.path().to_owned();
            std::thread::spawn(move || sandbox::start(krun(), &dir, &tiny()).unwrap())
        })
        .collect();
    let all: Vec<Running> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
    assert!(all.iter().all(|running| *running == all[0]), "{all:?}");
    assert_eq!(sandbox::find(dir.path()).unwrap(), Some(all[0].clone()));
    assert!(sandbox::stop(dir.path()).unwrap());
    assert_eq!(sandbox::find(dir.path()).unwrap(), None);
    assert!(!sandbox::stop(dir.path()).unwrap());
}

#[test]
fn a_starter_that_is_killed_leaves_one_sandbox_or_none() {
    for microseconds in [0, 2000, 5000, 10_000] {
        let state = tempfile::tempdir().unwrap();
        let dir = state.path().join("sandbox");
        let mut starter = Command::new(krun())
            .arg("--state")
            .arg(state.path())
            .args(["sandbox", "start"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(microseconds));
        starter.kill().unwrap();
        starter.wait().unwrap();
        let running = sandbox::start(krun(), &dir, &tiny()).unwrap();
        assert_eq!(metadata(&running.bootstrap[0]).cluster_id.unwrap().as_str(), running.cluster_id);
        assert!(sandbox::stop(&dir).unwrap());
        let error = sandbox::Control::new(&running.control).ping().unwrap_err();
        assert_eq!(error.code, "SANDBOX_UNREACHABLE");
    }
}

#[test]
fn it_outlives_the_krun_that_started_it_in_a_session_of_its_own() {
    let state = tempfile::tempdir().unwrap();
    let verb = |verb: &str| {
        let done = Command::new(krun()).arg("--state").arg(state.path()).args(["sandbox", verb]).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    assert!(verb("start").contains("bootstrap  127.0.0.1:"));
    let running = sandbox::find(&state.path().join("sandbox")).unwrap().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(running.pid).unwrap());
    assert_eq!(rustix::process::getsid(pid).ok(), pid);
    assert!(verb("status").contains(&running.cluster_id));
    assert_eq!(verb("stop"), "stopped\n");
    assert_eq!(verb("status"), "no sandbox is running\n");
}

#[test]
fn it_ends_when_nobody_has_been_connected_for_long() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { idle: Duration::from_millis(300), ..tiny() };
    let running = sandbox::start(krun(), dir.path(), &options).unwrap();
    let held = super::client::connect(&running.bootstrap[0]);
    let since = std::time::Instant::now();
    eventually("the idle time is over", || since.elapsed() > Duration::from_millis(500));
    assert_eq!(metadata(&running.bootstrap[0]).brokers.len(), 4, "a connection that is open holds it");
    drop(held);
    eventually("it is gone", || !dir.path().join("sandbox.json").exists());
    assert_eq!(sandbox::find(dir.path()).unwrap(), None);
}

#[test]
fn a_file_that_is_not_its_own_is_not_believed() {
    let sandbox = Sandbox::start(&tiny());
    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("sandbox.json");
    let mut lie = sandbox.running.clone();
    lie.cluster_id = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    std::fs::write(&file, serde_json::to_string(&lie).unwrap()).unwrap();
    assert_eq!(sandbox::find(other.path()).unwrap(), None, "another cluster answers");
    lie.control = "127.0.0.1:1".to_owned();
    lie.pid = std::process::id();
    std::fs::write(&file, serde_json::to_string(&lie).unwrap()).unwrap();
    assert_eq!(sandbox::find(other.path()).unwrap(), None, "nobody answers");
    assert!(!sandbox::stop(other.path()).unwrap(), "and the process that it names is left alone");
    let started = sandbox::start(krun(), other.path(), &tiny()).unwrap();
    assert_ne!(started.cluster_id, sandbox.running.cluster_id);
    assert!(sandbox::stop(other.path()).unwrap());
    assert_eq!(metadata(sandbox.broker(1)).brokers.len(), 4, "the first one is not disturbed");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sandbox.json");
    let code = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let error = sandbox::start(krun(), dir.path(), &tiny()).unwrap_err();
        assert!(error.message.contains("sandbox.json") && error.hint.is_some(), "{error:?}");
        error.code
    };
    assert_eq!(code("{\"format\":99,\"anything\":true}"), "SANDBOX_NEWER");
    assert_eq!(code("not json"), "SANDBOX_FILE_UNUSABLE");
    assert_eq!(code("{\"format\":1}"), "SANDBOX_FILE_UNUSABLE");
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let in_the_way = dir.path().join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let error = sandbox::start(krun(), &in_the_way.join("below"), &tiny()).unwrap_err();
    assert_eq!(error.code, "SANDBOX_FOLDER_UNUSABLE");
    assert!(error.message.contains("file/below"), "{error}");
    let error = sandbox::start(Path::new("/nowhere/krun"), dir.path(), &tiny()).unwrap_err();
    assert_eq!(error.code, "SANDBOX_FAILED");

    let none = Options { brokers: 2, new: 2, ..tiny() };
    let error = sandbox::start(krun(), dir.path(), &none).unwrap_err();
    assert!(error.message.contains("2 brokers of which 2 are new"), "{error}");
}

#[test]
fn its_folder_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("state/sandbox");
    sandbox::start(krun(), &below, &tiny()).unwrap();
    assert_eq!(below.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(sandbox::stop(&below).unwrap());
}

#[test]
fn a_sandbox_that_was_killed_is_replaced_by_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let first = sandbox::start(krun(), dir.path(), &tiny()).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(first.pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    eventually("it is gone", || sandbox::find(dir.path()).unwrap().is_none());
    let second = sandbox::start(krun(), dir.path(), &tiny()).unwrap();
    assert_ne!(first.cluster_id, second.cluster_id);
    assert!(sandbox::stop(dir.path()).unwrap());
}
