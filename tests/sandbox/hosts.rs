//! The hosts of the sandbox: folders that are read by the brokers that start on them, with a systemd of their own.

use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest};
use krun::edit::properties::Properties;
use krun::host::machine::{Keeping, Kind, Service};
use krun::host::{Command, Machine};
use krun::kafka::configs::{self, ConfigEntry, Resource, Source};
use krun::sandbox::{HostFault, Options, SandboxHost, host_name};
use std::path::PathBuf;
use std::time::Duration;

const UNIT: &str = "kafka-server";
const LINK: &str = "/usr/local/kafka";
const CONFIG: &str = "/usr/local/kafka/config/server.properties";
const META: &str = "/var/lib/kafka/meta.properties";
const PROTOCOL: &str = "inter.broker.protocol.version";
const PATIENCE: Duration = Duration::from_secs(20);

fn of_release(release: &str) -> Sandbox {
    let guise: krun::sandbox::Guise = release.parse().unwrap();
    let guise = if release < "4" { guise.with_zookeeper().unwrap() } else { guise };
    Sandbox::start(&Options { guise, ..tiny() })
}

fn host(sandbox: &Sandbox, id: i32) -> SandboxHost {
    SandboxHost::named(sandbox.dir.path(), &host_name(id)).unwrap()
}

/// Where a path of a host lies here.
fn here(sandbox: &Sandbox, id: i32, path: &str) -> PathBuf {
    sandbox.dir.path().join("hosts").join(id.to_string()).join(path.trim_start_matches('/'))
}

fn edit(host: &SandboxHost, path: &str, edit: impl FnOnce(&mut Properties)) {
    let mut file = Properties::parse(&host.read_file(path).unwrap().unwrap()).unwrap();
    edit(&mut file);
    host.write_file(path, &file.bytes(), Keeping::default()).unwrap();
}

fn restart(host: &SandboxHost) -> Service {
    host.stop_service(UNIT, PATIENCE).unwrap();
    host.start_service(UNIT, PATIENCE).unwrap();
    host.service(UNIT).unwrap()
}

/// The configuration goes with the link, as an operator sees to it.
fn link_to(host: &SandboxHost, folder: &str) {
    host.copy_file(CONFIG, &format!("/usr/local/{folder}/config/server.properties")).unwrap();
    host.link(LINK, folder).unwrap();
}

fn is_registered(sandbox: &Sandbox, id: i32) -> bool {
    sandbox.control().dump().unwrap()["brokers"][id.to_string()]["alive"] == true
}

/// In how many ISRs of partitions with several replicas a broker is, and in how many it should be.
fn in_sync(sandbox: &Sandbox, id: i32) -> (usize, usize) {
    let dump = sandbox.control().dump().unwrap();
    let partitions = dump["topics"].as_object().unwrap().values().flat_map(|topic| topic.as_array().unwrap());
    let has = |partition: &serde_json::Value, key: &str| partition[key].as_array().unwrap().contains(&id.into());
    let own: Vec<_> =
        partitions.filter(|one| has(one, "replicas") && one["replicas"].as_array().unwrap().len() > 1).collect();
    (own.iter().filter(|one| has(one, "isr")).count(), own.len())
}

fn is_back(sandbox: &Sandbox, id: i32) -> bool {
    let (is, should) = in_sync(sandbox, id);
    is == should
}

fn newest_fetch(sandbox: &Sandbox, broker: usize) -> i16 {
    let reply = ask(sandbox.broker(broker), &ApiVersionsRequest::default(), 0);
    reply.api_keys.iter().find(|one| one.api_key == ApiKey::Fetch as i16).unwrap().max_version
}

