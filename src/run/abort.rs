//! Giving up: puts back what is temporary or half done. Finished steps stay, and are listed.

use crate::event::{Ending, Outcome, Path, Progress, Record};
use crate::run::effects::Effects;
use crate::run::history::{History, StepResult};
use crate::run::session::Session;
use crate::run::trouble::Trouble;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Session {
    pub fn abort(&self) -> Ending {
        let result = self.abort_all();
        let ending = match result {
            Ok(outstanding) if outstanding.is_empty() => Ending::Aborted,
            Ok(what) => Ending::Outstanding { what },
            Err(Trouble::Halt(halt)) => halt.ending(),
            Err(Trouble::Failed(raised)) => Ending::Broken { error: raised.error },
        };
        self.end(ending)
    }

    fn abort_all(&self) -> Result<Vec<String>, Trouble> {
        let began = self.next_seq();
        let numbers = self.state().history.to_put_back();
        let outstanding = self.put_back_all(&numbers)?;
        if outstanding.is_empty() {
            let open: Vec<_> = self.state().history.open_temporaries().map(|open| open.path.clone()).collect();
            for path in open.into_iter().rev() {
                self.record(Record::TemporaryClosed { path, finished: false })?;
            }
        }
        // What an abort that was killed had found to stay is told again: nobody may have read it.
        let stayed = what_stayed(&self.state().history, began);
        for text in stayed {
            self.note(Progress::Log { text });
        }
        for text in self.what_to_know_afterwards() {
            self.warn(text);
        }
        Ok(outstanding)
    }
}

impl Session {
    /// What the put-backs of this run, in whatever session, leave to be known.
    fn what_to_know_afterwards(&self) -> Vec<String> {
        let mut gave: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for effect in self.state().history.effects.values().filter(|effect| effect.intent.undoes.is_some()) {
            if let Some(Outcome::Done { value, .. }) = &effect.outcome {
                gave.entry(effect.intent.effect.clone()).or_default().push(value.clone());
            }
        }
        let one = |(kind, gave): (String, Vec<Value>)| self.effects().get(&kind).map(|kind| kind.afterwards(&gave));
        gave.into_iter().filter_map(|one_kind| one(one_kind).ok()).flatten().collect()
    }
}

/// What an abort would do, in its order, without doing it.
pub fn plan(history: &History, effects: &Effects) -> Vec<String> {
    let mut lines = Vec::new();
    for number in history.to_put_back() {
        let Some(effect) = history.effects.get(&number) else { continue };
        let known = if effect.outcome.is_none() { " (if it happened: that is asked first)" } else { "" };
        let undo = effects.get(&effect.intent.effect).ok().and_then(|kind| kind.undo(&effect.intent));
        lines.push(match undo {
            Some(undo) => match effects.get(undo.effect) {
                Ok(kind) => format!("{}{known}", kind.summary(&undo.args, &effect.intent.after)),
                Err(error) => error.message,
            },
            None => format!("nothing to put back for: {}", effect.intent.summary),
        });
    }
    lines.extend(finished_steps(history).into_iter().map(|step| format!("stays, since it was finished: {step}")));
    lines
}

/// What put-backs of earlier sessions found to be finished, or changed by somebody else.
fn what_stayed(history: &History, before: u64) -> Vec<String> {
    let put_backs = history.effects.range(..before).filter(|(_, effect)| effect.intent.undoes.is_some());
    put_backs.filter_map(|(_, effect)| effect.outcome.as_ref()).flat_map(Outcome::stays).map(|stay| stay.text).collect()
}

/// The finished steps that changed something: what remains.
fn finished_steps(history: &History) -> Vec<String> {
    let finished = |attempts: &Vec<crate::run::history::Attempt>| {
        attempts.last().is_some_and(|attempt| matches!(attempt.result, StepResult::Finished(_)))
    };
    let changed: BTreeSet<Path> = history
        .effects
        .values()
        .filter(|effect| effect.is_in_place())
        .filter_map(|effect| history.step_of(&effect.intent))
        .collect();
    let lasts = |(path, attempts): &(&Path, &Vec<_>)| finished(attempts) && changed.contains(*path);
    let mut steps: Vec<_> = history.steps.iter().filter(lasts).collect();
    steps.sort_by_key(|(_, attempts)| attempts[0].begun);
    steps.into_iter().map(|(path, _)| crate::event::path_text(path)).collect()
}
