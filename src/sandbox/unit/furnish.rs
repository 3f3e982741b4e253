//! The folder of a host, as it looks before anybody has touched it: marker files where a real one has a broker.

use crate::error::Error;
use crate::sandbox::guise::Guise;
use crate::sandbox::host::{LOG, path::Root, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The unit of a broker.
pub(super) const UNIT: &str = "kafka-server.service";
/// Where systemd finds units.
pub(super) const UNITS: &str = "/etc/systemd/system";
const USERS: &str = "/etc/passwd";
const INSTALL_ROOT: &str = "/usr/local";
const LINK: &str = "kafka";
/// What a Java says of itself.
const JAVA: &str = "/usr/lib/jvm/java-11/release";
/// The log dir.
pub(in crate::sandbox) const DATA: &str = "/var/lib/kafka";

/// What is written on a host.
pub(super) struct Furniture<'a> {
    pub(super) id: i32,
    pub(super) cluster_id: &'a str,
    pub(super) port: u16,
    pub(super) guise: Guise,
    pub(super) clean_every: Duration,
}

impl Furniture<'_> {
    /// Makes the host. What is there already stays.
    pub(super) fn write(&self, dir: &Path) -> Result<Root, Error> {
        let root = root(dir, self.id);
        let at = |path: &str| root.place(path);
        let write = |path: &str, text: &str| put(&at(path)?, text);
        let others = self.guise.newest_patches().filter(|other| other.line() != self.guise.line());
        for guise in others.chain([self.guise]) {
            let home = format!("{INSTALL_ROOT}/{}", install_folder(guise));
            write(&format!("{home}/libs/kafka_{}-{guise}.jar", guise.scala()), "")?;
            write(&format!("{home}/bin/kafka-server-start.sh"), "#!/bin/sh\n# A host of the sandbox runs nothing.\n")?;
            let own = guise == self.guise;
            write(
                &format!("{home}/config/server.properties"),
                &if own { self.properties() } else { as_shipped(guise) },
            )?;
        }
        let link = at(INSTALL_ROOT)?.join(LINK);
        std::os::unix::fs::symlink(install_folder(self.guise), &link).map_err(|why| unusable(&link, &why))?;
        write(&format!("{DATA}/meta.properties"), &meta(self.id, self.cluster_id, self.guise))?;
        write(LOG, "")?;
        write(USERS, "root:x:0:0:root:/root:/bin/bash\nkafka:x:998:998::/nonexistent:/usr/sbin/nologin\n")?;
        write(JAVA, "JAVA_VERSION=\"11.0.25\"\n")?;
        write(&format!("{UNITS}/{UNIT}"), &unit())?;
        Ok(root)
    }

    fn properties(&self) -> String {
        let listener = format!("PLAINTEXT://127.0.0.1:{}", self.port);
        let id = self.id;
        let mut text = format!(
            "# The broker of {}.\n\nbroker.id={id}\nlisteners={listener}\nadvertised.listeners={listener}\n\n\
             # Where its replicas lie, how often it looks for old ones, and when their files go.\nlog.dirs={DATA}\n\
             log.retention.check.interval.ms={}\nlog.segment.delete.delay.ms={}\n\n",
            crate::sandbox::host::host_name(id),
            self.clean_every.as_millis().max(1),
            self.clean_every.as_millis() / 5,
        );
        text.push_str(&if self.guise.has_zookeeper() {
            "zookeeper.connect=127.0.0.1:2181\n".to_owned()
        } else {
            format!("node.id={id}\nprocess.roles=broker\n")
        });
        text
    }
}

/// A host that nobody has done anything with: what every machine has, and nothing of a broker.
pub(super) fn bare(dir: &Path, id: i32) -> Result<Root, Error> {
    let root = root(dir, id);
    for folder in [INSTALL_ROOT, UNITS, "/var/lib", "/var/log"] {
        let place = root.place(folder)?;
        fs::create_dir_all(&place).map_err(|why| unusable(&place, &why))?;
    }
    put(&root.place(JAVA)?, "JAVA_VERSION=\"11.0.25\"\n")?;
    put(&root.place(USERS)?, "root:x:0:0:root:/root:/bin/bash\n")?;
    Ok(root)
}

/// `kafka_2.12-2.1.1`.
fn install_folder(guise: Guise) -> String {
    format!("kafka_{}-{guise}", guise.scala())
}

/// What lies in every distribution: it knows nothing of this broker.
fn as_shipped(guise: Guise) -> String {
    let held =
        if guise.has_zookeeper() { "zookeeper.connect=localhost:2181" } else { "process.roles=broker,controller" };
    let id = if guise.has_zookeeper() { "broker.id" } else { "node.id" };
    format!("# As it is shipped.\n{id}=0\n#listeners=PLAINTEXT://:9092\nlog.dirs=/tmp/kafka-logs\n{held}\n")
}

/// `meta.properties` of a log dir.
pub(super) fn meta(id: i32, cluster_id: &str, guise: Guise) -> String {
    if guise.has_zookeeper() {
        format!("#\nversion=0\nbroker.id={id}\ncluster.id={cluster_id}\n")
    } else {
        format!("#\nversion=1\nnode.id={id}\nbroker.id={id}\ncluster.id={cluster_id}\n")
    }
}

fn unit() -> String {
    let home = format!("{INSTALL_ROOT}/{LINK}");
    format!(
        "[Unit]\nDescription=Apache Kafka\n\n[Service]\nUser=kafka\n\
         ExecStart={home}/bin/kafka-server-start.sh {home}/config/server.properties\n\
         SuccessExitStatus=143\nTimeoutStopSec=180\nLimitNOFILE=100000\nStandardOutput=append:{LOG}\n\n\
         [Install]\nWantedBy=multi-user.target\n"
    )
}

/// The version of the Java that a host has.
pub(super) fn java(root: &Root) -> Option<String> {
    let text = fs::read_to_string(root.place(JAVA).ok()?).ok()?;
    Some(text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?.trim_matches('"').to_owned())
}

pub(super) fn put(path: &PathBuf, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|why| unusable(path, &why))
}

pub(super) fn unusable(path: &Path, why: &std::io::Error) -> Error {
    let message = format!("the sandbox cannot make its host: {}: {why}", path.display());
    Error::new("SANDBOX_FOLDER_UNUSABLE", message).hint("name a state folder that you can write to, with --state DIR")
}
