//! Real hosts on this machine: each a namespace with a root of its own, systemd as its first process, an OpenSSH server, and a
//! broker as a unit. krun reaches them as it reaches any host.
//!
//! It needs root, systemd and OpenSSH besides what the other real clusters need. Where something is missing these tests say so on
//! stderr and count as passed over; with `KRUN_REAL=required` that is a failure.

mod figures;
mod files;
mod host;
mod lab;
mod ladder;
mod writer;

mod add_broker;
mod services;
mod sudo;
mod upgrade;

use super::jars::Kafka;
use crate::support::pass_over;
use std::path::Path;

const OLD: &str = "2.1.1";
const NEW: &str = "2.6.3";
const PROGRAMS: [(&str, &str); 4] = [
    ("/lib/systemd/systemd", "systemd"),
    ("/usr/sbin/sshd", "openssh-server"),
    ("/usr/bin/unshare", "util-linux"),
    ("/usr/bin/sudo", "sudo"),
];

/// The release that the hosts run first; that to which they go is there as well. `None` after saying why there are no hosts here.
fn kafka() -> Option<Kafka> {
    super::kafka_version(NEW)?;
    let kafka = super::kafka_version(OLD)?;
    let Some(why) = missing() else { return Some(kafka) };
    pass_over(&format!("NO REAL HOSTS HERE: {why}"));
    None
}

fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("only root can make namespaces with a root of their own".to_owned());
    }
    if host::cgroups().is_none() {
        return Some("no cgroup2 is mounted, and systemd needs it".to_owned());
    }
    let absent = PROGRAMS.iter().find(|(program, _)| !Path::new(program).exists())?;
    Some(format!("{} is missing, the package is {}", absent.0, absent.1))
}
