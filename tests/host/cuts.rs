//! The connection is cut at any byte: before a command is sent, after it, before its status comes back. Whatever a step wanted is
//! there in the end, and happened once.

use super::brokers::Hosts;
use super::sshd;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Between krun and the server. It cuts one connection when so many bytes went in one direction, and lets all later ones be.
struct Wire {
    port: u16,
    /// Bytes that still go through: to the server, to krun. Below zero nothing is cut.
    left: [Arc<AtomicI64>; 2],
    seen: [Arc<AtomicU64>; 2],
}

const NEVER: i64 = i64::MAX;

impl Wire {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let own = listener.local_addr().expect("an address").port();
        let left = [Arc::new(AtomicI64::new(NEVER)), Arc::new(AtomicI64::new(NEVER))];
        let seen = [Arc::default(), Arc::default()];
        let wire = Self { port: own, left: left.clone(), seen: seen.clone() };
        std::thread::spawn(move || {
            for near in listener.incoming().filter_map(Result::ok) {
                let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                for (from, to, way) in [(&near, &far, 0), (&far, &near, 1)] {
                    let (from, to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
                    let (left, seen) = (left[way].clone(), seen[way].clone());
                    std::thread::spawn(move || pass(from, to, &left, &seen));
                }
            }
        });
        wire
    }

    fn cut_after(&self, way: usize, bytes: u64) {
        for (left, seen) in self.left.iter().zip(&self.seen) {
            left.store(NEVER, Ordering::SeqCst);
            seen.store(0, Ordering::SeqCst);
        }
        if bytes != u64::MAX {
            self.left[way].store(i64::try_from(bytes).expect("few bytes"), Ordering::SeqCst);
        }
    }

    fn was_cut(&self, way: usize) -> bool {
        self.left[way].load(Ordering::SeqCst) <= 0
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64, seen: &AtomicU64) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        seen.fetch_add(length as u64, Ordering::SeqCst);
        let size = i64::try_from(length).expect("it fits");
        let before = left.load(Ordering::SeqCst);
        if before != NEVER && before > 0 {
            left.store(before - size, Ordering::SeqCst);
            if before <= size {
                let part = usize::try_from(before).expect("it fits");
                let _ = to.write_all(&buffer[..part]);
                break;
            }
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// The client's way goes by the wire.
fn rewire(hosts: &Hosts, wire: &Wire) {
    let replace = |name: &str| {
        let path = hosts.server.path(name);
        let text = fs::read_to_string(&path).expect("a file");
        fs::write(path, text.replace(&hosts.server.port.to_string(), &wire.port.to_string())).expect("a file");
    };
    replace("config");
    replace("known_hosts");
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn a_connection_cut_anywhere_changes_nothing_of_the_end() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let wire = Wire::to(hosts.server.port);
    rewire(&hosts, &wire);
    let (ran, note, link) = (hosts.path("ran"), hosts.path("note"), hosts.path("one/kafka"));
    let runbook = format!(
        "let cluster = kafka::connect();\nlet host = cluster.host(1);\n\
         step(\"change\", || {{\n    host.write_file(`{}`, \"written\\n\");\n    \
         host.link(`${{host.home.install_root}}/kafka`, \"kafka_2.12-2.6.3\");\n    \
         host.run(`echo once >> {}`);\n}});\n",
        note.display(),
        ran.display()
    );
    let play = |way: usize, bytes: u64| {
        let _ = fs::remove_file(&ran);
        let _ = fs::remove_file(&note);
        fs::remove_file(&link).expect("a link");
        std::os::unix::fs::symlink("kafka_2.12-2.1.1", &link).expect("a link");
        wire.cut_after(way, bytes);
        let mut ended = hosts.run(&runbook);
        let mut said = String::new();
        if ended.code() != Some(0) {
            // What was not reached in time is an error, and never taken for done.
            said = format!("{ended}");
            ended = hosts.krun(&["resume", "--yes"]);
        }
        let seen = (text(&ran), text(&note), fs::read_link(&link).expect("a link"));
        let wanted = ("once\n".to_owned(), "written\n".to_owned(), "kafka_2.12-2.6.3".into());
        assert_eq!(seen, wanted, "cut in direction {way} after {bytes} bytes: {said}{ended}");
        ended.expect_code(0);
    };
    play(0, u64::MAX);
    let whole = [0, 1].map(|way: usize| wire.seen[way].load(Ordering::SeqCst));
    assert!(whole.iter().all(|bytes| *bytes > 2_000), "{whole:?}");
    let every = if std::env::var_os("KRUN_MATRIX").is_some() { 97 } else { 2_603 };
    let (mut cuts, mut cases) = (0, 0);
    for way in [0, 1] {
        let mut bytes = 1_000 + 500 * way as u64;
        while bytes < whole[way] {
            play(way, bytes);
            cases += 1;
            cuts += usize::from(wire.was_cut(way));
            bytes += every;
        }
    }
    println!("connections cut: {cuts} of {cases} cases, {whole:?} bytes when nothing is cut");
    assert!(cuts * 10 >= cases * 9, "only {cuts} of {cases} were cut");
}
