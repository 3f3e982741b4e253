//! How one attempt failed: the difference between these decides whether it may be repeated.

use crate::error::{Error, Failure};

#[derive(Debug)]
pub(crate) enum Fault {
    /// No broker has the whole request.
    Unsent(Error),
    /// The request went out, and no readable answer came back.
    Unanswered(Error),
    /// The broker answered with this error.
    Answered(Error),
}

impl Fault {
    pub(crate) fn error(&self) -> &Error {
        match self {
            Self::Unsent(error) | Self::Unanswered(error) | Self::Answered(error) => error,
        }
    }

    pub(crate) fn error_mut(&mut self) -> &mut Error {
        match self {
            Self::Unsent(error) | Self::Unanswered(error) | Self::Answered(error) => error,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unsent(error) | Fault::Unanswered(error) | Fault::Answered(error) => error,
        }
    }
}

/// Errors with which a broker says that it does not know how the change ended.
const UNDECIDED: [&str; 2] = ["REQUEST_TIMED_OUT", "UNKNOWN_SERVER_ERROR"];

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unsent(error) => Self::Refused(error),
            Fault::Answered(error) if !UNDECIDED.contains(&error.code.as_str()) => Self::Refused(error),
            Fault::Unanswered(error) | Fault::Answered(error) => Self::Unknown(error),
        }
    }
}
