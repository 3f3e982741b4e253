//! Why a command could not even begin its work: an error, and the exit code that it means.

use crate::cli::arguments::Shared;
use crate::cli::screen;
use crate::embed::refused::Refused;
use crate::error::Error;
use crate::script::problem::Report;
use crate::script::runbook::Unloadable;
use std::process::ExitCode;

#[derive(Debug)]
pub(crate) enum Complaint {
    /// A bad flag or parameter, no such cluster, file or run.
    Usage(Vec<Error>),
    /// The runbook does not check.
    Unchecked(Box<Report>),
    /// A file that was given has faults in it.
    Malformed(Box<Report>),
    /// Locked by another run.
    Blocked(Error),
    /// Anything else: the cluster cannot be reached, the disk is full.
    Failed(Error),
}

impl From<Error> for Complaint {
    fn from(error: Error) -> Self {
        Refused::from(error).into()
    }
}

impl From<Unloadable> for Complaint {
    fn from(unloadable: Unloadable) -> Self {
        Refused::from(unloadable).into()
    }
}

impl From<Refused> for Complaint {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Usage(errors) => Self::Usage(errors),
            Refused::Unchecked(report) => Self::Unchecked(report),
            Refused::Blocked(error) => Self::Blocked(error),
            Refused::Failed(error) => Self::Failed(error),
        }
    }
}

impl Complaint {
    pub(crate) fn usage(error: Error) -> Self {
        Self::Usage(vec![error])
    }

    /// Adds to the hint of this one error.
    pub(crate) fn or_hint(mut self, code: &str, more: &str) -> Self {
        if let Self::Usage(errors) = &mut self {
            for error in errors.iter_mut().filter(|error| error.code == code) {
                let hint = error.hint.take().map_or(more.to_owned(), |hint| format!("{hint}; {more}"));
                error.hint = Some(hint);
            }
        }
        self
    }

    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) | Self::Malformed(_) => 2,
            Self::Unchecked(_) => 3,
            Self::Blocked(_) => 5,
        }
    }

    pub(crate) fn tell(&self, shared: &Shared) -> ExitCode {
        match self {
            Self::Unchecked(report) | Self::Malformed(report) => screen::problems(shared, report),
            Self::Usage(errors) => errors.iter().for_each(|error| screen::error(shared, error)),
            Self::Blocked(error) | Self::Failed(error) => screen::error(shared, error),
        }
        ExitCode::from(self.code())
    }
}
