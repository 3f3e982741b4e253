//! How a session ends: well, only over a script that came to its end and left nothing open.

use crate::event::{Ending, Record};
use crate::run::session::Session;
use crate::run::trouble::Trouble;

impl Session {
    /// Ends the session of a script that came to its end, or was left by a trouble.
    pub fn finish(&self, result: Result<(), Trouble>) -> Ending {
        let ending = match result {
            Ok(()) => self.ending_of_a_whole_script(),
            Err(Trouble::Halt(halt)) => halt.ending(),
            Err(Trouble::Failed(raised)) => Ending::Failed {
                failure: raised.failure.unwrap_or_else(|| self.next_seq()),
                error: raised.error,
                place: raised.place,
            },
        };
        let ending = self.with_what_is_outstanding(ending);
        self.end(ending)
    }

    /// A run never ends well over a step that was begun and never finished.
    fn ending_of_a_whole_script(&self) -> Ending {
        let state = self.state();
        // One that failed in this session was caught, since the script came to its end.
        let passed = state.history.unfinished_steps().into_iter().find(|step| !state.tries.contains_key(step));
        match passed {
            None => Ending::Done,
            Some(step) => Ending::Broken { error: crate::run::step::passed_by(&step, "the end of the runbook") },
        }
    }

    pub(crate) fn end(&self, ending: Ending) -> Ending {
        self.list_what_is_in_place();
        self.write_by_hand();
        let is_over = matches!(ending, Ending::Done | Ending::Aborted);
        let (did, traces) = (self.state().history.intents(), self.folder().traces());
        for text in self.effects().leave(&self.about().run, &did, &traces, is_over) {
            self.warn(text);
        }
        match self.record(Record::SessionEnded { ending: ending.clone() }) {
            Ok(_) => ending,
            // The journal cannot be written: what ended the session first says more.
            Err(halt) => match ending {
                Ending::Done => halt.ending(),
                other => other,
            },
        }
    }
}
