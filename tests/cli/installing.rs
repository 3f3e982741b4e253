//! `--dist` of `runbooks/upgrade.rhai`: a release that the hosts do not have is brought, whole or not at all, and what only the
//! running folder has goes along, is waived or refused.

use super::child::Live;
use super::place::Place;
use crate::support::distribution;
use krun::host::Machine;
use krun::sandbox::{SandboxHost, host_name};
use rustix::process::Signal;
use std::fs;
use std::path::PathBuf;

const RUNNING: &str = "/usr/local/kafka_2.12-2.1.1";
const BROUGHT: &str = "/usr/local/kafka_2.12-2.6.2";
const WORDS: [&str; 9] = [
    "runbooks/upgrade.rhai",
    "--to",
    "2.6.2",
    "--stable",
    "10ms",
    "--steady",
    "10ms",
    "--allow-offline=peter-scaleout1",
    "--yes",
];
const UNPIN: [&str; 2] = ["--accept", "unpin the protocol"];

struct Stage {
    place: Place,
    folder: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let place = Place::of_release("2.1.1");
        let folder = distribution::folder(place.scratch(), "2.6.2", 1000);
        Self { place, folder }
    }

    fn words<'a>(dist: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&WORDS[..], &UNPIN, &["--dist", dist], more].concat()
    }

    #[track_caller]
    fn refuses(&self, words: &[&str], says: &[&str]) {
        self.place.krun_in_vain(words).exits(1).says(says);
        self.place.krun(&["abort"]).exits(0);
        for id in 1..=4 {
            assert_eq!(self.listing(id, "kafka_2.12-2.6.2*"), Vec::<String>::new());
        }
    }

    fn listing(&self, id: i32, pattern: &str) -> Vec<String> {
        let host = SandboxHost::named(&self.place.sandbox_folder(), &host_name(id)).expect("the sandbox has this host");
        host.glob(&format!("/usr/local/{pattern}")).expect("the host answers")
    }

    #[track_caller]
    fn has_moved(&self, at: u64) {
        for id in 1..=4 {
            let host =
                SandboxHost::named(&self.place.sandbox_folder(), &host_name(id)).expect("the sandbox has this host");
            let pid = host.service("kafka-server").expect("the host answers").main_pid.expect("it runs");
            let jars = host.process(pid).expect("it runs").jars;
            assert_eq!(jars, [format!("{BROUGHT}/libs/kafka_2.12-2.6.2.jar")], "broker {id}, killed at {at}");
            assert_eq!(self.listing(id, "kafka_2.12-2.6.2*"), [BROUGHT], "broker {id}, killed at {at}");
        }
    }
}

#[test]
fn a_release_is_brought_from_a_folder_and_own_files_go_along() {
    let stage = Stage::new();
    fs::write(stage.place.on_host(2, &format!("{RUNNING}/config/jaas.conf")), "KafkaServer {};\n").expect("a file");
    let dist = stage.folder.to_string_lossy().into_owned();
    let done = stage.place.krun(&Stage::words(&dist, &[]));
    done.exits(0).says(&["host of broker 1: install /usr/local/kafka_2.12-2.6.2", "all brokers run Kafka 2.6.2"]);
    stage.has_moved(0);
    let jaas = fs::read_to_string(stage.place.on_host(2, &format!("{BROUGHT}/config/jaas.conf")));
    assert_eq!(jaas.expect("it went along"), "KafkaServer {};\n");
    let run = fs::read_to_string(stage.place.run_folder().join("journal.jsonl")).expect("a journal");
    assert!(!run.contains("KafkaServer"), "the journal has contents");
}

#[test]
fn an_archive_is_checked_before_anything_is_sent() {
    let stage = Stage::new();
    let archive = distribution::archive(&stage.folder);
    let path = archive.to_string_lossy().into_owned();
    let wrong = "0".repeat(128);
    stage.refuses(&Stage::words(&path, &["--sha512", &wrong]), &["CHECKSUM_DIFFERS", "download it again"]);
    stage.refuses(&Stage::words(&path, &["--sha512", "abc"]), &["INVALID_ARGUMENT", "`abc` is no SHA-512"]);
    stage.refuses(&Stage::words("nowhere.tgz", &[]), &["NO_SUCH_FILE", "nowhere.tgz cannot be read"]);
    let whole = fs::read(&archive).expect("it is there");
    fs::write(&archive, &whole[..whole.len() - 300]).expect("a written file");
    stage.refuses(&Stage::words(&path, &[]), &["ARCHIVE_DAMAGED", "is damaged"]);
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 0x40;
    fs::write(&archive, bent).expect("a written file");
    stage.refuses(&Stage::words(&path, &[]), &["ARCHIVE_DAMAGED"]);
    fs::write(&archive, &whole).expect("a written file");
    let other = distribution::folder(stage.place.scratch(), "2.6.1", 10).to_string_lossy().into_owned();
    stage.refuses(&Stage::words(&other, &[]), &["--dist is kafka_2.12-2.6.1, and --to says 2.6.2"]);
    stage.refuses(&[&WORDS[..], &UNPIN].concat(), &["Kafka 2.6.2 is not installed below /usr/local: --dist names"]);
    let sum = std::process::Command::new("sha512sum").arg(&archive).output().expect("sha512sum runs").stdout;
    let sum = String::from_utf8(sum).expect("text");
    stage.place.krun(&Stage::words(&path, &["--sha512", &sum])).exits(0);
    stage.has_moved(0);
}

