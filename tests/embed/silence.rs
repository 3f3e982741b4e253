//! Whatever a run says, nothing of it is printed: the embedder's stdout and stderr are his own.

use super::Host;
use std::process::{Command, Stdio};

const CHILD: &str = "KRUN_TEST_SILENT";

#[test]
fn nothing_is_printed() {
    let ended = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "embed::silence::a_child_with_much_to_say", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{stdout}\n{stderr}");
    assert_eq!(stderr, "");
    // The lines of the test harness, and the child's own.
    let said: Vec<&str> = stdout.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let own = |line: &&str| line.starts_with("running 1 test") || line.starts_with("test ");
    let others: Vec<&&str> = said.iter().filter(|line| !own(line)).collect();
    assert_eq!(others, [&"the child itself"], "{stdout}");
}

/// Only where it was started as a child there is something to do.
#[test]
#[expect(clippy::print_stdout, reason = "the one line that is to be seen")]
fn a_child_with_much_to_say() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    println!("\nthe child itself");
    let host = Host::new();
    let text = r#"
        let cluster = kafka::connect();
        print("a line"); debug("another");
        step("look", || cluster.topics());
        try { step("fail", || fail("no")); } catch (e) { print(e); }
        wait_until("it is time", #{ every: "10ms", timeout: "1s" }, || true);
        // With a client of another library, which has a log of its own.
        canary("records flow", #{ rate: 50 }, || step("let them", || ()));
        temporarily("change it", || cluster.alter_configs("topic", "orders", #{ "retention.ms": "1000" }), || {
            confirm("shall it be?");
        });
    "#;
    let krun = host.krun();
    let outcome = krun.run(host.runbook("talk.rhai", text), ()).expect("it runs");
    assert_eq!(outcome.exit_code(), 4);
    assert_eq!(krun.resume(&outcome.run).expect("it goes on").exit_code(), 4);
    assert_eq!(krun.abort(&outcome.run).expect("it is given up").exit_code(), 0);
    assert!(krun.run(host.runbook("wrong.rhai", "nothing_there();"), ()).is_err());
    let failed = krun.run(host.runbook("fails.rhai", "step(\"fail\", || fail(\"no\"));"), ()).expect("it runs");
    assert_eq!(failed.exit_code(), 1);
}
