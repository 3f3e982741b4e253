//! How one session of a run ended, as data.

use crate::event::Ending;
use crate::report::{InPlace, exit_code};
use std::path::PathBuf;

/// How a run, a resume or an abort ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The run's name: what [`resume`](crate::Krun::resume) and [`abort`](crate::Krun::abort) take.
    pub run: String,
    /// The name of the cluster that it is about.
    pub cluster: String,
    /// The run's folder: its journal, its sources, and `by-hand.txt`.
    pub folder: PathBuf,
    pub ending: Ending,
    /// What is in the cluster for a while, and was not put back yet.
    pub left_in_place: Vec<InPlace>,
    /// Of a script that failed: the error with every place that it passed, drawn for people, without colours.
    pub report: Option<String>,
}

impl Outcome {
    /// Done, or given up with everything put back: nothing is left to do.
    pub fn is_over(&self) -> bool {
        matches!(self.ending, Ending::Done | Ending::Aborted)
    }

    /// Whether [`resume`](crate::Krun::resume) goes on with it.
    pub fn can_be_resumed(&self) -> bool {
        !self.is_over()
    }

    /// What the command would have exited with: 0, 1, 4, 5, 6 or 130, by the table of the README.
    pub fn exit_code(&self) -> u8 {
        exit_code(&self.ending)
    }
}
