//! What can go wrong, as data: importable by every folder, and knowing neither rhai nor miette.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One failure as a script catches it and as the journal keeps it.
///
/// `code` is Kafka's own name where Kafka raised it (`UNKNOWN_TOPIC_OR_PARTITION`), else krun's, in the same style
/// (`WAIT_TIMEOUT`). `message` is a lowercase sentence fragment that says what was wrong and where; `hint` says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The same call may succeed later: a passing network fault, a leader that moves.
    #[serde(default)]
    pub retriable: bool,
}

impl Error {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: None, retriable: false }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn retriable(mut self) -> Self {
        self.retriable = true;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// How a change failed. The difference decides whether it may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Certainly not applied: never sent, or answered with an error.
    Refused(Error),
    /// Sent and unanswered: it may have happened. Read back, then decide.
    Unknown(Error),
}

impl Failure {
    pub fn error(&self) -> &Error {
        match self {
            Self::Refused(error) | Self::Unknown(error) => error,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) | Failure::Unknown(error) => error,
        }
    }
}
