//! How the connections to a cluster are secured: plain data, the same for krun's own client and for librdkafka.

use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Neither: plaintext, and nobody in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// Encrypted, and the broker proves who it is.
    pub tls: Option<Tls>,
    /// krun proves who it is.
    pub sasl: Option<Sasl>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificates that a broker's must lead to; `None`: the certification authorities of this machine.
    pub trusted: Option<Pem>,
    /// The certificate that krun shows.
    pub identity: Option<Identity>,
    /// Whether the certificate must be for the name that the broker is called by.
    pub verify_host: bool,
    pub oldest: TlsVersion,
    pub newest: TlsVersion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    V1_2,
    V1_3,
}

/// A client certificate with its chain, and the private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub chain: Pem,
    pub key: Pem,
    /// Where the key is encrypted.
    pub key_password: Option<Secret>,
}

/// Blocks of PEM that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pem {
    pub text: Secret,
    /// For a person: the file, or the key of the properties that holds them.
    pub origin: String,
    /// The file, where it is one.
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    Plain(Login),
    Scram(ScramHash, Login),
    OauthBearer(Bearer),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScramHash {
    Sha256,
    Sha512,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: Secret,
    /// User and password are those of a delegation token (KIP-48).
    pub is_delegation_token: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub token: TokenSource,
    /// Sent along (RFC 7628 §3.1, KIP-342).
    pub extensions: BTreeMap<String, String>,
}

/// Where a bearer token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    Command(TokenCommand),
    /// krun writes it itself and nobody signs it: Kafka's own way of trying this out.
    Unsecured(UnsecuredToken),
}

/// A program that writes a bearer token to its standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCommand {
    /// The program and its arguments; no shell is between. Never empty.
    pub words: Vec<String>,
    /// Where it runs.
    pub folder: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsecuredToken {
    /// `sub` is who krun is.
    pub claims: BTreeMap<String, String>,
    pub lifetime_seconds: u32,
}

impl Security {
    /// Kafka's name of what this is.
    pub fn protocol(&self) -> &'static str {
        match (self.tls.is_some(), self.sasl.is_some()) {
            (false, false) => "PLAINTEXT",
            (true, false) => "SSL",
            (false, true) => "SASL_PLAINTEXT",
            (true, true) => "SASL_SSL",
        }
    }

    /// The same as settings of librdkafka. The token of OAUTHBEARER from a command is not among them: librdkafka asks its
    /// client for it.
    pub fn rdkafka_settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![("security.protocol", self.protocol().to_owned())];
        if let Some(tls) = &self.tls {
            settings.extend(tls.rdkafka_settings());
        }
        if let Some(sasl) = &self.sasl {
            settings.extend(sasl.rdkafka_settings());
        }
        settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// The file of this machine's certification authorities. An OpenSSL that is built in does not know where it lies.
pub(super) fn system_authorities() -> Option<PathBuf> {
    openssl_probe::probe().cert_file
}

impl Tls {
    fn rdkafka_settings(&self) -> Vec<(&'static str, String)> {
        let algorithm = if self.verify_host { "https" } else { "none" };
        let mut settings = vec![("ssl.endpoint.identification.algorithm", algorithm.to_owned())];
        settings.push(self.trusted.as_ref().map_or_else(
            // What librdkafka finds by itself is the same in all but rare cases.
            || ("ssl.ca.location", system_authorities().map_or("probe".to_owned(), |file| file.display().to_string())),
            |pem| pem.rdkafka_setting("ssl.ca.location", "ssl.ca.pem"),
        ));
        if let Some(Identity { chain, key, key_password }) = &self.identity {
            settings.push(chain.rdkafka_setting("ssl.certificate.location", "ssl.certificate.pem"));
            settings.push(key.rdkafka_setting("ssl.key.location", "ssl.key.pem"));
            settings.extend(key_password.iter().map(|password| ("ssl.key.password", password.reveal().to_owned())));
        }
        settings
    }
}

impl Pem {
    /// Only from a file does librdkafka read all certificates of a chain.
    fn rdkafka_setting(&self, by_file: &'static str, by_text: &'static str) -> (&'static str, String) {
        match &self.file {
            Some(file) => (by_file, file.display().to_string()),
            None => (by_text, self.text.reveal().to_owned()),
        }
    }
}

impl Sasl {
    /// As in `sasl.mechanism`.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::Plain(_) => "PLAIN",
            Self::Scram(ScramHash::Sha256, _) => "SCRAM-SHA-256",
            Self::Scram(ScramHash::Sha512, _) => "SCRAM-SHA-512",
            Self::OauthBearer(_) => "OAUTHBEARER",
        }
    }

    /// Who krun says it is; what a command's token says is for the broker to read.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Plain(login) | Self::Scram(_, login) => Some(&login.user),
            Self::OauthBearer(Bearer { token: TokenSource::Unsecured(token), .. }) => token.subject(),
            Self::OauthBearer(_) => None,
        }
    }

    fn rdkafka_settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![("sasl.mechanism", self.mechanism().to_owned())];
        match self {
            Self::Plain(login) | Self::Scram(_, login) => {
                settings.push(("sasl.username", login.user.clone()));
                settings.push(("sasl.password", login.password.reveal().to_owned()));
            }
            Self::OauthBearer(Bearer { token: TokenSource::Unsecured(token), .. }) => {
                settings.push(("enable.sasl.oauthbearer.unsecure.jwt", "true".to_owned()));
                let (subject, seconds) = (token.subject().unwrap_or_default(), token.lifetime_seconds);
                settings.push(("sasl.oauthbearer.config", format!("principal={subject} lifeSeconds={seconds}")));
            }
            Self::OauthBearer(_) => {}
        }
        settings
    }
}

impl UnsecuredToken {
    pub fn subject(&self) -> Option<&str> {
        self.claims.get("sub").map(String::as_str)
    }
}
