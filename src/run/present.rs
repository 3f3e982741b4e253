//! What a run has in the world at this moment, and whether it is still as krun wrote it.

use crate::error::Error;
use crate::event::Intent;
use crate::run::effects::Settled;
use crate::run::session::Session;
use crate::run::trouble::Halt;

impl Session {
    /// The effects of one kind that this run made and has not taken back.
    pub fn in_place(&self, effect: &str) -> Vec<Intent> {
        let state = self.state();
        let numbers = state.history.in_place(|intent| intent.effect == effect);
        numbers.iter().filter_map(|number| state.history.effects.get(number)).map(|one| one.intent.clone()).collect()
    }

    /// The effects of one kind that an earlier session made in this very step, and this one has not come to.
    pub fn not_met_again(&self, effect: &str) -> Vec<Intent> {
        let (track, state) = (self.track(), self.state());
        let (path, attempt) = (track.path(), track.attempt());
        let is_here = |intent: &Intent| {
            intent.effect == effect && Some(intent.attempt) == attempt && intent.path == path && intent.undoes.is_none()
        };
        let recorded = state.history.effects.iter().filter(|(number, one)| {
            one.put_back.is_none() && is_here(&one.intent) && !state.meetings.met.contains(number)
        });
        recorded.map(|(_, one)| one.intent.clone()).collect()
    }

    /// Ends the session where another run left one of these changed.
    pub fn stop_if_held(&self, resources: &[String]) -> Result<(), Halt> {
        self.inner().holders.blocking(resources).map_or(Ok(()), Err)
    }

    /// What somebody else changed of that which is in place for a while: shown, and never overwritten. A look that meets a
    /// passing fault, such as a broker that is down, says so and is no failure.
    pub fn changed_by_others(&self) -> Result<Vec<String>, Error> {
        let mut changed = Vec::new();
        for (number, intent) in self.temporaries_in_place() {
            let Some(intent) = self.not_written_since(number, &intent)? else { continue };
            let looked = self.effects().get(&intent.effect)?.shows_itself(&intent);
            if matches!(looked, Ok(false)) {
                continue;
            }
            let settled = match looked.and_then(|_| self.settle(&intent)) {
                Err(error) if error.retriable => {
                    self.warn(format!("cannot look whether somebody changed {}: {}", intent.target, error.message));
                    continue;
                }
                settled => settled?,
            };
            match settled {
                Settled::Done(_) | Settled::Over { .. } => {}
                Settled::NotDone => changed.push(format!("no longer there: {}", intent.summary)),
                Settled::Changed { evidence } | Settled::CannotTell { evidence } => changed.push(evidence),
            }
        }
        Ok(changed)
    }

    fn temporaries_in_place(&self) -> Vec<(u64, Intent)> {
        let state = self.state();
        let of_temporary = |intent: &Intent| state.history.temporary_of(intent).is_some_and(|temporary| temporary.open);
        let numbers = state.history.in_place(of_temporary);
        let one = |number: u64| Some((number, state.history.effects.get(&number)?.intent.clone()));
        numbers.into_iter().filter_map(one).collect()
    }
}
