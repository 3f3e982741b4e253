//! How an effect went, and what an error says: the words that stand behind and below a line.

use super::amount::between;
use super::line::{Line, Tone};
use super::view::Effect;
use crate::error::Error;
use crate::event::{Outcome, Place};
use jiff::Timestamp;

/// How an effect went, to stand behind its line.
pub(super) fn outcome_tail(effect: &Effect, outcome: &Outcome, now: Timestamp) -> Line {
    let tail = Line::at(0).with(Tone::Plain, " — ");
    let puts_back = effect.intent.undoes.is_some();
    match outcome {
        Outcome::Done { acted, .. } => {
            let word = match (puts_back, acted) {
                (false, true) => "done",
                (false, false) => "already so",
                (true, true) => "put back",
                (true, false) => "already put back",
            };
            let slow = *acted && now.as_millisecond().saturating_sub(effect.at.as_millisecond()) >= 1000;
            let time = if slow { format!("  {}", between(effect.at, now)) } else { String::new() };
            tail.with(Tone::Good, word).with(Tone::Dim, time)
        }
        Outcome::Refused { error } => {
            let tail = tail.with(Tone::Bad, "refused").with(Tone::Plain, format!(": {error}"));
            match &error.hint {
                Some(hint) => tail.with(Tone::Dim, format!("\nhint: {hint}")),
                None => tail,
            }
        }
        Outcome::Left { evidence } => {
            tail.with(Tone::Warn, "left to somebody else").with(Tone::Plain, format!(": {evidence}"))
        }
        Outcome::Kept { evidence } => {
            tail.with(Tone::Good, "nothing to put back").with(Tone::Plain, format!(": {evidence}"))
        }
    }
}

/// An error in full: what, what to do, where.
pub(super) fn error_lines(error: &Error, place: Option<&Place>, depth: usize) -> Vec<Line> {
    let mut lines =
        vec![Line::at(depth).with(Tone::Bad, &error.code).with(Tone::Plain, format!(": {}", error.message))];
    if let Some(hint) = &error.hint {
        lines.push(Line::at(depth).with(Tone::Plain, format!("hint: {hint}")));
    }
    if let Some(Place { file, line, column }) = place {
        lines.push(Line::at(depth).with(Tone::Dim, format!("at {file}:{line}:{column}")));
    }
    lines
}
