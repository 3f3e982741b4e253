//! The things that a screen can be told to show, and what an event means for the screen as a whole.

use super::line::Line;
use super::wait::Look;
use crate::event::canary::Beat;
use crate::event::{Event, Path, Progress, Record, path_text};

/// One thing to show.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    Line(Line),
    /// Somebody else's text, such as a diagnostic with its own colours, as it is.
    Verbatim(String),
    /// A step, a preflight or a temporary begins; `Ended` with the same path closes it.
    Begun {
        path: Path,
        line: Line,
    },
    Ended {
        path: Path,
        line: Line,
    },
    /// An effect is about to act; `Acted` with the same number has the same line and how it went.
    Acting {
        effect: u64,
        line: Line,
    },
    Acted {
        effect: u64,
        line: Line,
        tail: Line,
    },
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    Looked {
        what: String,
        look: Look,
    },
    /// A canary sings.
    Beat {
        path: Path,
        beat: Beat,
    },
    /// It has ended.
    Silent {
        path: Path,
    },
    WaitOver {
        what: String,
        line: Option<Line>,
    },
    /// Nothing may be drawn over the place where somebody types, until `Replied`.
    Asked(Line),
    Replied(Line),
}

/// From here on the run goes by another text.
pub(super) fn edited(number: u32, accepted: &[Path]) -> String {
    let names: Vec<String> = accepted.iter().map(|path| path_text(path)).collect();
    let kept = if names.is_empty() {
        String::new()
    } else {
        format!("; these were finished by another text, and stay as they are: {}", names.join(", "))
    };
    format!("! from here on by the edited text (sources/edit-{number}){kept}")
}

/// Another session starts with it.
pub(super) fn begins_session(event: &Event) -> bool {
    match event {
        Event::Record(entry) => matches!(entry.record, Record::SessionStarted { .. }),
        Event::Progress(note) => matches!(note.progress, Progress::RunOpened { .. }),
    }
}

/// Waits and effects have no end of their own where a failure or a stop cuts them off.
pub(super) fn stops(event: &Event) -> bool {
    match event {
        Event::Record(entry) => matches!(
            entry.record,
            Record::StepFailed { .. }
                | Record::GuardTripped { .. }
                | Record::SessionStarted { .. }
                | Record::SessionEnded { .. }
        ),
        Event::Progress(_) => false,
    }
}
