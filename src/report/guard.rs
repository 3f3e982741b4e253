//! What a guard sees, in one line.

use super::line::{Line, Tone};
use crate::event::{Path, Sight};

/// The news of a guard at work; that it begins, passes or trips is told as of a step.
pub(super) fn sight_line(path: &Path, sight: Sight, text: &str, here: Line) -> Line {
    let name = path.last().map_or("", String::as_str);
    match sight {
        Sight::Begun | Sight::Well => here.marked(Tone::Good, "✓", format!("guard {name}: all is well again")),
        Sight::Wrong => here.with(Tone::Warn, format!("! guard {name}: {text}")),
        Sight::Blind => here.with(Tone::Warn, format!("! guard {name} cannot look: {text}")),
    }
}
