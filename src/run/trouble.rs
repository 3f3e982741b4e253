//! The two ways in which a script can be left early: an error, which it may catch, and a halt, which it may not.

use crate::error::Error;
use crate::event::{Ending, Path, Place};
use jiff::Timestamp;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// An error on its way through a script: what `catch (e)` receives.
///
/// Rhai replaces the position of an error that a script throws again, so the origin travels with the value.
#[derive(Clone)]
pub struct Raised {
    pub error: Error,
    pub place: Option<Place>,
    /// The number of the failed step that the error passed, once it has passed one.
    pub failure: Option<u64>,
    /// The script engine's own account of it, with its frames, for the report.
    pub origin: Option<Arc<dyn Any + Send + Sync>>,
}

impl Raised {
    pub fn new(error: Error) -> Self {
        Self { error, place: None, failure: None, origin: None }
    }
}

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raised")
            .field("error", &self.error)
            .field("place", &self.place)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// The session ends here, whatever the script would like to catch.
#[derive(Debug, Clone, PartialEq)]
pub enum Halt {
    Interrupted,
    WindowClosed {
        window: String,
        since: Option<Timestamp>,
        opens: Option<Timestamp>,
    },
    Paused {
        text: String,
    },
    Question {
        question: String,
        declined: bool,
    },
    Blocked(Error),
    Broken(Error),
    /// What a guard around this place found: inside of it no script catches that, outside it is an ordinary failure.
    Tripped(Box<Tripped>),
}

/// A guard that has tripped.
#[derive(Debug, Clone, PartialEq)]
pub struct Tripped {
    pub guard: Path,
    /// The journal's number of it.
    pub failure: u64,
    pub error: Error,
}

impl Halt {
    pub fn ending(self) -> Ending {
        match self {
            Self::Interrupted => Ending::Interrupted,
            Self::WindowClosed { window, since, opens } => Ending::WindowClosed { window, since, opens },
            Self::Paused { text } => Ending::Paused { text },
            Self::Question { question, declined } => Ending::Question { question, declined },
            Self::Blocked(error) => Ending::Blocked { error },
            Self::Broken(error) => Ending::Broken { error },
            Self::Tripped(tripped) => Ending::Failed { failure: tripped.failure, error: tripped.error, place: None },
        }
    }
}

#[derive(Debug, Clone)]
pub enum Trouble {
    Failed(Box<Raised>),
    Halt(Halt),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(Box::new(Raised::new(error)))
    }
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
