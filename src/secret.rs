//! Secrets: named by where they lie, read when needed, printed nowhere.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// Where a secret lies, never the secret itself. A line break at its end does not belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// A variable of the environment.
    Env(String),
    /// A file whose text it is.
    File(PathBuf),
}

/// A secret that was read. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The words by which a text is taken to hold a secret.
const SECRET_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "jaas",
    "keystore.key",
    "private_key",
    "private key",
    "api_key",
];

/// Whether a typed text names something secret, in any case: such a text is kept nowhere. What is secret and is not
/// called so cannot be known.
pub fn is_named_in(text: &str) -> bool {
    let text = text.to_lowercase();
    SECRET_WORDS.iter().any(|word| text.contains(word))
}

impl SecretSource {
    /// Reads it now. `SECRET_NOT_FOUND`: it is not there, or empty.
    pub fn read(&self) -> Result<Secret, Error> {
        let read = match self {
            Self::Env(name) => std::env::var(name).map_err(|error| error.to_string()),
            Self::File(path) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
        };
        let secret = read.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
        let why = match secret {
            Ok(secret) if !secret.is_empty() => return Ok(Secret(secret)),
            Ok(_) => "it is empty".to_owned(),
            Err(why) => why,
        };
        let hint = match self {
            Self::Env(_) => "set it in the environment that krun runs in",
            Self::File(_) => "put the secret there, in a file that only you can read",
        };
        Err(Error::new("SECRET_NOT_FOUND", format!("{self} should hold a secret: {why}")).hint(hint))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::is_named_in;

    #[test]
    fn what_is_called_a_secret_is_one() {
        for text in ["let PASSWORD = \"x\";", "#{ \"ssl.keystore.key\": \"x\" }", "sasl.jaas.config", "my_token"] {
            assert!(is_named_in(text), "{text}");
        }
        for text in ["cluster.topic(\"orders\")", "let x = 1;", ""] {
            assert!(!is_named_in(text), "{text}");
        }
    }
}