#[test]
fn a_host_looks_like_one_and_nothing_leads_out_of_it() {
    let sandbox = of_release("2.1.1");
    let host = host(&sandbox, 4);
    assert_eq!(host.read_link(LINK).unwrap().as_deref(), Some("kafka_2.12-2.1.1"));
    assert_eq!(host.kind("/usr/local/kafka/libs/kafka_2.12-2.1.1.jar").unwrap(), Kind::File);
    let beside = host.glob("/usr/local/kafka_*").unwrap();
    assert_eq!((beside.len(), beside.contains(&"/usr/local/kafka_2.13-3.9.2".to_owned())), (18, true), "{beside:?}");
    let meta = String::from_utf8(host.read_file(META).unwrap().unwrap()).unwrap();
    assert!(meta.contains("broker.id=4\n") && meta.contains(&sandbox.running.cluster_id), "{meta}");
    let unit = host.service(UNIT).unwrap();
    assert_eq!((&*unit.load, &*unit.active, unit.needs_reload), ("loaded", "active", false));
    assert!(unit.command.contains(CONFIG), "{unit:?}");
    let process = host.process(unit.main_pid.unwrap()).unwrap();
    assert_eq!(process.jars, ["/usr/local/kafka_2.12-2.1.1/libs/kafka_2.12-2.1.1.jar"]);
    assert_eq!(format!("127.0.0.1:{}", process.ports[0]), sandbox.broker(4));
    assert_eq!(host.process(1).unwrap_err().code, "NO_SUCH_PROCESS");
    assert_eq!(host.service("nginx").unwrap().load, "not-found");
    assert_eq!(host.start_service("nginx", PATIENCE).unwrap_err().error().code, "NO_SUCH_SERVICE");
    assert!(host.service_log(UNIT, 1).unwrap().contains("[KafkaServer id=4] started"));

    assert_eq!(host.run(&Command::new("true")).unwrap_err().error().code, "UNSUPPORTED");
    for path in ["/usr/../../x", "usr"] {
        assert_eq!(host.read_file(path).unwrap_err().code, "INVALID_ARGUMENT", "{path}");
    }
    std::fs::write(sandbox.dir.path().join("outside"), "x").unwrap();
    host.link("/out", "../../../../outside").unwrap();
    host.link("/absolute", sandbox.dir.path().join("outside").to_str().unwrap()).unwrap();
    host.link("/circle", "/circle").unwrap();
    assert_eq!((host.read_file("/out").unwrap(), host.read_file("/absolute").unwrap()), (None, None));
    host.write_file("/out", b"inside", Keeping::default()).unwrap();
    assert_eq!(std::fs::read(sandbox.dir.path().join("outside")).unwrap(), b"x");
    assert_eq!(host.read_file("/outside").unwrap().unwrap(), b"inside");
    assert!(host.read_file("/circle").is_err());
    let unknown = SandboxHost::named(sandbox.dir.path(), "sandbox-9").err().unwrap();
    assert_eq!(unknown.code, "UNKNOWN_HOST");
    assert!(unknown.hint.unwrap().contains("sandbox-1, sandbox-2, sandbox-3, sandbox-4"));
}

#[test]
fn a_process_has_the_jar_that_was_behind_the_link_when_it_started() {
    let sandbox = of_release("2.1.1");
    let host = host(&sandbox, 2);
    let first = host.service(UNIT).unwrap();
    edit(&host, CONFIG, |file| _ = file.set(PROTOCOL, "2.1"));
    link_to(&host, "kafka_2.12-2.6.3");
    let jars = host.process(first.main_pid.unwrap()).unwrap().jars;
    assert_eq!(jars, ["/usr/local/kafka_2.12-2.1.1/libs/kafka_2.12-2.1.1.jar"]);
    assert_eq!(newest_fetch(&sandbox, 2), 10);

    host.stop_service(UNIT, PATIENCE).unwrap();
    let stopped = host.service(UNIT).unwrap();
    assert_eq!((stopped.main_pid, &*stopped.active, stopped.exit_status), (None, "inactive", Some(143)));
    assert!(!is_registered(&sandbox, 2));
    assert!(std::net::TcpStream::connect(sandbox.broker(2)).is_err());
    assert_eq!(host.process(first.main_pid.unwrap()).unwrap_err().code, "NO_SUCH_PROCESS");
    host.start_service(UNIT, PATIENCE).unwrap();
    let second = host.service(UNIT).unwrap();
    assert!(second.main_pid.is_some() && second.main_pid != first.main_pid);
    assert!(!second.invocation.is_empty() && second.invocation != first.invocation);
    let jars = host.process(second.main_pid.unwrap()).unwrap().jars;
    assert_eq!(jars, ["/usr/local/kafka_2.12-2.6.3/libs/kafka_2.12-2.6.3.jar"]);
    assert_eq!((newest_fetch(&sandbox, 2), newest_fetch(&sandbox, 1)), (11, 10));
    eventually("it is back in every ISR", || is_back(&sandbox, 2));

    sandbox.control().kill_broker(2).unwrap();
    let killed = host.service(UNIT).unwrap();
    assert_eq!((&*killed.active, &*killed.result, killed.main_pid), ("failed", "signal", None));
    host.start_service(UNIT, PATIENCE).unwrap();
    assert!(is_registered(&sandbox, 2));
}

