//! `known_hosts`: what krun finds in it is what `ssh-keygen -F` finds.

use super::sshd::make_key;
use krun::host::known_hosts::{KnownHosts, Verdict};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::Path;
use std::process::Command;

fn pattern() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "kafka1",
        "kafka2.foo.bar",
        "*.foo.bar",
        "!kafka2.foo.bar",
        "kafka?",
        "*",
        "KAFKA1",
        "[kafka1]:2222",
        "[*.foo.bar]:2222",
        "!*",
        "10.0.0.*",
        "[kafka?]:*",
    ])
    .prop_map(str::to_owned)
}

fn names() -> impl Strategy<Value = (String, u16)> {
    let hosts = vec!["kafka1", "kafka2.foo.bar", "kafka3.foo.bar", "Kafka1", "10.0.0.7", "other"];
    (proptest::sample::select(hosts).prop_map(str::to_owned), proptest::sample::select(vec![22_u16, 2222]))
}

/// Whether OpenSSH finds a line for exactly this name.
fn openssh_finds(file: &Path, name: &str) -> bool {
    let found = Command::new("ssh-keygen").arg("-F").arg(name).arg("-f").arg(file).output().expect("ssh-keygen runs");
    found.status.success()
}

#[test]
fn the_same_lines_match() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let key = scratch.path().join("key");
    make_key(&key, "ed25519", "");
    let public = fs::read_to_string(key.with_extension("pub")).expect("a key");
    let mut words = public.split(' ');
    let (key_type, key) = (words.next().expect("a type"), words.next().expect("a key"));
    let bytes = openssl_decode(key);
    let file = scratch.path().join("known_hosts");
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let line = proptest::collection::vec(pattern(), 1..4).prop_map(|patterns| patterns.join(","));
    let case = (proptest::collection::vec(line, 1..3), names(), any::<bool>());
    let run = runner.run(&case, |(lines, (host, port), hashed)| {
        let text: Vec<String> = lines.iter().map(|names| format!("{names} {key_type} {key} a comment\n")).collect();
        fs::write(&file, text.concat()).expect("a written file");
        if hashed {
            // Names with patterns stay as they are.
            Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file).output().expect("ssh-keygen runs");
        }
        let mut known = KnownHosts::default();
        known.add(&file, &fs::read(&file).expect("a file"));
        prop_assert_eq!(known.malformed(), &[][..]);
        let found = matches!(known.judge(&host, port, key_type, &bytes), Verdict::Known(_));
        // As ssh(1) does before it looks.
        let host = host.to_lowercase();
        let exact = if port == 22 { host.clone() } else { format!("[{host}]:{port}") };
        let wanted = openssh_finds(&file, &exact) || (port != 22 && openssh_finds(&file, &host));
        prop_assert_eq!(found, wanted, "{} {} in\n{}", host, port, fs::read_to_string(&file).unwrap_or_default());
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

fn openssl_decode(text: &str) -> Vec<u8> {
    openssl::base64::decode_block(text).expect("base64")
}
