//! What a run has left: the state that it is in, what is in place, what is half done.

use super::view::{Effect, RunView, Step, StepState};
use crate::event::{Ending, Outcome};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a run is doing, or how it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    /// It has no ending, and its process is gone.
    Killed,
    Done,
    Failed,
    Interrupted,
    /// Until its window opens.
    WaitsForWindow,
    Paused,
    /// Nobody answered, or the answer was no.
    WaitsAtQuestion,
    Blocked,
    Broken,
    Aborted,
    /// Something temporary could not be put back.
    Outstanding,
}

impl State {
    /// As a column of `krun runs` says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Killed => "killed",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::WaitsForWindow => "waits for its window",
            Self::Paused => "paused",
            Self::WaitsAtQuestion => "waits at a question",
            Self::Blocked => "blocked",
            Self::Broken => "broken off",
            Self::Aborted => "aborted",
            Self::Outstanding => "outstanding",
        }
    }

    /// Whether there is nothing more to do with the run.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Aborted)
    }
}

impl From<&Ending> for State {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Done => Self::Done,
            Ending::Failed { .. } => Self::Failed,
            Ending::Interrupted => Self::Interrupted,
            Ending::WindowClosed { .. } => Self::WaitsForWindow,
            Ending::Paused { .. } => Self::Paused,
            Ending::Question { .. } => Self::WaitsAtQuestion,
            Ending::Blocked { .. } => Self::Blocked,
            Ending::Broken { .. } => Self::Broken,
            Ending::Aborted => Self::Aborted,
            Ending::Outstanding { .. } => Self::Outstanding,
        }
    }
}

/// Something temporary that is in the cluster now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InPlace {
    pub what: String,
    pub since: Timestamp,
    /// Without an outcome it may not have happened; resume and abort ask the cluster.
    pub certain: bool,
}

impl RunView {
    /// `alive`: whether the process of the last session still runs, which no event can say.
    pub fn state(&self, alive: bool) -> State {
        match self.sessions.last().and_then(|session| session.ended.as_ref()) {
            Some((_, ending)) => State::from(ending),
            None if alive => State::Running,
            None => State::Killed,
        }
    }

    /// The effects of open temporaries that nothing has put back, oldest first; of several on one target the newest
    /// wording, with the time of the oldest.
    pub fn in_place(&self) -> Vec<InPlace> {
        self.in_place_where(|effect| self.belongs_to_open_temporary(effect))
    }

    /// The same for a run that was typed: what its unfinished lines did as well, since nothing goes on with them.
    pub fn in_place_of_lines(&self) -> Vec<InPlace> {
        self.in_place_where(|effect| self.belongs_to_open_temporary(effect) || self.is_of_an_unfinished_step(effect))
    }

    fn in_place_where(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<InPlace> {
        let undone = self.undone();
        let mut listed: Vec<(&Effect, Timestamp)> = Vec::new();
        for effect in &self.effects {
            if effect.intent.undoes.is_some() || undone.contains(&effect.number) || !effect.may_hold() {
                continue;
            }
            if !wanted(effect) {
                continue;
            }
            let known = listed.iter_mut().find(|(older, _)| {
                older.intent.effect == effect.intent.effect && older.intent.target == effect.intent.target
            });
            match known {
                Some(entry) => entry.0 = effect,
                None => listed.push((effect, effect.at)),
            }
        }
        listed
            .into_iter()
            .map(|(effect, since)| InPlace {
                what: effect.intent.summary.clone(),
                since,
                certain: effect.outcome.is_some(),
            })
            .collect()
    }

    /// Steps that began and have no outcome, outermost first.
    pub fn unfinished_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| matches!(step.state, StepState::Begun))
    }

    /// The steps without outcome that have none inside them: where the run stands.
    pub fn innermost_unfinished(&self) -> Vec<&Step> {
        let unfinished: Vec<&Step> = self.unfinished_steps().collect();
        unfinished
            .iter()
            .filter(|step| !unfinished.iter().any(|other| is_inside(&other.path, &step.path)))
            .copied()
            .collect()
    }

    /// Effects of which nobody knows yet whether they happened.
    pub fn unknown_effects(&self) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(|effect| effect.outcome.is_none())
    }

    /// The finished steps of which an effect holds: what remains of a run that was given up.
    pub fn lasting_steps(&self) -> Vec<&Step> {
        let undone = self.undone();
        let lasting: Vec<&Effect> = self
            .effects
            .iter()
            .filter(|effect| effect.intent.undoes.is_none() && !undone.contains(&effect.number))
            .filter(|effect| effect.outcome.is_some() && effect.may_hold())
            .collect();
        self.finished_steps().filter(|step| lasting.iter().any(|effect| effect.intent.path == step.path)).collect()
    }

    /// The numbers of the effects that a later one has dealt with.
    fn undone(&self) -> BTreeSet<u64> {
        self.effects
            .iter()
            .filter(|effect| {
                matches!(effect.outcome, Some(Outcome::Done { .. } | Outcome::Left { .. } | Outcome::Kept { .. }))
            })
            .filter_map(|effect| effect.intent.undoes)
            .collect()
    }

    fn is_of_an_unfinished_step(&self, effect: &Effect) -> bool {
        let around = self.steps.iter().filter(|step| effect.intent.path.starts_with(&step.path));
        let innermost = around.max_by_key(|step| step.path.len());
        innermost.is_some_and(|step| !matches!(step.state, StepState::Finished { .. }))
    }

    /// The effects of steps inside the work of a temporary are the work, not the temporary.
    fn belongs_to_open_temporary(&self, effect: &Effect) -> bool {
        let path = &effect.intent.path;
        let innermost_step =
            self.steps.iter().filter(|step| path.starts_with(&step.path)).map(|step| step.path.len()).max();
        self.temporaries.iter().any(|temporary| {
            temporary.open
                && path.starts_with(&temporary.path)
                && innermost_step.is_none_or(|length| length < temporary.path.len())
        })
    }
}

/// Whether `inner` lies below `outer`.
pub(super) fn is_inside(inner: &[String], outer: &[String]) -> bool {
    inner.len() > outer.len() && inner.starts_with(outer)
}
