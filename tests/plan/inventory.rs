//! `krun.toml`: which one counts, what it says, what is refused and where, and which cluster is meant.

use krun::inventory::{ChosenCluster, Inventory, Secret, SecretSource};
use std::fs;
use std::path::Path;

const DESIGN: &str = r#"default = "prod"

[clusters.prod]
bootstrap_servers = ["peter-kafka01.foo.bar:9092", "peter-kafka02.foo.bar:9092"]
cluster_id = "q1Sh-9_ISia_zwGINzRvyQ"
client_properties = "client.properties"
password = { env = "KAFKA_PASSWORD" }

[clusters.prod.hosts]
user = "ops"
service = "kafka-server"
install_root = "/usr/local"
link = "kafka"
config = "config/server.properties"
sudo = true
password = { file = "sudo.txt" }

[clusters.prod.brokers]
4 = { host = "peter-kafka04.foo.bar", service = "kafka" }
"#;

/// A folder with this krun.toml, and what reading it gives.
fn read(text: &str) -> (tempfile::TempDir, Result<Inventory, krun::error::Error>) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("krun.toml"), text).expect("written");
    let inventory = Inventory::find(folder.path(), None, None);
    (folder, inventory)
}

fn choose(text: &str, name: Option<&str>, terminal: bool) -> Result<ChosenCluster, krun::error::Error> {
    read(text).1.expect("an inventory").cluster(name, terminal)
}

#[test]
fn the_design_s_example_is_read_whole() {
    let (folder, inventory) = read(DESIGN);
    let prod = inventory.expect("an inventory").cluster(None, false).expect("prod");
    assert_eq!((prod.name.as_str(), prod.sandbox, prod.defaulted), ("prod", false, true));
    let settings = &prod.settings;
    assert_eq!(settings.bootstrap_servers, ["peter-kafka01.foo.bar:9092", "peter-kafka02.foo.bar:9092"]);
    assert_eq!(settings.cluster_id.as_deref(), Some("q1Sh-9_ISia_zwGINzRvyQ"));
    assert_eq!(settings.client_properties.as_deref(), Some(folder.path().join("client.properties").as_path()));
    assert_eq!(settings.password, Some(SecretSource::Env("KAFKA_PASSWORD".to_owned())));
    let four = prod.host_settings(4);
    assert_eq!(four.host.as_deref(), Some("peter-kafka04.foo.bar"));
    assert_eq!(four.service.as_deref(), Some("kafka"), "the broker's own");
    assert_eq!((four.user.as_deref(), four.sudo), (Some("ops"), Some(true)), "those of every host");
    assert_eq!(four.password, Some(SecretSource::File(folder.path().join("sudo.txt"))));
    let one = prod.host_settings(1);
    assert_eq!((one.host, one.service.as_deref()), (None, Some("kafka-server")));
    assert_eq!(one.install_root.as_deref(), Some("/usr/local"));
    assert_eq!((one.link.as_deref(), one.config.as_deref()), (Some("kafka"), Some("config/server.properties")));
}

#[test]
fn the_nearest_file_counts_then_that_of_the_runbook() {
    let root = tempfile::tempdir().expect("a folder");
    let path = |name: &str| root.path().join(name);
    for folder in ["work/deep", "books/more"] {
        fs::create_dir_all(path(folder)).expect("created");
    }
    let found = |start: &str, runbook: Option<&str>, explicit: Option<&Path>| {
        let runbook = runbook.map(&path);
        Inventory::find(&path(start), runbook.as_deref(), explicit).map(|inventory| inventory.file)
    };
    assert_eq!(found("work/deep", Some("books/more"), None), Ok(None));
    fs::write(path("books/krun.toml"), "").expect("written");
    assert_eq!(found("work/deep", Some("books/more"), None), Ok(Some(path("books/krun.toml"))));
    fs::write(path("work/krun.toml"), "").expect("written");
    assert_eq!(found("work/deep", Some("books/more"), None), Ok(Some(path("work/krun.toml"))));
    let explicit = path("books/krun.toml");
    assert_eq!(found("work/deep", None, Some(&explicit)), Ok(Some(explicit.clone())));
    let missing = found("work", None, Some(Path::new("none.toml"))).expect_err("there is no such file");
    assert_eq!(missing.code, "CONFIG_NOT_FOUND");
    assert!(missing.message.contains("none.toml"), "{}", missing.message);
}

