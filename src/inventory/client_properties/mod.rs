//! `client.properties`: the file that Kafka's own tools take as `--command-config`, read as they read it.
//!
//! ```text
//! keys      which keys there are, and whose they are
//! jaas      sasl.jaas.config
//! stores    PEM files; JKS and PKCS12 are refused with the commands that convert them
//! tls sasl  what the keys mean
//! ```

mod jaas;
mod keys;
mod properties;
mod sasl;
mod stores;
mod tls;
mod waits;

use crate::error::Error;
use crate::kafka::Deadlines;
use crate::kafka::security::{Security, TokenCommand};
use crate::secret::{Secret, SecretSource};
use properties::Properties;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a cluster's entry in `krun.toml` says of how to get in: where things lie, never a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The client file.
    pub client_properties: Option<PathBuf>,
    /// In place of a password in the client file.
    pub password: Option<SecretSource>,
    pub token_command: Option<TokenCommand>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    pub security: Security,
    pub deadlines: Deadlines,
    /// What an operator should know, and what does not stop anything.
    pub warnings: Vec<String>,
}

impl Entry {
    /// Reads the file, and every file and secret that it names.
    ///
    /// Errors: `CONFIG_NOT_FOUND`, `INVALID_CONFIG` (with file and line), `SECRET_NOT_FOUND`.
    pub fn read(&self) -> Result<Reach, Error> {
        let Some(file) = &self.client_properties else { return self.without_file() };
        let mut properties = Properties::read(file)?;
        let protocol = properties.protocol()?;
        let tls = if protocol.tls { Some(tls::read(&mut properties)?) } else { None };
        let sasl = if protocol.sasl { Some(sasl::read(&mut properties, self)?) } else { None };
        let deadlines = waits::read(&mut properties)?;
        if !protocol.sasl && (self.password.is_some() || self.token_command.is_some()) {
            properties.warn(format!(
                "password and token_command of krun.toml are not used: {} has security.protocol={}",
                file.display(),
                protocol.name
            ));
        }
        Ok(Reach { security: Security { tls, sasl }, deadlines, warnings: properties.warnings() })
    }

    fn without_file(&self) -> Result<Reach, Error> {
        let unused = match (&self.password, &self.token_command) {
            (Some(_), _) => "password",
            (_, Some(_)) => "token_command",
            _ => return Ok(Reach::default()),
        };
        let text = format!("\"{unused}\" is given in krun.toml, and no \"client_properties\" that says what it is for");
        Err(Error::new("INVALID_CONFIG", text)
            .hint("name an ordinary Kafka client file, with security.protocol and sasl.mechanism"))
    }

    fn password(&self) -> Result<Option<Secret>, Error> {
        self.password.as_ref().map(SecretSource::read).transpose()
    }
}

/// Whether everybody on this machine can read it.
fn is_open_to_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o004 != 0)
}
