//! A release of Kafka in miniature: what krun looks at, and a few bytes of everything else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `kafka_2.12-VERSION` below a folder, with what a host of the sandbox starts, and `padding` bytes that nothing compresses.
pub(crate) fn folder(at: &Path, version: &str, padding: usize) -> PathBuf {
    let release = at.join(format!("kafka_2.12-{version}"));
    let put = |name: &str, bytes: &[u8]| {
        let path = release.join(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        fs::write(path, bytes).expect("a written file");
    };
    put(&format!("libs/kafka_2.12-{version}.jar"), b"");
    put(&format!("libs/kafka-clients-{version}.jar"), &noise(padding));
    put("bin/kafka-server-start.sh", b"#!/bin/sh\n");
    put("config/server.properties", b"broker.id=0\nlog.dirs=/tmp/kafka-logs\nzookeeper.connect=localhost:2181\n");
    put("config/log4j.properties", b"# As it is shipped.\n");
    put("LICENSE", b"Apache\n");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(release.join("bin/kafka-server-start.sh"), executable).expect("its mode is set");
    release
}

/// The `.tgz` of such a folder, beside it.
pub(crate) fn archive(folder: &Path) -> PathBuf {
    let (at, name) = (folder.parent().expect("it lies somewhere"), folder.file_name().expect("it has a name"));
    let archive = at.join(format!("{}.tgz", name.to_string_lossy()));
    let packed = Command::new("tar").arg("-C").arg(at).arg("-czf").arg(&archive).arg(name).status();
    assert!(packed.expect("tar runs").success());
    archive
}

/// Bytes that look like chance, and are the same each time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}
