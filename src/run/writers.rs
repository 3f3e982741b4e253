//! Who of a run wrote a thing last, where several of its effects wrote it.

use crate::event::{Intent, Outcome};
use crate::run::history::{EffectState, History};
use std::collections::BTreeMap;

impl History {
    /// By resource: the effect in place that wrote it last.
    pub fn last_writers(&self) -> BTreeMap<&str, u64> {
        let mut writers = BTreeMap::new();
        for (number, effect) in &self.effects {
            if effect.is_in_place() && matches!(effect.outcome, Some(Outcome::Done { .. })) {
                writers.extend(effect.intent.resources.iter().map(|resource| (resource.as_str(), *number)));
            }
        }
        writers
    }

    /// The change of a `temporarily` that steps in its work have adapted, such as a throttle: what is in the world now is
    /// theirs, and what was there before is still its own.
    pub fn as_written_last(&self, number: u64, intent: Intent) -> Intent {
        let Some(around) = self.temporary_of(&intent).map(|temporary| temporary.path.clone()) else { return intent };
        let wrote_the_same = |later: &&EffectState| {
            later.is_in_place()
                && matches!(later.outcome, Some(Outcome::Done { .. }))
                && later.intent.effect == intent.effect
                && later.intent.resources == intent.resources
                && later.intent.path.starts_with(&around)
        };
        let last = self.effects.range(number + 1..).map(|(_, effect)| effect).rfind(wrote_the_same);
        match last {
            Some(last) => Intent { after: last.intent.after.clone(), ..intent },
            None => intent,
        }
    }

    pub(super) fn was_written_again(&self, number: u64, intent: &Intent) -> bool {
        // Only what a `temporarily` did can be adapted.
        if intent.attempt != 0 {
            return false;
        }
        self.as_written_last(number, intent.clone()).after != intent.after
    }
}
