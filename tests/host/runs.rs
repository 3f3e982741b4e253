//! Commands with receipts: each runs once, whatever becomes of its connection and of krun.

use super::brokers::Hosts;
use super::sshd;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn wait_for(file: &Path) {
    let since = Instant::now();
    while !file.exists() {
        assert!(since.elapsed() < Duration::from_mins(1), "{} does not come", file.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Appends a line to a file, then waits until another one is there.
fn runbook(hosts: &Hosts, options: &str) -> (String, PathBuf, PathBuf) {
    let (ran, go) = (hosts.path("ran"), hosts.path("go"));
    let command = format!(
        "echo once >> {}; while [ ! -e {} ]; do sleep 0.1; done; echo out; echo err >&2; exit 3",
        ran.display(),
        go.display()
    );
    let text = format!(
        "let cluster = kafka::connect();\nlet host = cluster.host(1);\n\
         let ended = step(\"run\", || host.try_run(`{command}`{options}));\n\
         log(`status ${{ended.status}}, ${{ended.stdout}}, ${{ended.stderr}}`);\n"
    );
    (text, ran, go)
}

fn times(file: &Path) -> usize {
    fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

fn receipts(hosts: &Hosts) -> PathBuf {
    let run = hosts.scene.runs().pop().expect("a run");
    PathBuf::from(format!("/var/tmp/krun-{}", run.file_name().expect("a name").to_string_lossy()))
}

#[test]
fn a_lost_connection_is_made_again() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let (text, ran, go) = runbook(&hosts, "");
    let mut running = hosts.begin(&text);
    wait_for(&ran);
    hosts.server.kill_connections();
    fs::write(&go, "").expect("a written file");
    let ended = loop {
        if let Some(ended) = running.ended() {
            break ended.expect_code(0);
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(ended.mentions("status 3, out") && ended.mentions("err"), "{ended}");
    assert_eq!(times(&ran), 1);
    assert!(!receipts(&hosts).exists(), "a run that is over leaves no receipts");
}

#[test]
fn a_killed_krun_finds_how_it_ended() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let (text, ran, go) = runbook(&hosts, "");
    let running = hosts.begin(&text);
    wait_for(&ran);
    // Dropped, it is killed.
    drop(running);
    assert!(receipts(&hosts).exists());
    fs::write(&go, "").expect("a written file");
    let ended = hosts.krun(&["resume"]).expect_code(0);
    assert!(ended.mentions("status 3, out"), "{ended}");
    assert_eq!(times(&ran), 1);
}

#[test]
fn without_its_receipt_a_command_is_not_run_again() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let (text, ran, go) = runbook(&hosts, "");
    let running = hosts.begin(&text);
    wait_for(&ran);
    drop(running);
    fs::write(&go, "").expect("a written file");
    fs::remove_dir_all(receipts(&hosts)).expect("they are there");
    let ended = hosts.krun(&["resume"]).expect_code(4);
    assert!(ended.mentions("its receipt is gone"), "{ended}");
    assert_eq!(times(&ran), 1);
    hosts.krun(&["resume", "--answer", "run=done"]).expect_code(1);
    assert_eq!(times(&ran), 1);
}

#[test]
fn a_guard_tells_whether_a_command_is_needed_and_an_undo_takes_it_back() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let (made, count) = (hosts.path("made"), hosts.path("count"));
    let text = format!(
        "let cluster = kafka::connect();\nlet host = cluster.host(1);\n\
         let make = #{{ unless: \"test -e {0}\", undo: \"rm {0}\" }};\n\
         step(\"once\", || host.run(\"echo x >> {1}; touch {0}\", make));\n\
         step(\"again\", || host.run(\"echo x >> {1}; touch {0}\", make));\n\
         try {{ step(\"bad\", || host.run(\"echo why >&2; exit 7\")); }} catch (error) {{ log(error.message); }}\n\
         step(\"half\", || all_or_nothing(\"half\", || {{ host.run(\"rm {0}\", #{{ undo: \"echo back > {0}\" }}); fail(\"no\"); }}));\n",
        made.display(),
        count.display()
    );
    let ended = hosts.run(&text).expect_code(1);
    assert!(ended.mentions("it ended with 7: why"), "{ended}");
    assert_eq!(times(&count), 1);
    assert_eq!(fs::read_to_string(&made).expect("it is put back"), "back\n");
}
