//! What a terminal report is given: its streams, its clock's zone, what is known already.

use super::live::Shared;
use super::look::{Columns, Stream};
use super::view::RunView;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Where the run is kept: for the commands that a person may type next.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The flags that every one of them needs, such as `--state DIR`.
    pub flags: String,
    /// The run's folder.
    pub folder: Option<PathBuf>,
}

/// How a [`Terminal`](super::Terminal) is set up.
pub struct Setting {
    pub stdout: Stream,
    pub stderr: Stream,
    /// Of the times that are shown.
    pub zone: TimeZone,
    /// Show the time of each row on a terminal too, as `krun show` does.
    pub times: bool,
    /// Draw the line that says what is going on now; a story of the past has none.
    pub status: bool,
    /// Let the spinner turn between two events; nothing does so in a test.
    pub turning: bool,
    pub place: Place,
    /// What is known before the first event: a resume and an abort have the journal of the sessions before.
    pub known: RunView,
}

impl Setting {
    /// For a run at work.
    pub fn new(stdout: Stream, stderr: Stream) -> Self {
        Self {
            stdout,
            stderr,
            zone: TimeZone::system(),
            times: false,
            status: true,
            turning: true,
            place: Place::default(),
            known: RunView::default(),
        }
    }

    /// For `krun show`: every row has its time, and nothing moves.
    pub fn history(stdout: Stream, stderr: Stream) -> Self {
        Self { times: true, status: false, ..Self::new(stdout, stderr) }
    }
}

/// One stream as a [`Terminal`](super::Terminal) uses it.
pub(super) struct Port {
    pub(super) stream: Shared,
    pub(super) colour: bool,
    pub(super) columns: Option<Columns>,
}

impl Port {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream: Shared::new(stream.writer), colour: stream.colour, columns: stream.terminal }
    }
}

/// Adds rows with `start` before each; no row ends in blanks.
pub(super) fn push_rows(text: &mut String, start: &str, rows: &[String]) {
    for row in rows {
        text.push_str(format!("{start}{row}").trim_end());
        text.push('\n');
    }
}