/// What is wrong, by what it is made so and made good again, and what the log says.
#[test]
fn what_does_not_fit_ends_a_start_at_once_and_the_log_says_why() {
    type Deed = fn(&SandboxHost);
    let sandbox = of_release("2.1.1");
    let host = host(&sandbox, 3);
    let jar = "/usr/local/kafka_2.12-2.1.1/libs/kafka_2.12-2.1.1.jar";
    let good = host.read_file(CONFIG).unwrap().unwrap();
    let cases: [(Deed, &str); 8] = [
        (
            |host| host.remove_file(CONFIG).unwrap(),
            "java.nio.file.NoSuchFileException: /usr/local/kafka/config/server.properties",
        ),
        (
            |host| edit(host, CONFIG, |file| _ = file.set("broker.id", "1")),
            "Configured broker.id 1 doesn't match stored broker.id 3",
        ),
        (
            |host| edit(host, CONFIG, |file| _ = file.set("broker.id", "x")),
            "Invalid value x for configuration broker.id",
        ),
        (
            |host| edit(host, CONFIG, |file| _ = file.set("log.dirs", "/nowhere")),
            "none of the specified log dirs from /nowhere",
        ),
        (
            |host| edit(host, CONFIG, |file| _ = file.remove("zookeeper.connect")),
            "Missing required configuration \"zookeeper.connect\"",
        ),
        (
            |host| edit(host, CONFIG, |file| _ = file.set(PROTOCOL, "2.6")),
            "ConfigException: Invalid value 2.6 for configuration inter.broker.protocol.version: Version `2.6` is not a valid version",
        ),
        (|host| host.write_file(CONFIG, b"a=\\u00zz\n", Keeping::default()).unwrap(), "Malformed \\uxxxx encoding"),
        (
            |host| host.remove_file("/usr/local/kafka_2.12-2.1.1/libs/kafka_2.12-2.1.1.jar").unwrap(),
            "Could not find or load main class kafka.Kafka",
        ),
    ];
    for (spoil, says) in cases {
        spoil(&host);
        dies(&sandbox, &host, says);
        host.write_file(CONFIG, &good, Keeping::default()).unwrap();
        host.write_file(jar, b"", Keeping::default()).unwrap();
    }
    let fault = |fault| sandbox.control().host_fault(3, fault).unwrap();
    fault(HostFault::PortTaken { is: true });
    dies(&sandbox, &host, "Address already in use");
    fault(HostFault::PortTaken { is: false });
    fault(HostFault::DiskFull { is: true });
    dies(&sandbox, &host, "No space left on device");
    assert_eq!(host.disk("/var/lib/kafka").unwrap().free_bytes, 0);
    let refused = host.write_file(CONFIG, b"x", Keeping::default()).unwrap_err();
    assert_eq!(refused.error().code, "DISK_FULL");
    assert_eq!(host.read_file(CONFIG).unwrap().unwrap(), good, "it is as before");
    fault(HostFault::DiskFull { is: false });
    fault(HostFault::DiesAtStart { says: "java.lang.OutOfMemoryError: Java heap space".to_owned() });
    dies(&sandbox, &host, "Java heap space");
    assert_eq!(restart(&host).active, "active", "the fault was for one start");
    eventually("it is back in every ISR", || is_back(&sandbox, 3));
    assert_eq!(sandbox.control().start_broker(3), Ok(()));
}

#[track_caller]
fn dies(sandbox: &Sandbox, host: &SandboxHost, says: &str) {
    let unit = restart(host);
    assert_eq!((&*unit.active, &*unit.result, unit.main_pid), ("failed", "exit-code", None), "{says}");
    let log = host.service_log(UNIT, 3).unwrap();
    assert!(log.contains(says), "`{says}` is not in:\n{log}");
    assert!(!is_registered(sandbox, 3), "{says}");
}

