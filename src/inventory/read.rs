//! From the text of a `krun.toml` to the clusters.

use super::Inventory;
use super::cluster::{Cluster, HostSettings, SANDBOX};
use super::section::{Document, Section};
use crate::error::Error;
use crate::kafka::security::TokenCommand;
use crate::suggestion::did_you_mean;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

const CLUSTER: [&str; 7] =
    ["bootstrap_servers", "cluster_id", "client_properties", "password", "token_command", "hosts", "brokers"];
const HOSTS: [&str; 8] = ["user", "service", "install_root", "link", "config", "sudo", "password", "ssh_config"];
const BROKER: [&str; 9] =
    ["host", "user", "service", "install_root", "link", "config", "sudo", "password", "ssh_config"];

pub(super) fn read(file: &Path, text: &str) -> Result<Inventory, Error> {
    let document = Document { file, text };
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        document.wrong(&span, error.message()).hint("correct the TOML at this place")
    })?;
    let root = Section::new(document, "krun.toml".to_owned(), &table, &["default", "clusters"])?;
    let mut clusters = BTreeMap::new();
    if let Some(section) = root.section("clusters", "[clusters]".to_owned())? {
        for (name, span, value) in section.entries() {
            let cluster = section.inner(name, value, format!("[clusters.{name}]"))?;
            if name == SANDBOX {
                let error = document.wrong(&span, "the cluster \"sandbox\" is krun's own and cannot be described");
                return Err(error.hint("give this cluster another name"));
            }
            clusters.insert(name.to_owned(), read_cluster(&cluster)?);
        }
    }
    let default = root.text("default")?;
    if let Some(name) = default.as_deref().filter(|name| *name != SANDBOX && !clusters.contains_key(*name)) {
        let span = root.entries().find(|(key, ..)| *key == "default").map_or(0..0, |(.., value)| value.span());
        let error = document.wrong(&span, &format!("the default \"{name}\" is not among the clusters"));
        let names: Vec<&str> = clusters.keys().map(String::as_str).chain([SANDBOX]).collect();
        let there_are = format!("the clusters are {}", names.join(", "));
        let hint = did_you_mean(name, names).map_or(there_are.clone(), |meant| format!("{meant} {there_are}"));
        return Err(error.hint(hint));
    }
    Ok(Inventory { file: Some(file.to_owned()), default, clusters })
}

fn read_cluster(section: &Section<'_>) -> Result<Cluster, Error> {
    section.check_keys(&CLUSTER)?;
    let servers = section.texts("bootstrap_servers")?;
    if servers.is_empty() {
        let error = section.lacks("bootstrap_servers");
        return Err(error.hint("write bootstrap_servers = [\"host:9092\"], one or more brokers"));
    }
    for (server, value) in &servers {
        if !is_address(server) {
            let error = section.wrong(value, &format!("\"{}\" is not host:port", server.escape_debug()));
            return Err(error.hint("for example \"kafka1.example.com:9092\""));
        }
    }
    let name = section.name.trim_matches(['[', ']']);
    let hosts = match section.section("hosts", format!("[{name}.hosts]"))? {
        Some(hosts) => read_host(&hosts, &HOSTS)?,
        None => HostSettings::default(),
    };
    let mut brokers = BTreeMap::new();
    if let Some(table) = section.section("brokers", format!("[{name}.brokers]"))? {
        for (key, _, value) in table.entries() {
            let Some(id) = key.parse().ok().filter(|id: &i32| *id >= 0 && id.to_string() == key) else {
                let error = table.wrong(value, &format!("\"{key}\" in {} is no broker id", table.name));
                return Err(error.hint("write the id as a number: 4 = { host = \"kafka4.example.com\" }"));
            };
            let broker = table.inner(key, value, format!("[{name}.brokers.{key}]"))?;
            brokers.insert(id, read_host(&broker, &BROKER)?);
        }
    }
    Ok(Cluster {
        bootstrap_servers: servers.into_iter().map(|(server, _)| server).collect(),
        cluster_id: section.text("cluster_id")?,
        client_properties: section.text("client_properties")?.map(|path| section.path(&path)),
        password: section.secret("password")?,
        token_command: token_command(section)?,
        hosts,
        brokers,
    })
}

/// Runs in the folder of the file.
fn token_command(section: &Section<'_>) -> Result<Option<TokenCommand>, Error> {
    let words: Vec<String> = section.texts("token_command")?.into_iter().map(|(word, _)| word).collect();
    match words.first() {
        Some(program) if !program.trim().is_empty() => Ok(Some(TokenCommand { words, folder: section.path("") })),
        None if section.entries().all(|(key, ..)| key != "token_command") => Ok(None),
        _ => Err(section
            .wrong_key("token_command", "names no program")
            .hint("write token_command = [\"PROGRAM\", \"ARGUMENT\"]; no shell is between")),
    }
}

fn read_host(section: &Section<'_>, known: &[&str]) -> Result<HostSettings, Error> {
    section.check_keys(known)?;
    Ok(HostSettings {
        host: section.text("host")?,
        user: section.text("user")?,
        service: section.text("service")?,
        install_root: section.text("install_root")?,
        link: section.text("link")?,
        config: section.text("config")?,
        sudo: section.truth("sudo")?,
        password: section.secret("password")?,
        ssh_config: section.text("ssh_config")?.map(|path| section.path(&path)),
    })
}

/// `host:port`, an IPv6 address in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host_is_whole = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok()),
        None => !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || ":/,".contains(c)),
    };
    host_is_whole && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}
