//! What a roll took, from its journal: how much of it was neither a broker's stopping, starting and coming back, nor a wait that
//! somebody asked for.

use jiff::Timestamp;
use krun::event::{Entry, Outcome, Record};
use std::fmt;

/// One pass over all brokers. Seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Roll {
    pub(super) brokers: usize,
    pub(super) whole: f64,
    /// Of the windows in which a broker must stay up and in sync.
    pub(super) windows: f64,
    /// Stopping, starting, and being back in the ISR everywhere.
    pub(super) work: f64,
}

impl Roll {
    /// The steps `VERB broker N` of a journal; each broker stays up for `steady` and in sync for `stable` seconds.
    pub(super) fn of(entries: &[Entry], verb: &str, steady: f64, stable: f64) -> Self {
        let begins = format!("{verb} broker ");
        let is_back = |path: &[String]| {
            path.last()
                .is_some_and(|name| name.starts_with("see broker ") && name.ends_with(&format!("after the {verb}")))
        };
        let mut roll = Self { brokers: 0, whole: 0.0, windows: 0.0, work: 0.0 };
        let (mut first, mut since_start): (Option<Timestamp>, Option<Timestamp>) = (None, None);
        for entry in entries {
            match &entry.record {
                Record::StepBegun { path, .. }
                    if path.last().is_some_and(|name| name.contains(&format!("to {verb}, 1 of"))) =>
                {
                    first = Some(entry.at);
                }
                Record::EffectOutcome { effect, outcome: Outcome::Done { acted: true, .. } } => {
                    let Some(Record::EffectIntent(intent)) = record(entries, *effect) else { continue };
                    let began = entries.iter().find(|one| one.seq == *effect).map_or(entry.at, |one| one.at);
                    if !intent.path.iter().any(|name| name.starts_with(&begins)) {
                        continue;
                    }
                    if intent.effect == "stop_service" {
                        roll.work += seconds(began, entry.at);
                    } else if intent.effect == "start_service" {
                        roll.work += seconds(began, entry.at) - steady;
                        since_start = Some(entry.at);
                    }
                }
                Record::StepFinished { path, .. } if is_back(path) => {
                    roll.brokers += 1;
                    roll.windows += steady + stable;
                    roll.work += since_start.map_or(0.0, |start| seconds(start, entry.at)) - stable;
                    roll.whole = first.map_or(0.0, |first| seconds(first, entry.at));
                }
                _ => {}
            }
        }
        roll
    }

    /// The goal is 1.15 at most.
    pub(super) fn ratio(&self) -> f64 {
        (self.whole - self.windows) / self.work
    }
}

fn record(entries: &[Entry], seq: u64) -> Option<&Record> {
    entries.iter().find(|entry| entry.seq == seq).map(|entry| &entry.record)
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

impl fmt::Display for Roll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} brokers in {:.1} s: {:.1} s of windows, {:.1} s of stopping, starting and coming back; (whole - windows) ÷ these = {:.3}",
            self.brokers,
            self.whole,
            self.windows,
            self.work,
            self.ratio()
        )
    }
}