#[test]
fn killed_anywhere_each_host_has_the_release_once_and_whole() {
    let mut killed = 0;
    // The points at which releases are on their way come first.
    for nth in [12, 16, 17, 18, 23, 29] {
        let stage = Stage::new();
        let dist = stage.folder.to_string_lossy().into_owned();
        let mut command = stage.place.command(&Stage::words(&dist, &[]));
        command.env("KRUN_KILL_AT", nth.to_string());
        Live::start(command, stage.place.scratch()).ends().was_killed_by(Signal::KILL);
        killed += 1;
        stage.place.krun(&[&["resume", "--yes"][..], &UNPIN].concat()).exits(0);
        stage.has_moved(nth);
    }
    assert_eq!(killed, 6);
}

#[test]
fn a_disk_without_room_is_found_before_anything_is_sent() {
    let stage = Stage::new();
    let dist = stage.folder.to_string_lossy().into_owned();
    let host = SandboxHost::named(&stage.place.sandbox_folder(), &host_name(1)).expect("the sandbox has this host");
    let room = host.disk("/").expect("the host answers");
    let used = room.total_bytes - room.free_bytes;
    stage.place.control().set_disk_size(1, used + 700).expect("the sandbox obeys");
    let needs = "kafka_2.12-2.6.2 needs about 1 MB below /usr/local, and 0 MB are free";
    stage.refuses(&Stage::words(&dist, &[]), &["NOT_FIT_FOR_A_ROLL", needs]);
    // It is filled by somebody else once it was looked at.
    let text = format!("let host = kafka::connect().host(1);\nstep(\"install\", || host.install({dist:?}));\n");
    let full = stage.place.own(&text, &["--yes"]);
    full.exits(1).says(&["DISK_FULL", needs, "nothing was sent"]);
    stage.place.control().set_disk_size(1, room.total_bytes).expect("the sandbox obeys");
    stage.place.krun(&["resume", "--yes"]).exits(0);
    assert_eq!(stage.listing(1, "kafka_2.12-2.6.2*"), [BROUGHT]);
}

#[test]
fn what_is_there_already_is_left_and_what_is_another_one_is_refused() {
    let stage = Stage::new();
    let dist = stage.folder.to_string_lossy().into_owned();
    for id in [1, 2] {
        let mut copy = std::process::Command::new("cp");
        copy.arg("-r").arg(&stage.folder).arg(stage.place.on_host(id, "/usr/local/"));
        assert!(copy.status().expect("cp runs").success());
    }
    let jar = stage.place.on_host(2, &format!("{BROUGHT}/libs/kafka-clients-2.6.2.jar"));
    fs::write(&jar, "another").expect("a written file");
    // Whoever reads records asks for a coordinator, and brokers make their own topic for its sake.
    let ended = stage.place.krun_in_vain_of_changes(&Stage::words(&dist, &[]));
    ended.exits(1).says(&[
        "host of broker 1: /usr/local/kafka_2.12-2.6.2 is there, and whole",
        "OTHER_RELEASE",
        "libs/kafka-clients-2.6.2.jar is another one",
    ]);
    assert_eq!(fs::read(&jar).expect("it is left"), b"another");
}

#[test]
fn what_only_the_running_folder_has_is_not_lost_in_silence() {
    let stage = Stage::new();
    let dist = stage.folder.to_string_lossy().into_owned();
    let at = |path: &str| stage.place.on_host(3, &format!("{RUNNING}/{path}"));
    fs::write(at("libs/our-authorizer-1.0.jar"), "").expect("a file");
    stage.refuses(
        &Stage::words(&dist, &[]),
        &["libs/our-authorizer-1.0.jar is no jar of Kafka's", "--leave our-authorizer-1.0.jar"],
    );
    fs::create_dir(at("ssl")).expect("a folder");
    fs::write(at("ssl/keystore.jks"), "").expect("a file");
    let config = at("config/server.properties");
    let text = fs::read_to_string(&config).expect("a file");
    let header = "# Ansible managed\n";
    fs::write(&config, format!("{header}{text}ssl.keystore.location=/usr/local/kafka/ssl/keystore.jks\n"))
        .expect("a file");
    let leave = ["--leave", "our-authorizer-1.0.jar"];
    stage.refuses(&Stage::words(&dist, &leave), &["ssl.keystore.location names /usr/local/kafka/ssl/keystore.jks"]);
    fs::write(&config, format!("{header}{text}")).expect("a file");
    let done = stage.place.krun(&Stage::words(&dist, &leave));
    done.exits(0).says(&["says \"ansible managed\"", "pause it until the roll is over"]);
}

#[test]
fn what_krun_toml_says_and_a_host_does_not_have_is_named() {
    let stage = Stage::new();
    let dist = stage.folder.to_string_lossy().into_owned();
    let link = stage.place.on_host(1, "/usr/local/kafka");
    let unit = stage.place.on_host(4, "/etc/systemd/system/puppet.service");
    fs::write(unit, "[Service]\nExecStart=/opt/puppetlabs/bin/puppet agent\n").expect("a file");
    fs::remove_file(&link).expect("it goes");
    fs::rename(stage.place.on_host(1, RUNNING), &link).expect("it is moved");
    stage.refuses(&Stage::words(&dist, &[]), &["broker 1: /usr/local/kafka is no link"]);
    fs::rename(&link, stage.place.on_host(1, RUNNING)).expect("it is moved");
    std::os::unix::fs::symlink("kafka_2.12-2.1.1", &link).expect("a link");
    stage.place.krun(&Stage::words(&dist, &[])).exits(0).says(&["broker 4: puppet runs on its host"]);
}
