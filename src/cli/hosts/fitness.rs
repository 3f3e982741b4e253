//! What is in the way of work on a host.

use crate::host::identity::{self, Known};
use crate::host::{Facts, Home};

/// Kafka stands more; the times in logs of two hosts are hard to compare long before.
const MOST_SKEW_MS: i64 = 2_000;
/// Less of a disk than this is nearly nothing: a broker whose disk is full ends.
const LEAST_FREE_PER_CENT: u64 = 5;

pub(super) fn faults(known: Known<'_>, host: &str, home: &Home, facts: &Facts) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |text: String| faults.push(text);
    // A cluster that could not be asked has no id to compare with.
    let cluster_id = if known.cluster_id.is_empty() {
        facts.log_dirs.iter().find_map(|dir| dir.cluster_id.as_deref()).unwrap_or_default()
    } else {
        known.cluster_id
    };
    if let Err(error) = identity::check(Known { cluster_id, ..known }, host, facts) {
        say(error.message);
    }
    service(home, facts, &mut say);
    let link = home.link_path();
    match (&facts.link, &facts.link_version, &facts.running_version) {
        (None, ..) => say(format!("{link} is no link")),
        (Some(_), None, _) => say(format!("there is no broker's jar behind the link {link}")),
        (_, Some(linked), Some(running)) if linked != running => {
            say(format!("{running} runs, and a restart would run {linked}: that is where {link} points to"));
        }
        _ => {}
    }
    if !facts.config.found {
        say(format!("{} is not there, or cannot be read", home.config_path()));
    }
    for dir in &facts.log_dirs {
        if let Some(disk) = dir.disk
            && disk.free_bytes < disk.total_bytes / 100 * LEAST_FREE_PER_CENT
        {
            say(format!("the disk of {} is nearly full", dir.path));
        }
    }
    let (ahead, within) = (facts.clock.ahead_ms.abs(), facts.clock.within_ms);
    if ahead - within > MOST_SKEW_MS {
        let way = if facts.clock.ahead_ms > 0 { "ahead of" } else { "behind" };
        say(format!("its clock is {}.{:03} s {way} this machine's", ahead / 1000, ahead % 1000));
    }
    faults
}

/// Kafka's own tool knows of which release the jars are that it uses.
pub(super) fn of_tools(says: Option<&str>, facts: &Facts) -> Option<String> {
    let (says, linked) = (says?, facts.link_version.as_deref()?);
    (says != linked)
        .then(|| format!("kafka-topics.sh --version says {says}, and the broker's jar behind the link is of {linked}"))
}

fn service(home: &Home, facts: &Facts, say: &mut impl FnMut(String)) {
    let unit = &home.service;
    let Some(service) = &facts.service else {
        return say("there is no systemd: krun starts and stops brokers by it only".to_owned());
    };
    if service.load != "loaded" {
        return say(format!("systemd has no unit {unit}: it is {}", service.load));
    }
    if service.main_pid.is_none() {
        say(format!("{unit} does not run: it is {} ({})", service.active, service.result));
    }
    if service.needs_reload {
        say(format!("{} was edited, and systemd has not read it again: systemctl daemon-reload", service.unit_file));
    }
}
