//! krun itself on the hosts of brokers: the sandbox is the cluster, and a real OpenSSH server the way to each host.

use super::facts::furnish;
use super::sshd::{self, Sshd};
use crate::support::{Ended, Running, Scene};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const LINK: &str = "let cluster = kafka::connect();\nlet host = cluster.host(1);\n\
    step(\"link\", || host.link(`${host.home.install_root}/kafka`, \"kafka_2.12-2.6.3\"));\n";

pub(super) struct Hosts {
    pub(super) scene: Scene,
    pub(super) server: Sshd,
    cluster_id: String,
}

impl Hosts {
    /// Broker 1 lives below `one`; `there` is the SSH destination.
    pub(super) fn new() -> Self {
        let scene = Scene::tiny();
        let server = Sshd::start();
        let cluster_id = scene.running().cluster_id;
        let hosts = Self { scene, server, cluster_id };
        furnish(&hosts.root(), &hosts.cluster_id, 1);
        hosts.configure("there");
        hosts
    }

    fn root(&self) -> PathBuf {
        self.scene.path("one")
    }

    fn configure(&self, destination: &str) {
        let servers: Vec<String> = self.scene.running().bootstrap.iter().map(|one| format!("{one:?}")).collect();
        let text = format!(
            "[clusters.real]\nbootstrap_servers = [{}]\n\n[clusters.real.hosts]\nssh_config = \"{}\"\nsudo = false\n\
             install_root = \"{}\"\n\n[clusters.real.brokers]\n1 = {{ host = {destination:?} }}\n",
            servers.join(", "),
            self.server.path("config").display(),
            self.root().display(),
        );
        fs::write(self.scene.path("krun.toml"), text).expect("a written file");
    }

    pub(super) fn krun(&self, arguments: &[&str]) -> Ended {
        let config = self.scene.path("krun.toml").to_string_lossy().into_owned();
        let mut all = vec!["--config", &config, "--cluster", "real"];
        all.extend(arguments);
        self.scene.krun(&all).run()
    }

    pub(super) fn run(&self, text: &str) -> Ended {
        self.begin(text).wait()
    }

    /// Dropped, it is killed.
    pub(super) fn begin(&self, text: &str) -> Running {
        let runbook = self.path("own.rhai");
        fs::write(&runbook, text).expect("a written file");
        let config = self.path("krun.toml").to_string_lossy().into_owned();
        self.scene.krun(&["--config", &config, "--cluster", "real", &runbook.to_string_lossy(), "--yes"]).start()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    fn lock(&self) -> PathBuf {
        self.root().join(".krun.lock")
    }

    fn target(&self) -> String {
        fs::read_link(self.root().join("kafka")).expect("a link").to_string_lossy().into_owned()
    }
}

#[test]
fn a_table_of_all_hosts() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let tool = hosts.root().join("kafka/bin/kafka-topics.sh");
    fs::create_dir_all(hosts.root().join("kafka/bin")).expect("a folder");
    fs::write(&tool, "#!/bin/sh\necho '2.6.3 (Commit:4a9d5e64)'\n").expect("a written file");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("its owner may");
    let table = hosts.krun(&["hosts"]).expect_code(1);
    assert!(table.mentions("kafka-topics.sh --version says 2.6.3"), "{table}");
    for word in ["there", "kafka_2.12-2.1.1", "known_hosts:1", "not fit", "there is no systemd"] {
        assert!(table.mentions(word), "{word}: {table}");
    }
    let json = hosts.krun(&["hosts", "--json"]).expect_code(1);
    let rows: Vec<serde_json::Value> =
        json.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let own = rows.iter().find(|row| row["broker"] == 1).expect("a row");
    assert_eq!((&own["reachable"], &own["facts"]["link_version"]), (&true.into(), &"2.1.1".into()), "{own}");
    // Nobody listens where the others are advertised.
    assert!(rows.iter().filter(|row| row["broker"] != 1).all(|row| row["reachable"] == false && row["fit"] == false));
    hosts.configure("nowhere.invalid");
    let table = hosts.krun(&["hosts"]).expect_code(1);
    assert!(table.mentions("nowhere.invalid") && table.mentions("unreachable"), "{table}");
}

#[test]
fn the_host_of_another_broker_is_left_alone() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let meta = hosts.root().join("data one/meta.properties");
    fs::write(&meta, "broker.id=2\n").expect("a written file");
    let ended = hosts.run(LINK).expect_code(1);
    assert!(ended.mentions("OTHER_BROKER") && ended.mentions("broker 2 lives there"), "{ended}");
    assert_eq!(hosts.target(), "kafka_2.12-2.1.1");
    fs::write(&meta, "broker.id=1\ncluster.id=another\n").expect("a written file");
    let ended = hosts.krun(&["resume"]).expect_code(1);
    assert!(ended.mentions("of the cluster another"), "{ended}");
    assert!(!hosts.lock().exists());
    fs::write(&meta, format!("broker.id=1\ncluster.id={}\n", hosts.cluster_id)).expect("a written file");
    hosts.krun(&["resume"]).expect_code(0);
    assert_eq!(hosts.target(), "kafka_2.12-2.6.3");
    assert!(!hosts.lock().exists(), "a run that is over leaves no lock");
}

#[test]
fn another_run_is_kept_out_until_it_is_over() {
    if !sshd::is_here() {
        return;
    }
    let hosts = Hosts::new();
    let foreign =
        r#"{"run":"20260101-x","runbook":"upgrade.rhai","who":"ops","host":"laptop","since":"2026-01-01T00:00:00Z"}"#;
    fs::write(hosts.lock(), foreign).expect("a written file");
    let ended = hosts.run(LINK).expect_code(5);
    assert!(ended.mentions("20260101-x") && ended.mentions("ops@laptop"), "{ended}");
    assert_eq!(hosts.target(), "kafka_2.12-2.1.1");
    assert_eq!(fs::read_to_string(hosts.lock()).expect("it stays"), foreign);
    assert_eq!(fs::read_to_string(hosts.lock()).expect("it is somebody else's"), foreign);
    fs::remove_file(hosts.lock()).expect("it is removed by hand");

    // One that failed in the middle of its work keeps others out until it is given up.
    hosts.run(&format!("{LINK}step(\"fail\", || fail(\"no\"));\n")).expect_code(1);
    assert!(hosts.lock().exists());
    let ended = hosts.run(LINK).expect_code(5);
    assert!(ended.mentions("krun abort"), "{ended}");
    // The runs that were kept out are not open: they changed nothing.
    hosts.krun(&["abort"]).expect_code(0);
    assert!(!hosts.lock().exists());
    hosts.run(LINK).expect_code(0);
}
