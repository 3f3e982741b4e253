//! Why a run could not even begin: an error, and the exit code that it means.

use crate::error::Error;
use crate::event::Place;
use crate::script::diagnostic::{self, Look};
use crate::script::params::UsageProblem;
use crate::script::problem::{Problem, Report};
use crate::script::runbook::Unloadable;
use std::fmt;

/// Why nothing was begun, or why a session could not go on. What is refused has changed nothing.
///
/// A run that was begun and ended badly is no refusal: that is told by [`Outcome`](crate::Outcome).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Refused {
    /// A bad parameter; no such cluster, file or run.
    Usage(Vec<Error>),
    /// The runbook does not check: its problems, with the texts that they point into.
    Unchecked(Box<Report>),
    /// Locked by another run.
    Blocked(Error),
    /// Anything else: the cluster cannot be reached, the disk is full.
    Failed(Error),
}

/// The codes that say that something wrong was asked for.
const USAGE: &[&str] = &[
    "NO_SUCH_RUN",
    "SEVERAL_RUNS",
    "NO_OPEN_RUN",
    "RUN_IS_OVER",
    "RUN_WAS_TYPED",
    "UNKNOWN_CLUSTER",
    "CLUSTER_NOT_NAMED",
    "RUN_NEWER",
    "JOURNAL_NEWER",
    "NOT_A_JOURNAL",
    "RUN_UNREADABLE",
    "NO_STATE_FOLDER",
    "SANDBOX_GONE",
    "NO_SUCH_RUNBOOK",
    "RUNBOOK_NOT_FOUND",
    "OTHER_CLUSTER",
    "STATE_FOLDER",
    "SANDBOX_FOLDER_UNUSABLE",
    "SANDBOX_OPTION_INVALID",
    "FILE_EXISTS",
    "FILE_NOT_WRITTEN",
];

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error.code.as_str() {
            "LOCKED" | "HOST_LOCKED" => Self::Blocked(error),
            code if USAGE.contains(&code) => Self::usage(error),
            _ => Self::Failed(error),
        }
    }
}

impl From<Unloadable> for Refused {
    fn from(unloadable: Unloadable) -> Self {
        match unloadable {
            Unloadable::Unreadable(error) => Self::usage(error),
            Unloadable::Broken(report) => Self::Unchecked(report),
        }
    }
}

impl From<Vec<UsageProblem>> for Refused {
    fn from(problems: Vec<UsageProblem>) -> Self {
        let wrong = |problem: UsageProblem| {
            let error = Error::new("INVALID_PARAMETER", problem.message);
            problem.hint.map_or(error.clone(), |hint| error.hint(hint))
        };
        Self::Usage(problems.into_iter().map(wrong).collect())
    }
}

impl Refused {
    pub(crate) fn usage(error: Error) -> Self {
        Self::Usage(vec![error])
    }

    /// What the command would exit with: 1, 2, 3 or 5, by the table of the README.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unchecked(_) => 3,
            Self::Blocked(_) => 5,
        }
    }

    /// Each thing that is wrong: at least one.
    pub fn errors(&self) -> Vec<Error> {
        match self {
            Self::Usage(errors) => errors.clone(),
            Self::Unchecked(report) => report.errors().map(Problem::to_error).collect(),
            Self::Blocked(error) | Self::Failed(error) => vec![error.clone()],
        }
    }

    /// Where it is wrong, of a runbook that does not check.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Unchecked(report) => report.errors().next().and_then(Problem::place),
            _ => None,
        }
    }
}

/// All of it, over several lines where there are hints or places in a script.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Unchecked(report) = self {
            return f.write_str(&diagnostic::render_all(&report.problems, &report.sources, Look::PLAIN));
        }
        for (number, error) in self.errors().iter().enumerate() {
            let between = if number == 0 { "" } else { "\n" };
            write!(f, "{between}{error}")?;
            if let Some(hint) = &error.hint {
                write!(f, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}