/// Forgotten to pin: what the new one speaks, the old ones do not understand.
#[test]
fn a_broker_whose_protocol_is_newer_than_its_leaders_does_not_come_back_into_the_isr() {
    let sandbox = of_release("2.1.1");
    let first = host(&sandbox, 1);
    link_to(&first, "kafka_2.12-2.6.3");
    restart(&first);
    assert!(is_registered(&sandbox, 1));
    let log = first.service_log(UNIT, 9).unwrap();
    assert!(log.contains("[ReplicaFetcher replicaId=1, leaderId=2, fetcherId=0]"), "{log}");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(in_sync(&sandbox, 1).0, 0, "it fetches from nobody");

    edit(&first, CONFIG, |file| _ = file.set(PROTOCOL, "2.1"));
    restart(&first);
    eventually("pinned, it is back", || is_back(&sandbox, 1));

    // Unpinned too early: broker 3 is still of the old release.
    let second = host(&sandbox, 2);
    edit(&second, CONFIG, |file| _ = file.set(PROTOCOL, "2.1"));
    link_to(&second, "kafka_2.12-2.6.3");
    restart(&second);
    eventually("the second is across", || is_back(&sandbox, 2));
    edit(&second, CONFIG, |file| _ = file.remove(PROTOCOL));
    restart(&second);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!is_back(&sandbox, 2), "what broker 3 leads it cannot follow");
    let third = host(&sandbox, 3);
    edit(&third, CONFIG, |file| _ = file.set(PROTOCOL, "2.1"));
    link_to(&third, "kafka_2.12-2.6.3");
    restart(&third);
    for id in 1..=3 {
        eventually("once all are across, all is well", || is_back(&sandbox, id));
    }
}

/// KIP-724 and KAFKA-12945: Kafka 3.0 does not read them any more.
#[test]
fn a_key_that_the_release_does_not_read_any_more_is_ignored() {
    let sandbox = of_release("2.8.2");
    let host = host(&sandbox, 2);
    let port = sandbox.broker(2).rsplit_once(':').unwrap().1.to_owned();
    edit(&host, CONFIG, |file| {
        file.remove("listeners");
        file.remove("advertised.listeners");
        file.set("port", &port);
        file.set(PROTOCOL, "2.8");
    });
    restart(&host);
    assert!(is_registered(&sandbox, 2), "Kafka 2.8 reads it");
    link_to(&host, "kafka_2.13-3.0.2");
    let unit = restart(&host);
    assert_eq!(unit.active, "active");
    assert_eq!(host.process(unit.main_pid.unwrap()).unwrap().ports, [9092]);
    assert!(!is_registered(&sandbox, 2), "nobody finds it where it was");
    assert!(host.service_log(UNIT, 9).unwrap().contains("WARN The configuration 'port' was supplied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_tells_what_its_file_says() {
    let sandbox = of_release("2.1.1");
    let client = sandbox.client().await;
    let of = |entries: Vec<ConfigEntry>, name: &str| {
        entries.into_iter().find(|one| one.name == name).map(|one| (one.value.unwrap_or_default(), one.source))
    };
    let told = configs::describe(&client, &Resource::Broker(1)).await.unwrap();
    assert_eq!(of(told.clone(), PROTOCOL), Some(("2.1-IV2".to_owned(), Source::Default)));
    assert_eq!(of(told, "log.dirs"), Some(("/var/lib/kafka".to_owned(), Source::StaticBroker)));
    let host = host(&sandbox, 1);
    edit(&host, CONFIG, |file| {
        file.set(PROTOCOL, "2.1");
        file.set("log.message.format.version", "2.0");
    });
    restart(&host);
    let told = configs::describe(&client, &Resource::Broker(1)).await.unwrap();
    assert_eq!(of(told.clone(), PROTOCOL), Some(("2.1".to_owned(), Source::StaticBroker)));
    assert_eq!(of(told, "log.message.format.version"), Some(("2.0".to_owned(), Source::StaticBroker)));
}

#[test]
fn a_broker_may_be_slow_to_come_back() {
    let sandbox = of_release("2.6.3");
    sandbox.control().host_fault(2, HostFault::SlowToReturn { milliseconds: 1500 }).unwrap();
    restart(&host(&sandbox, 2));
    assert!(is_registered(&sandbox, 2) && in_sync(&sandbox, 2).0 == 0, "registered, and in no ISR yet");
    eventually("it is back", || is_back(&sandbox, 2));
}

#[test]
fn with_kraft_the_jar_decides_too() {
    let sandbox = Sandbox::start(&Options { guise: "3.9.2".parse().unwrap(), ..tiny() });
    let host = host(&sandbox, 1);
    link_to(&host, "kafka_2.13-4.0.1");
    restart(&host);
    eventually("it is back", || is_back(&sandbox, 1));
    assert!(is_registered(&sandbox, 1));
    link_to(&host, "kafka_2.13-3.7.2");
    assert_eq!(restart(&host).active, "failed", "the cluster's metadata are newer");
    assert!(host.service_log(UNIT, 2).unwrap().contains("No MetadataVersion with feature level 21"));
    assert!(here(&sandbox, 1, META).is_file());
}
