//! What the journal says of a canary: whether its topic was made, and what was judged.

use crate::event::canary::Verdict;
use crate::event::{Path, Record};
use crate::run::session::Session;
use crate::run::step::check_name;
use crate::run::track::Scope;
use crate::run::trouble::{Halt, Trouble};

/// A canary at this place of the script, as the journal knows it.
pub struct Standing {
    pub path: Path,
    /// How often its topic was made and put back before.
    pub generation: usize,
    /// Its topic is made, and not put back.
    pub is_made: bool,
    /// That of a body which went through, where all was accounted for: it holds.
    pub verdict: Option<Verdict>,
}

impl Session {
    /// `effect` is the name of the effect that makes the topic.
    pub fn canary_standing(&self, name: &str, effect: &str) -> Standing {
        let path = self.track().path_to(name);
        let state = self.state();
        let since = state.history.parent_begun(&path);
        let is_one = |intent: &crate::event::Intent| {
            intent.effect == effect && intent.path == path && intent.attempt == 0 && intent.undoes.is_none()
        };
        let made: Vec<_> = state.history.effects.values().filter(|made| is_one(&made.intent)).collect();
        let verdict =
            state.history.verdicts.get(&path).filter(|(number, verdict)| *number > since && verdict.is_good());
        Standing {
            generation: made.iter().filter(|made| made.put_back.is_some()).count(),
            is_made: made.iter().any(|made| made.is_in_place() && made.outcome.is_some()),
            verdict: verdict.map(|(_, verdict)| verdict.clone()),
            path: path.clone(),
        }
    }

    /// Only the body, under the same name: its steps have the paths that they have with a canary.
    pub fn without_canary<T>(&self, name: &str, body: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        check_name("canary", name)?;
        let track = self.track();
        self.refuse_a_second("CANARY_NAME_TWICE", "canary", &track.path_to(name))?;
        self.within(Scope::Work, Some(name), body)
    }

    pub fn record_verdict(&self, path: &Path, verdict: Verdict) -> Result<(), Halt> {
        self.record(Record::CanaryJudged { path: path.clone(), verdict: Box::new(verdict) }).map(drop)
    }
}
