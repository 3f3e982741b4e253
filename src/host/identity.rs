//! Whether a host is really that of a broker: a wrong line of an inventory must not stop another broker than the one that was
//! made ready for it.

use super::facts::Facts;
use crate::error::Error;

/// A broker, as the cluster knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    pub broker: i32,
    pub cluster_id: &'a str,
    /// Where it is advertised; `None` while it is not registered.
    pub port: Option<u16>,
}

/// `OTHER_BROKER`: what is found there is not what a host of this broker has.
pub fn check(known: Known<'_>, host: &str, facts: &Facts) -> Result<(), Error> {
    match difference(known, facts) {
        None => Ok(()),
        Some(found) => {
            let text = format!("{host} is not the host of broker {}: {found}", known.broker);
            Err(Error::new("OTHER_BROKER", text).hint(
                "nothing was changed there; compare the hosts of the brokers in krun.toml, and their service, link and config, with the host",
            ))
        }
    }
}

fn difference(known: Known<'_>, facts: &Facts) -> Option<String> {
    for dir in &facts.log_dirs {
        if let Some(id) = dir.broker_id.filter(|id| *id != known.broker) {
            return Some(format!("meta.properties in {} says that broker {id} lives there", dir.path));
        }
        if let Some(cluster) = dir.cluster_id.as_deref().filter(|cluster| *cluster != known.cluster_id) {
            let own = known.cluster_id;
            return Some(format!("meta.properties in {} is of the cluster {cluster}, and this one is {own}", dir.path));
        }
    }
    // One that is not registered may not have been there yet.
    let port = known.port?;
    if facts.log_dirs.iter().all(|dir| dir.broker_id.is_none()) {
        if !facts.config.found {
            return Some(
                "its server.properties cannot be read, and with it nothing says whose log dirs are there".to_owned(),
            );
        }
        let dirs: Vec<&str> = facts.log_dirs.iter().map(|dir| dir.path.as_str()).collect();
        return Some(format!(
            "it is registered, and there is no meta.properties in its log dirs ({})",
            dirs.join(", ")
        ));
    }
    let pid = facts.service.as_ref()?.main_pid?;
    let (ports, own) = (&facts.ports, &facts.config.ports);
    // Behind another address the advertised port may be mapped: then its own configuration says so.
    let is_mapped = own.contains(&port) && ports.iter().any(|port| own.contains(port));
    if ports.contains(&port) || is_mapped {
        return None;
    }
    let listens = if ports.is_empty() {
        "has no port open that can be seen".to_owned()
    } else {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        format!("listens on {}", ports.join(", "))
    };
    Some(format!("it is advertised at port {port}, and the main process {pid} of its unit {listens}"))
}

#[cfg(test)]
mod tests {
    use super::{Known, check};
    use crate::host::facts::{Config, Facts, LogDir};
    use crate::host::machine::Service;

    fn facts(id: Option<i32>, cluster: Option<&str>, pid: Option<u32>, ports: &[u16]) -> Facts {
        let dir =
            LogDir { path: "/data".to_owned(), broker_id: id, cluster_id: cluster.map(str::to_owned), disk: None };
        Facts {
            log_dirs: vec![dir],
            service: Some(Service { main_pid: pid, ..Service::default() }),
            ports: ports.to_vec(),
            config: Config { found: true, broker_id: id, ports: vec![9092, 19092] },
            ..Facts::default()
        }
    }

    #[track_caller]
    fn found(facts: &Facts, port: Option<u16>) -> String {
        let known = Known { broker: 1, cluster_id: "here", port };
        check(known, "kafka1", facts).err().map(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn another_broker_or_cluster_is_named() {
        assert_eq!(found(&facts(Some(1), Some("here"), Some(7), &[9092]), Some(9092)), "");
        assert_eq!(found(&facts(Some(1), None, None, &[]), Some(9092)), "");
        assert!(found(&facts(Some(2), None, None, &[]), None).contains("broker 2 lives there"));
        assert!(found(&facts(Some(1), Some("there"), None, &[]), None).contains("of the cluster there"));
    }

    #[test]
    fn a_new_host_has_no_log_dirs_yet_and_a_registered_broker_has() {
        assert_eq!(found(&facts(None, None, None, &[]), None), "");
        assert!(found(&facts(None, None, None, &[]), Some(9092)).contains("no meta.properties"));
        let mut bare = facts(None, None, None, &[]);
        bare.config.found = false;
        assert!(found(&bare, Some(9092)).contains("cannot be read"));
    }

    #[test]
    fn the_unit_has_the_port_that_is_advertised() {
        let with = |ports: &[u16]| facts(Some(1), None, Some(7), ports);
        assert!(found(&with(&[8080]), Some(9092)).contains("the main process 7 of its unit listens on 8080"));
        assert!(found(&with(&[]), Some(9092)).contains("no port open"));
        assert_eq!(found(&with(&[9092]), Some(19092)), "", "its configuration advertises a mapped port");
        assert!(!found(&with(&[9092]), Some(29092)).is_empty(), "and only that one");
        assert_eq!(found(&with(&[]), None), "");
    }
}
