//! Kafka's own jars, resolved once by Maven into the target folder from the poms in this file, and the Java that runs them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that is meant where none is named. Its tools work on clusters of every other release here.
pub(crate) const VERSION: &str = "3.9.2";

/// What its pom asks for: group, artifact, version. The broker's own jar brings most. `kafka-tools` are the command-line
/// tools, a jar of their own from 3.5 on. Without a log binding, which no pom of Kafka asks for, a broker that dies does
/// not say why.
type Dependencies = &'static [(&'static str, &'static str, &'static str)];

const RELEASES: [(&str, Dependencies); 5] = [
    // Its own ZooKeeper brings no log binding, and this one does.
    ("2.1.1", &[("org.apache.kafka", "kafka_2.12", "2.1.1"), ("org.apache.zookeeper", "zookeeper", "3.6.3")]),
    ("2.6.3", &[("org.apache.kafka", "kafka_2.12", "2.6.3"), ("org.slf4j", "slf4j-log4j12", "1.7.30")]),
    ("2.8.2", &[("org.apache.kafka", "kafka_2.12", "2.8.2"), ("org.slf4j", "slf4j-log4j12", "1.7.30")]),
    (
        VERSION,
        &[
            ("org.apache.kafka", "kafka_2.13", VERSION),
            ("org.apache.kafka", "kafka-tools", VERSION),
            ("org.slf4j", "slf4j-reload4j", "1.7.36"),
        ],
    ),
    (
        "4.4.0",
        &[
            ("org.apache.kafka", "kafka_2.13", "4.4.0"),
            ("org.apache.kafka", "kafka-tools", "4.4.0"),
            ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5"),
        ],
    ),
];

fn pom(dependencies: Dependencies) -> String {
    let dependency = |(group, artifact, version): &(&str, &str, &str)| {
        format!(
            "    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<project xmlns=\"http://maven.apache.org/POM/4.0.0\">
  <modelVersion>4.0.0</modelVersion>
  <groupId>krun.tests</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
{}  </dependencies>
</project>
",
        dependencies.iter().map(dependency).collect::<String>(),
    )
}

const COPY_DEPENDENCIES: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/// An installed Kafka.
#[derive(Debug, Clone)]
pub(crate) struct Kafka {
    java: PathBuf,
    /// `VERSION/libs`
    pub(crate) libs: PathBuf,
}

impl Kafka {
    /// The jars of [`VERSION`], or why this machine cannot have them.
    pub(crate) fn resolve() -> Result<Self, String> {
        Self::resolve_version(VERSION)
    }

    /// The jars of a release, downloaded at the first call ever, or why this machine cannot have them. Processes and
    /// threads that come together wait for the first one.
    pub(crate) fn resolve_version(version: &str) -> Result<Self, String> {
        let known = RELEASES.iter().find(|(known, _)| *known == version);
        let (version, dependencies) = known.ok_or_else(|| format!("no pom for Kafka {version} is known here"))?;
        let java = working_java()?;
        let cache = cache_folder();
        let installed = cache.join(version);
        let libs = installed.join("libs");
        fs::create_dir_all(&cache).map_err(|error| format!("cannot create {}: {error}", cache.display()))?;
        let lock = File::create(cache.join("lock")).map_err(|error| format!("no lock file: {error}"))?;
        lock.lock().map_err(|error| format!("cannot lock {}: {error}", cache.display()))?;
        let pom = pom(dependencies);
        if !fs::read_to_string(installed.join("pom.xml")).is_ok_and(|installed| installed == pom) {
            install(version, &pom, &cache, &installed)?;
        }
        Ok(Self { java, libs })
    }

    /// Java with these arguments and the jars on its class path; what it runs is still to be added.
    pub(crate) fn command(&self, jvm: &[&str]) -> Command {
        let mut command = Command::new(&self.java);
        command.args(jvm).arg("-cp").arg(self.libs.join("*"));
        command
    }
}

/// Fills a folder beside the final one and moves it there: what has the name is whole, and says by its pom what it is.
fn install(version: &str, pom: &str, cache: &Path, installed: &Path) -> Result<(), String> {
    // Past the test harness, which would swallow it; nobody is left to be told that stderr is closed.
    let _ = writeln!(io::stderr().lock(), "real cluster: resolving the jars of Kafka {version} by Maven, once");
    let partial = cache.join("partial");
    for stale in [&partial, &installed.to_path_buf()] {
        match fs::remove_dir_all(stale) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("cannot remove {}: {error}", stale.display()));
            }
            _ => {}
        }
    }
    let file = partial.join("pom.xml");
    fs::create_dir(&partial).and_then(|()| fs::write(&file, pom)).map_err(|error| format!("cannot write: {error}"))?;
    let maven = Command::new("mvn")
        .args(["-q", "-B", COPY_DEPENDENCIES, "-DincludeScope=runtime", "-DoutputDirectory=libs", "-f"])
        .arg(&file)
        .current_dir(&partial)
        .output()
        .map_err(|error| format!("Maven (mvn) does not run: {error}"))?;
    if !maven.status.success() {
        let said = String::from_utf8_lossy(&maven.stdout);
        return Err(format!("Maven could not resolve the jars of Kafka {version}:\n{}", said.trim()));
    }
    fs::rename(&partial, installed).map_err(|error| format!("cannot rename {}: {error}", partial.display()))
}

/// Below the build's own target folder, so that `cargo clean` takes it away and a second checkout has its own.
fn cache_folder() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("kafka")
}

fn working_java() -> Result<PathBuf, String> {
    let java = match std::env::var_os("JAVA_HOME") {
        Some(home) => PathBuf::from(home).join("bin/java"),
        None => PathBuf::from("java"),
    };
    match Command::new(&java).arg("-version").output() {
        Ok(output) if output.status.success() => Ok(java),
        Ok(output) => Err(format!("{} -version ends with {}", java.display(), output.status)),
        Err(error) => Err(format!("Java ({}) does not run: {error}", java.display())),
    }
}
