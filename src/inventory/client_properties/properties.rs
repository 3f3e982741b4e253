//! A client file that was read: its values by key, which of them were used, and errors with their places.

use super::{is_open_to_all, keys};
use crate::edit::properties as edit;
use crate::error::Error;
use crate::suggestion::did_you_mean;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) struct Properties {
    file: PathBuf,
    values: BTreeMap<String, (String, usize)>,
    warnings: Vec<String>,
}

/// `security.protocol`.
pub(super) struct Protocol {
    pub(super) name: &'static str,
    pub(super) tls: bool,
    pub(super) sasl: bool,
}

const PROTOCOLS: [Protocol; 4] = [
    Protocol { name: "PLAINTEXT", tls: false, sasl: false },
    Protocol { name: "SSL", tls: true, sasl: false },
    Protocol { name: "SASL_PLAINTEXT", tls: false, sasl: true },
    Protocol { name: "SASL_SSL", tls: true, sasl: true },
];

const PROTOCOL: &str = "security.protocol";

/// These hold secrets, or may.
const SECRETS: [&str; 7] = [
    "sasl.jaas.config",
    "ssl.key.password",
    "ssl.keystore.key",
    "ssl.keystore.password",
    "ssl.truststore.password",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.login.connect.password",
];

impl Properties {
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(file).map_err(|error| {
            let text = format!("the client properties {} cannot be read: {error}", file.display());
            Error::new("CONFIG_NOT_FOUND", text)
                .hint("client_properties in krun.toml names it, relative to the folder of krun.toml")
        })?;
        let read = edit::Properties::parse(&bytes).map_err(|bad| invalid(file, bad.line, bad.why))?;
        let mut properties = Self { file: file.to_owned(), values: BTreeMap::new(), warnings: Vec::new() };
        for entry in read.entries() {
            properties.look_at(entry);
            // The last one counts, as in Java.
            properties.values.insert(entry.key.to_owned(), (entry.value.to_owned(), entry.line));
        }
        properties.refuse_references()?;
        properties.warn_of_readers();
        Ok(properties)
    }

    fn look_at(&mut self, entry: edit::Entry<'_>) {
        let (key, number) = (entry.key, entry.line);
        if let Some((_, before)) = self.values.get(key) {
            self.warn_at(number, &format!("{key} is in line {before} too: this one counts"));
        }
        if keys::is_used(key) && !entry.value.is_ascii() {
            let text =
                format!("{key} is not ASCII: as Java does, krun reads ISO-8859-1; write such letters as \\uXXXX");
            self.warn_at(number, &text);
        }
        if keys::is_used(key) || keys::is_of_others(key) {
            return;
        }
        if let Some(why) = keys::why_not_used(key) {
            return self.warn_at(number, &format!("{key} is not used: {why}"));
        }
        let meant = did_you_mean(key, keys::all());
        let meant = meant.map_or(String::new(), |meant| format!(": {meant}"));
        self.warn_at(number, &format!("{key} is no key of a Kafka client{meant}"));
    }

    /// What Java would look up elsewhere (KIP-421).
    fn refuse_references(&self) -> Result<(), Error> {
        let referring = self.values.iter().find(|(key, (value, _))| keys::is_used(key) && value.contains("${"));
        match referring {
            Some((key, (_, number))) if self.values.contains_key("config.providers") => {
                let text = format!("{key} refers to a config provider, and krun looks nothing up there");
                Err(invalid(&self.file, *number, &text).hint("write the value itself, or a password by krun.toml"))
            }
            _ => Ok(()),
        }
    }

    fn warn_of_readers(&mut self) {
        if !is_open_to_all(&self.file) {
            return;
        }
        let secret = SECRETS.iter().find_map(|key| Some((*key, self.values.get(*key)?.1)));
        if let Some((key, number)) = secret {
            let text = format!("{key} holds a secret, and everybody here can read the file: chmod o-r");
            self.warn_at(number, &text);
        }
    }

    pub(super) fn protocol(&mut self) -> Result<&'static Protocol, Error> {
        let Some(given) = self.value(PROTOCOL) else {
            let is_idle = |key: &&String| keys::is_used(key) && (key.starts_with("sasl.") || key.starts_with("ssl."));
            let idle = self.values.keys().find(is_idle);
            if let Some(idle) = idle {
                let text = format!(
                    "{}: without {PROTOCOL} the connection is plaintext, and {idle} is not used",
                    self.file.display()
                );
                self.warn(text);
            }
            return Ok(&PROTOCOLS[0]);
        };
        PROTOCOLS.iter().find(|protocol| protocol.name.eq_ignore_ascii_case(&given)).ok_or_else(|| {
            let names = PROTOCOLS.map(|protocol| protocol.name);
            let meant = did_you_mean(&given, names).map_or(String::new(), |meant| format!("{meant} "));
            let hint = format!("{meant}the protocols are {}", names.join(", "));
            self.wrong(PROTOCOL, &format!("is no protocol: {given}")).hint(hint)
        })
    }

    /// A value that is not blank. Java trims what is around it as well.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        let value = self.values.get(key).map(|(value, _)| value.trim());
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Whether it is there, be it empty.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// A path relative to the folder of the file.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(text)
    }

    /// What is wrong with the value of a key, at its place.
    pub(super) fn wrong(&self, key: &str, why: &str) -> Error {
        let number = self.values.get(key).map_or(0, |(_, number)| *number);
        invalid(&self.file, number, &format!("{key} {why}"))
    }

    /// What is not there.
    pub(super) fn lacks(&self, key: &str, why: &str) -> Error {
        Error::new("INVALID_CONFIG", format!("{}: {key} is missing: {why}", self.file.display()))
    }

    /// `FILE:LINE: KEY`, for a person.
    pub(super) fn place(&self, key: &str) -> String {
        let number = self.values.get(key).map_or(0, |(_, number)| *number);
        format!("{}:{number}: {key}", self.file.display())
    }

    pub(super) fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    pub(super) fn warn_of(&mut self, key: &str, text: &str) {
        let place = self.place(key);
        self.warn(format!("{place} {text}"));
    }

    fn warn_at(&mut self, number: usize, text: &str) {
        self.warnings.push(format!("{}:{number}: {text}", self.file.display()));
    }

    pub(super) fn warnings(self) -> Vec<String> {
        self.warnings
    }
}

fn invalid(file: &Path, number: usize, why: &str) -> Error {
    Error::new("INVALID_CONFIG", format!("{}:{number}: {why}", file.display()))
}
