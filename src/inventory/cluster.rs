//! What `krun.toml` says of one cluster.

use super::client_properties::Entry;
use crate::kafka::security::TokenCommand;
use crate::secret::SecretSource;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name of the cluster that always exists: simulated brokers on this machine.
pub const SANDBOX: &str = "sandbox";

/// `[clusters.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// `host:port`, at least one.
    pub bootstrap_servers: Vec<String>,
    /// Checked when connecting.
    pub cluster_id: Option<String>,
    /// An ordinary Kafka client file.
    pub client_properties: Option<PathBuf>,
    /// The SASL password, in place of one in the client file.
    pub password: Option<SecretSource>,
    /// Where the token of OAUTHBEARER comes from.
    pub token_command: Option<TokenCommand>,
    /// For every host.
    pub hosts: HostSettings,
    /// By broker id: what differs from `hosts`.
    pub brokers: BTreeMap<i32, HostSettings>,
}

/// `[clusters.NAME.hosts]`, or one line of `[clusters.NAME.brokers]`. What is not set is left to whoever uses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostSettings {
    /// The SSH destination, where it is not the advertised host. Only for one broker.
    pub host: Option<String>,
    /// The SSH user.
    pub user: Option<String>,
    /// The systemd unit of the broker.
    pub service: Option<String>,
    /// The folder that holds the installed versions.
    pub install_root: Option<String>,
    /// The link below it that points to the version in use.
    pub link: Option<String>,
    /// `server.properties`, below the link or absolute.
    pub config: Option<String>,
    /// Whether changes on the host need sudo.
    pub sudo: Option<bool>,
    /// The password that sudo asks for.
    pub password: Option<SecretSource>,
    /// An SSH configuration in place of the user's.
    pub ssh_config: Option<PathBuf>,
}

impl Cluster {
    /// How to get in.
    pub fn entry(&self) -> Entry {
        let Self { client_properties, password, token_command, .. } = self.clone();
        Entry { client_properties, password, token_command }
    }
}

impl HostSettings {
    /// These settings, with the gaps filled from `defaults`.
    #[must_use]
    pub fn or(&self, defaults: &Self) -> Self {
        let text = |own: &Option<String>, other: &Option<String>| own.clone().or_else(|| other.clone());
        Self {
            host: text(&self.host, &defaults.host),
            user: text(&self.user, &defaults.user),
            service: text(&self.service, &defaults.service),
            install_root: text(&self.install_root, &defaults.install_root),
            link: text(&self.link, &defaults.link),
            config: text(&self.config, &defaults.config),
            sudo: self.sudo.or(defaults.sudo),
            password: self.password.clone().or_else(|| defaults.password.clone()),
            ssh_config: self.ssh_config.clone().or_else(|| defaults.ssh_config.clone()),
        }
    }
}

/// The cluster that a command works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenCluster {
    pub name: String,
    /// The built-in sandbox: its bootstrap servers are known once it runs.
    pub sandbox: bool,
    /// Nobody named it: the first change on it is confirmed.
    pub defaulted: bool,
    /// What the file says of it; empty for the sandbox.
    pub settings: Cluster,
}

impl ChosenCluster {
    pub(super) fn sandbox(defaulted: bool) -> Self {
        Self { name: SANDBOX.to_owned(), sandbox: true, defaulted, settings: Cluster::default() }
    }

    /// The settings of one broker's host.
    pub fn host_settings(&self, broker: i32) -> HostSettings {
        let own = self.settings.brokers.get(&broker).cloned().unwrap_or_default();
        own.or(&self.settings.hosts)
    }
}
