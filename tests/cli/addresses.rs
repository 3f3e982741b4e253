//! Bootstrap addresses where no Kafka broker answers, and a `krun.toml` that cannot be used.

use super::place::{Place, SCALE_OUT};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

/// A listener that reads a little from each client, says this, and keeps the connection.
fn listener(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback address");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 16]).and_then(|_| stream.write_all(answer));
            open.push(stream);
        }
    });
    address
}

/// A port at which nothing listens: it was free a moment ago.
fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback address");
    listener.local_addr().expect("an address")
}

#[track_caller]
fn refused(address: &str, words: &[&str]) {
    let place = Place::without_sandbox();
    let config = place.file("krun.toml", &format!("[clusters.prod]\nbootstrap_servers = [\"{address}\"]\n"));
    let ended = place.krun(&[SCALE_OUT, "--yes", "--cluster", "prod", "--config", &config]);
    ended.exits(1).says(&[address]).says(words).says(&["hint: "]);
    assert_eq!(place.runs(), [""; 0], "what could not connect leaves no run");
    assert!(!place.sandbox_folder().exists(), "no sandbox takes its place");
}

#[test]
fn an_address_that_refuses() {
    refused(&nobody().to_string(), &["CONNECTION_REFUSED"]);
}

#[test]
fn an_address_that_never_answers() {
    refused(&listener(b"").to_string(), &["NO_ANSWER", "accepts connections but does not answer"]);
}

#[test]
fn an_address_that_speaks_tls() {
    refused(&listener(b"\x15\x03\x03\x00\x02\x02\x16").to_string(), &["LISTENER_WANTS_TLS", "speaks TLS"]);
}

#[test]
fn an_address_that_speaks_http() {
    refused(&listener(b"HTTP/1.1 400 Bad Request\r\n\r\n").to_string(), &["NOT_KAFKA", "answers HTTP"]);
}

#[test]
fn an_address_with_a_name_that_nobody_knows() {
    refused("kafka01.invalid:9092", &["HOST_NOT_FOUND"]);
}

#[test]
fn a_cluster_that_is_another_one_than_the_file_says() {
    let place = Place::quick();
    let server = &place.running().bootstrap[0];
    let text = format!("[clusters.prod]\nbootstrap_servers = [\"{server}\"]\ncluster_id = \"somethingElse\"\n");
    let config = place.file("krun.toml", &text);
    let ended = place.krun_in_vain(&[SCALE_OUT, "--yes", "--cluster", "prod", "--config", &config]);
    ended.exits(2).says(&["OTHER_CLUSTER", "somethingElse", &place.running().cluster_id]);
}

#[test]
fn a_broken_krun_toml_is_named_with_the_place() {
    let place = Place::quick();
    let broken = [
        ("[clusters.prod\n", "krun.toml:1:"),
        ("[clusters.prod]\nbootstrap_server = [\"a:1\"]\n", "krun.toml:2:1: unknown key \"bootstrap_server\""),
        ("[clusters.prod]\nbootstrap_servers = [\"kafka01\"]\n", "is not host:port"),
        ("[clusters.prod]\n", "lacks \"bootstrap_servers\""),
        ("default = \"prod\"\n", "the default \"prod\" is not among the clusters"),
        ("[clusters.sandbox]\nbootstrap_servers = [\"a:1\"]\n", "\"sandbox\" is krun's own"),
        ("[clusters.a]\nbootstrap_servers = [\"a:1\"]\npassword = \"geheim\"\n", "secrets are never literal"),
    ];
    for (text, words) in broken {
        let config = place.file("krun.toml", text);
        let ended = place.krun_in_vain(&[SCALE_OUT, "--yes", "--cluster", "prod", "--config", &config]);
        ended.exits(2).says(&["INVALID_CONFIG", words]).does_not_say(&["geheim"]);
    }
    let ended = place.krun_in_vain(&[SCALE_OUT, "--config", "/nowhere/krun.toml"]);
    ended.exits(2).says(&["/nowhere/krun.toml"]);
}

#[test]
fn a_job_in_the_wrong_folder_does_not_end_well_on_a_toy() {
    let place = Place::quick();
    let runbook = place.file("own.rhai", "log(\"ran\");");
    let ended = place.krun_in_vain(&[&runbook, "--yes"]);
    // The folder of the runbook lies below this project, whose root has no krun.toml.
    ended.exits(2).says(&["CLUSTER_NOT_NAMED", "--cluster sandbox"]).does_not_say(&["ran"]);
}