#[test]
fn the_project_s_own_file_makes_the_sandbox_the_default() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let inventory = Inventory::find(root, Some(Path::new("runbooks")), None).expect("an inventory");
    assert_eq!(inventory.file, Some(root.join("runbooks/krun.toml")));
    let chosen = inventory.cluster(None, false).expect("the sandbox");
    assert_eq!((chosen.name.as_str(), chosen.sandbox, chosen.defaulted), ("sandbox", true, true));
}

#[test]
fn a_cluster_is_named_or_the_default_and_never_a_toy_by_mistake() {
    let none = Inventory::default();
    assert!(none.cluster(None, true).expect("the sandbox").sandbox);
    let demanded = none.cluster(None, false).expect_err("a job names its cluster");
    assert_eq!(demanded.code, "CLUSTER_NOT_NAMED");
    assert!(demanded.hint.is_some_and(|hint| hint.contains("--cluster sandbox")));
    let named = none.cluster(Some("sandbox"), false).expect("always there");
    assert!(named.sandbox && !named.defaulted);

    let two = "[clusters.prod]\nbootstrap_servers = [\"a:1\"]\n[clusters.dev]\nbootstrap_servers = [\"[::1]:9092\"]\n";
    let open = choose(two, None, true).expect_err("a file without a default");
    assert_eq!(open.code, "CLUSTER_NOT_NAMED");
    assert_eq!(open.hint.as_deref(), Some("name one: --cluster dev, --cluster prod, --cluster sandbox"));
    assert!(!choose(two, Some("dev"), false).expect("dev").defaulted);
    let unknown = choose(two, Some("prd"), true).expect_err("no such cluster");
    assert_eq!(unknown.code, "UNKNOWN_CLUSTER");
    assert_eq!(unknown.hint.as_deref(), Some("did you mean \"prod\"? the clusters are dev, prod, sandbox"));
    let unknown = none.cluster(Some("prod"), true).expect_err("no such cluster");
    assert!(unknown.message.contains("no krun.toml here or above"), "{}", unknown.message);
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let prod = "[clusters.prod]\nbootstrap_servers = [\"a:9092\"]\n";
    for (text, place, why, hint) in [
        ("defualt = \"prod\"", "1:1", "unknown key \"defualt\" in krun.toml", "did you mean \"default\"?"),
        ("default = \"prod\"", "1:11", "the default \"prod\" is not among the clusters", "the clusters are sandbox"),
        ("default = 3", "1:11", "\"default\" in krun.toml must be a text, and is a number", "correct"),
        ("default = ", "1:", "", "TOML"),
        ("[clusters.prod]\n", "1:1", "[clusters.prod] lacks \"bootstrap_servers\"", "host:9092"),
        ("[clusters.prod]\nbootstrap_servers = []\n", "1:1", "lacks \"bootstrap_servers\"", "host:9092"),
        (
            "[clusters.prod]\nbootstrap_servers = \"a:9092\"\n",
            "2:21",
            "must be a list of texts, and is a text",
            "correct",
        ),
        ("[clusters.prod]\nbootstrap_servers = [\"a\"]\n", "2:22", "\"a\" is not host:port", "kafka1.example.com:9092"),
        ("[clusters.prod]\nbootstrap_servers = [\"http://a:1\"]\n", "2:22", "is not host:port", "9092"),
        ("[clusters.prod]\nbootstrap_servers = [\"a:99999\"]\n", "2:22", "is not host:port", "9092"),
        ("clusters = 1", "1:12", "\"clusters\" in krun.toml must be a table", "correct"),
        ("[clusters]\nprod = 1", "2:8", "\"prod\" in [clusters] must be a table, and is a number", "correct"),
        (
            "[clusters.sandbox]\nbootstrap_servers = [\"a:9092\"]\n",
            "1:11",
            "the cluster \"sandbox\" is krun's own",
            "another name",
        ),
        (
            &format!("{prod}[clusters.prod.hosts]\nsevice = \"kafka\"\n"),
            "4:1",
            "unknown key \"sevice\" in [clusters.prod.hosts]",
            "did you mean \"service\"?",
        ),
        (&format!("{prod}[clusters.prod.hosts]\nhost = \"a\"\n"), "4:1", "unknown key \"host\"", "the keys are user"),
        (
            &format!("{prod}[clusters.prod.hosts]\nsudo = \"yes\"\n"),
            "4:8",
            "must be true or false, and is a text",
            "correct",
        ),
        (&format!("{prod}[clusters.prod.hosts]\nuser = \"\"\n"), "4:8", "\"user\" is empty", "leave it out"),
        (
            &format!("{prod}[clusters.prod.brokers]\nfour = {{}}\n"),
            "4:8",
            "\"four\" in [clusters.prod.brokers] is no broker id",
            "4 =",
        ),
        (
            &format!("{prod}[clusters.prod.brokers]\n4 = {{ hots = \"a\" }}\n"),
            "4:7",
            "in [clusters.prod.brokers.4]",
            "did you mean \"host\"?",
        ),
        (
            &format!("{prod}password = {{ env = \"A\", file = \"b\" }}\n"),
            "3:12",
            "either \"env\" or \"file\"",
            "write password =",
        ),
        (&format!("{prod}password = {{ evn = \"A\" }}\n"), "3:14", "unknown key \"evn\"", "did you mean \"env\"?"),
    ] {
        let (_folder, inventory) = read(text);
        let error = inventory.expect_err(text);
        assert_eq!(error.code, "INVALID_CONFIG");
        let hinted = error.hint.unwrap_or_default();
        let message = error.message;
        assert!(message.contains(&format!("krun.toml:{place}")) && message.contains(why), "{text}: {message}");
        assert!(hinted.contains(hint), "{text}: {hinted}");
    }
}

