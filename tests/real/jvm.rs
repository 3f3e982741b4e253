//! How the tests start Kafka's programs.

use super::jars::Kafka;
use std::path::Path;
use std::process::Command;

/// Short-lived and mostly idle processes: the quick compiler and the plain collector halve the CPU time of a start.
const JVM: [&str; 3] = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

impl Kafka {
    /// A command that runs `class` with the given log4j configuration; its arguments are still to be added.
    pub(crate) fn java(&self, class: &str, log4j: &Path) -> Command {
        let log4j = format!("-Dlog4j.configuration=file:{}", log4j.display());
        let mut command = self.command(&[&JVM[..], &[&log4j]].concat());
        command.arg(class);
        command
    }
}
