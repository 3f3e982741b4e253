//! What a host has over this machine's files: who may log in, the broker's unit, its installed versions and their configuration.

use super::super::jars::Kafka;
use super::OLD;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

pub(super) const UNIT: &str = "kafka-server";
/// Below the link that says which version runs.
pub(super) const CONFIG: &str = "/usr/local/kafka/config/server.properties";

/// The versions that are there; the first one runs. Of the last two the jars are there where they are wanted.
const INSTALLED: [&str; 4] = ["kafka_2.12-2.1.1", "kafka_2.12-2.6.3", "kafka_2.12-2.8.2", "kafka_2.13-3.9.2"];

/// As an operator wrote it, comments and all. The short times spare the tests minutes.
fn server_properties(id: i32, address: Ipv4Addr, zookeeper: &str) -> String {
    format!(
        "# kafka{id}: see the wiki before you touch this\n\
         broker.id={id}\n\
         listeners = PLAINTEXT://{address}:9092\n\
         \n\
         ############################# Log Basics #############################\n\
         log.dirs=/var/lib/kafka\n\
         min.insync.replicas=2\n\
         default.replication.factor=3\n\
         offsets.topic.replication.factor=3\n\
         offsets.topic.num.partitions=4\n\
         transaction.state.log.replication.factor=3\n\
         transaction.state.log.num.partitions=4\n\
         auto.create.topics.enable=false\n\
         auto.leader.rebalance.enable=false\n\
         log.cleaner.dedupe.buffer.size=4194304\n\
         group.initial.rebalance.delay.ms=0\n\
         num.io.threads=4\n\
         num.network.threads=2\n\
         \n\
         zookeeper.connect={zookeeper}\n\
         zookeeper.session.timeout.ms=6000\n"
    )
}

/// What a distribution brings along, for nobody's cluster.
pub(super) const SHIPPED: &str = "broker.id=0\nlog.dirs=/tmp/kafka-logs\nzookeeper.connect=localhost:2181\n";

pub(super) const LOG4J: &str = "log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
log4j.logger.kafka.server.KafkaConfig=WARN
log4j.logger.org.apache.zookeeper=WARN
";

fn unit(kafka: &Kafka) -> String {
    let java = kafka.command(&[]).get_program().to_string_lossy().into_owned();
    format!(
        "[Unit]\nDescription=Apache Kafka\n\n[Service]\nUser=kafka\nExecStart={java} -Xmx256m -XX:+UseSerialGC \
         -XX:TieredStopAtLevel=1 -Dlog4j.configuration=file:/usr/local/kafka/config/log4j.properties \
         -cp /usr/local/kafka/libs/* kafka.Kafka {CONFIG}\nSuccessExitStatus=143\nTimeoutStopSec=180\nLimitNOFILE=100000\n"
    )
}

fn sshd_config(address: Ipv4Addr) -> String {
    format!(
        "ListenAddress {address}\nPort 22\nHostKey /etc/ssh/host_key\nPermitRootLogin prohibit-password\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nUseDNS no\nMaxStartups 100\n"
    )
}

/// Fills `folder`, which is put over the root of the host. `keys` has `host_key`, `id` and their public halves.
pub(super) fn write(folder: &Path, kafka: &Kafka, id: i32, address: Ipv4Addr, zookeeper: &str, keys: &Path) {
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, text).expect("a written file");
    };
    let key = |name: &str| fs::read_to_string(keys.join(name)).expect("a key");
    put("etc/ssh/sshd_config", &sshd_config(address));
    put("etc/ssh/host_key", &key("host_key"));
    put("root/.ssh/authorized_keys", &key("id.pub"));
    // The hosts share the files of this machine, and bash reads this one for each command: what a developer has in it is none of theirs.
    put("root/.bashrc", "");
    put(&format!("etc/systemd/system/{UNIT}.service"), &unit(kafka));
    for folder in INSTALLED {
        let config = format!("usr/local/{folder}/config");
        put(&format!("{config}/log4j.properties"), LOG4J);
        put(&format!("{config}/server.properties"), SHIPPED);
    }
    let own = format!("usr/local/kafka_2.12-{OLD}/config/server.properties");
    put(&own, &server_properties(id, address, zookeeper));
}