#[test]
fn a_secret_is_never_literal_and_never_printed() {
    let (_folder, inventory) = read("[clusters.prod]\nbootstrap_servers = [\"a:9092\"]\npassword = \"hunter2\"\n");
    let error = inventory.expect_err("a literal secret");
    assert!(error.message.contains("krun.toml:3:12") && error.message.contains("never literal"), "{}", error.message);
    assert!(!format!("{error:?}").contains("hunter2"), "the message does not repeat it");
    assert!(error.hint.is_some_and(|hint| hint.contains("{ env = \"NAME\" }")));

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, "hunter2\n").expect("written");
    let secret = SecretSource::File(file.clone()).read().expect("a secret");
    assert_eq!(secret.reveal(), "hunter2");
    assert_eq!((format!("{secret}"), format!("{secret:?}")), ("***".to_owned(), "***".to_owned()));
    assert_eq!(secret, Secret::new("hunter2"));
    fs::write(&file, "\n").expect("written");
    for source in [
        SecretSource::File(file),
        SecretSource::File("/nowhere/at/all".into()),
        SecretSource::Env("KRUN_NOT_SET".into()),
    ] {
        let error = source.read().expect_err("no secret");
        assert_eq!(error.code, "SECRET_NOT_FOUND");
        assert!(error.hint.is_some());
    }
}

#[test]
fn a_token_command_runs_beside_the_file() {
    let cluster = "[clusters.c]\nbootstrap_servers = [\"a:1\"]\n";
    let (folder, inventory) = read(&format!("{cluster}token_command = [\"./get-token\", \"kafka\"]\n"));
    let settings = inventory.expect("an inventory").cluster(Some("c"), false).expect("it is there").settings;
    let command = settings.token_command.expect("a command");
    assert_eq!(command.words, ["./get-token", "kafka"]);
    assert_eq!(command.folder, folder.path().join(""));
    for empty in ["[]", "[\"\"]"] {
        let error = read(&format!("{cluster}token_command = {empty}\n")).1.expect_err("no program");
        assert!(error.message.contains("krun.toml:3:"), "{error}");
        assert!(error.message.contains("names no program"), "{error}");
    }
    let error = read(&format!("{cluster}token_command = \"get-token\"\n")).1.expect_err("no list");
    assert!(error.message.contains("must be a list of texts"), "{error}");
}
