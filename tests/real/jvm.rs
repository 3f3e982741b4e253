//! How the tests start Kafka's programs.

use super::jars::Kafka;
use std::path::Path;
use std::process::Command;

/// Short-lived and mostly idle processes: the quick compiler and the plain collector halve the CPU time of a start.
const JVM: [&str; 3] = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

impl Kafka {
    /// A command that runs `class` with the given configuration of log4j, or from 4.0 on with that of its successor, a
    /// `log4j2.properties` beside it; its arguments are still to be added.
    pub(crate) fn java(&self, class: &str, log4j: &Path) -> Command {
        let log4j2 = format!("-Dlog4j2.configurationFile={}", log4j.with_file_name("log4j2.properties").display());
        let log4j = format!("-Dlog4j.configuration=file:{}", log4j.display());
        let mut command = self.command(&[&JVM[..], &[&log4j, &log4j2]].concat());
        command.arg(class);
        command
    }

    /// Such as `2.6.3`: the folder that the jars are in.
    pub(crate) fn version(&self) -> &str {
        let folder = self.libs.parent().and_then(Path::file_name);
        folder.and_then(std::ffi::OsStr::to_str).expect("jars are in the folder of their version")
    }
}
