//! What a command gives back, on this machine and on another one: only a whole end counts as one.

use super::sshd::{self, Sshd};
use krun::error::Failure;
use krun::host::local::Local;
use krun::host::{Command, Output, Shell};
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

fn run(shell: &dyn Shell, command: &Command) -> Result<Output, Failure> {
    shell.run(command, &|| false)
}

#[track_caller]
fn unknown(result: Result<Output, Failure>) -> String {
    match result {
        Err(Failure::Unknown(error)) => error.to_string(),
        other => panic!("nobody can know how it ended: {other:?}"),
    }
}

/// All that must be the same on every machine.
fn behaves(shell: &dyn Shell) {
    let all = run(
        shell,
        &Command::new("echo out; echo \"$1 $2\" >&2; cat; exit 4").argument("a 'b'").argument("\"$x\"").input("in\n"),
    );
    let wanted = Output { status: 4, stdout: b"out\nin\n".to_vec(), stderr: b"a 'b' \"$x\"\n".to_vec() };
    assert_eq!(all, Ok(wanted));

    let flood = "yes 123456789 | head -c 8000000; yes 123456789 | head -c 8000000 >&2";
    let output = run(shell, &Command::new(flood)).expect("both streams are drained");
    assert_eq!((output.stdout.len(), output.stderr.len()), (8_000_000, 8_000_000));

    let input = vec![b'\0'; 5_000_000];
    let output = run(shell, &Command::new("wc -c").input(input)).expect("stdin goes all the way");
    assert_eq!(output.stdout, b"5000000\n");
    let output = run(shell, &Command::new("true").input(vec![b'x'; 5_000_000])).expect("nobody has to read stdin");
    assert_eq!(output.status, 0);

    unknown(run(shell, &Command::new("kill -KILL $$")));
    let before = Instant::now();
    let said = unknown(run(shell, &Command::new("sleep 60").limit(Duration::from_millis(500))));
    assert!(
        said.contains("in time") && before.elapsed() < Duration::from_secs(30),
        "{said} after {:?}",
        before.elapsed()
    );
    let said = unknown(shell.run(&Command::new("sleep 60"), &|| true));
    assert!(said.contains("interrupted"), "{said}");
    assert_eq!(run(shell, &Command::new("true")).map(|output| output.status), Ok(0), "and the next one runs");
}

#[test]
fn this_machine() {
    behaves(&Local);
}

#[test]
fn another_machine() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    behaves(&server.client());
}

/// libssh2 calls each of these a command with status 0.
#[test]
fn a_lost_connection_is_no_success() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    let client = server.client();
    let mark = server.path("mark");
    let script = "sleep 2; touch \"$1\"; sleep 20";
    let command = Command::new(script).argument(mark.to_string_lossy());
    std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&client, &command));
        std::thread::sleep(Duration::from_secs(1));
        server.kill_connections();
        unknown(running.join().expect("no panic"));
    });
    let since = Instant::now();
    while !mark.exists() {
        assert!(since.elapsed() < Duration::from_secs(30), "a command goes on without its connection");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(
        run(&client, &Command::new("true")).map(|output| output.status),
        Ok(0),
        "the next one has a new connection"
    );
}

#[test]
fn an_idle_connection_that_ended_is_replaced() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    let client = server.client();
    run(&client, &Command::new("true")).expect("it runs");
    server.kill_connections();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(run(&client, &Command::new("echo again")).map(|output| output.stdout), Ok(b"again\n".to_vec()));
}

#[test]
fn commands_run_beside_each_other() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    let client = server.client();
    let (here, there) = (server.path("here"), server.path("there"));
    // Each waits for the other.
    let meet = |own: &std::path::Path, other: &std::path::Path| {
        let script =
            "touch \"$1\"; n=0; while [ ! -e \"$2\" ] && [ $n -lt 200 ]; do sleep 0.1; n=$((n+1)); done; [ -e \"$2\" ]";
        Command::new(script).argument(own.to_string_lossy()).argument(other.to_string_lossy())
    };
    let (one, two) = (meet(&here, &there), meet(&there, &here));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| run(&client, &one));
        let second = scope.spawn(|| run(&client, &two));
        for ended in [first, second] {
            assert_eq!(ended.join().expect("no panic").map(|output| output.status), Ok(0));
        }
    });
}

/// What startup files write is no part of an answer, and a shell that refuses says so.
#[test]
fn a_talkative_login_shell_confuses_nothing() {
    if !sshd::is_here() {
        return;
    }
    let noise = "ForceCommand sh -c 'echo welcome; echo krun-0-begin; echo motd >&2; eval \"$SSH_ORIGINAL_COMMAND\"'";
    let server = Sshd::with(&["ed25519"], noise);
    let output = run(&server.client(), &Command::new("echo out; echo err >&2")).expect("it runs");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    let server = Sshd::with(&["ed25519"], "ForceCommand echo 'This account is currently not available.' >&2; exit 1");
    match run(&server.client(), &Command::new("true")) {
        Err(Failure::Refused(error)) => {
            assert_eq!(error.code, "NO_SHELL");
            assert!(error.message.contains("not available"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_waits_for_a_host_that_says_nothing() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let port = silent.local_addr().expect("an address").port();
    std::fs::write(
        server.path("config"),
        format!("Host there\n  HostName 127.0.0.1\n  Port {port}\n  ConnectTimeout 1\n"),
    )
    .expect("a written file");
    let refused = |what: &str| match run(&server.client(), &Command::new("true")) {
        Err(Failure::Refused(error)) => assert_eq!(error.code, "SSH_UNREACHABLE", "{what}: {error}"),
        other => panic!("{what}: {other:?}"),
    };
    let before = Instant::now();
    refused("a listener that says nothing");
    assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
    drop(silent);
    refused("nobody listens");
    std::fs::write(server.path("config"), "Host there\n  HostName no-such-host.invalid\n").expect("a written file");
    refused("a name that does not resolve");
}
