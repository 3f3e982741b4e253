//! `pause`: the run stops, whoever runs it, and to resume it is the answer.
//!
//! The stop is recorded before it happens, so that a krun killed just there has paused all the same.

use crate::error::Error;
use crate::event::Record;
use crate::run::session::{Session, user_name};
use crate::run::track::Scope;
use crate::run::trouble::{Halt, Trouble};

impl Session {
    /// Stops the run here; the session that comes here again goes on, and is recorded as the answer.
    pub fn pause(&self, text: &str) -> Result<(), Trouble> {
        let track = self.track();
        let place = track.reads_only().or(track.has(Scope::AllOrNothing).then_some("all_or_nothing"));
        if let Some(place) = place {
            return Err(Error::new("QUESTION_MISPLACED", format!("a pause inside {place}: {text}"))
                .hint("pause before it or after it")
                .into());
        }
        self.safe_point()?;
        let (path, question) = (track.path(), format!("paused: {text}"));
        let nth = self.nth_asked(&path, &question);
        if self.nth_answer(&path, &question, nth).is_some() {
            return Ok(());
        }
        if self.state().history.pauses(&path, text) > nth {
            let who = format!("{} by krun resume", user_name());
            self.record(Record::Answered { path, question, answer: "go on".to_owned(), who })?;
            return Ok(());
        }
        if !self.asks_only() {
            self.record(Record::Paused { path, text: text.to_owned() })?;
        }
        Err(Halt::Paused { text: text.to_owned() }.into())
    }
}
