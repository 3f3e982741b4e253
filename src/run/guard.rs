//! `guard`: tests beside a body on a thread of its own; what it finds makes the run fail at the body's next safe point.
//!
//! Inside the body nothing of the script can catch that: it comes up like an interruption, past every `try`, `retry` and
//! `parallel`, and the steps on its way are recorded as failed. At the guard it turns into the failure `GUARD_FAILED`, which a
//! script around it may catch like any other.
//!
//! | what a look gives | what follows |
//! |---|---|
//! | nothing is wrong | all is well; the body begins after the first such look, also on resume |
//! | something is wrong | told; where nothing was well again for `grace`, the guard trips |
//! | it cannot look | told; a passing fault is no trip, and after `blind` without a look it trips: then nobody watches |
//! | the first look fails for good | the test's own error, before the body begins |

use crate::error::Error;
use crate::event::{Path, Progress, Record, Sight};
use crate::quantity::duration;
use crate::run::background;
use crate::run::history::Temporary;
use crate::run::session::Session;
use crate::run::step::check_name;
use crate::run::track::{Leaving, Scope};
use crate::run::trouble::{Halt, Raised, Tripped, Trouble};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the body looks whether the first look has gone well.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Until all is well for the first time, it looks at least this often: somebody waits.
const AT_FIRST: Duration = Duration::from_secs(1);
/// So much of the evidence stands in the failure; the record has all of it.
const NAMED: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardOptions {
    pub every: Duration,
    /// How long something may be wrong.
    pub grace: Duration,
    /// For how long it may be unable to look.
    pub blind: Duration,
    /// The effects, by name, of which those under way are called off when it trips, with what is temporary around them.
    pub calls_off: Vec<&'static str>,
}

/// What the body's threads and the one that tests know of each other.
#[derive(Debug, Default)]
pub(crate) struct Guarding {
    path: Path,
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    /// All was well at some look.
    was_well: bool,
    is_over: bool,
    found: Option<Found>,
    /// What it was recorded as.
    halt: Option<Halt>,
}

#[derive(Debug)]
enum Found {
    Wrong(Vec<String>, Error),
    /// The test itself is in trouble, and the body has not begun.
    Trouble(Trouble),
}

impl Guarding {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, found: Found) {
        self.seen().found.get_or_insert(found);
    }

    /// Waits so long, or until the body is over.
    fn pause(&self, how_long: Duration) -> bool {
        let seen = self.seen();
        let waited = self.changed.wait_timeout_while(seen, how_long, |seen| !seen.is_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    fn end(&self) {
        self.seen().is_over = true;
        self.changed.notify_all();
    }
}

impl Session {
    /// Runs `body` while `test` looks beside it. `end_test` makes a look that is under way end soon.
    ///
    /// Errors: `GUARD_FAILED`; `GUARD_MISPLACED` where there is no safe point or where only reading is done.
    pub fn guard<T>(
        &self,
        name: &str,
        options: &GuardOptions,
        test: impl FnMut() -> Result<Vec<String>, Trouble> + Send,
        end_test: impl Fn(),
        body: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        check_name("guard", name)?;
        let track = self.track();
        let misplaced = track.reads_only().or_else(|| {
            let places = [(Scope::Change, "the change of a temporarily"), (Scope::AllOrNothing, "an all_or_nothing")];
            places.into_iter().find(|(scope, _)| track.has(*scope)).map(|(_, place)| place)
        });
        if let Some(place) = misplaced {
            return Err(Error::new("GUARD_MISPLACED", format!("guard `{name}` stands inside {place}"))
                .hint("put it around: it acts at safe points, and there is none in there")
                .into());
        }
        self.safe_point()?;
        let path = track.path_to(name);
        self.refuse_a_second("GUARD_NAME_TWICE", "guard", &path)?;
        if let Some(trouble) = self.tripped_before(&path) {
            return Err(trouble);
        }
        if self.is_guard_passed(&path) {
            return self.within(Scope::OverWork, None, body);
        }
        let guarding = Arc::new(Guarding { path: path.clone(), ..Guarding::default() });
        self.note(Progress::Guard { path: path.clone(), sight: Sight::Begun, text: String::new() });
        let leaving = Leaving::default();
        let of_test = track.for_test(&leaving);
        let end = || {
            guarding.end();
            leaving.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(Halt::Interrupted);
            end_test();
        };
        let result = background::beside(
            "guard",
            || self.standing_at(of_test, || self.look_beside(&guarding, options, test)),
            end,
            || {
                self.inside(
                    |track| track.enter_guard(guarding.clone()),
                    || {
                        self.wait_until_all_is_well(&guarding)?;
                        let value = body()?;
                        // What was found too late for a safe point inside.
                        self.halt_of(&guarding).map_or(Ok(value), |halt| Err(halt?.into()))
                    },
                )
            },
        )?;
        match result {
            Ok(value) => {
                self.record(Record::GuardPassed { path })?;
                Ok(value)
            }
            Err(Trouble::Halt(Halt::Tripped(tripped))) if tripped.guard == path => {
                if !options.calls_off.is_empty() {
                    self.call_off(&track.path(), &options.calls_off)?;
                }
                Err(Trouble::Failed(Box::new(raised(tripped.failure, tripped.error))))
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// It tripped in an earlier session, and the script caught that: it is given again.
    fn tripped_before(&self, path: &Path) -> Option<Trouble> {
        let mut state = self.state();
        let since = state.history.parent_begun(path);
        let entry = state.guards_entered.entry((since, path.clone())).or_default();
        let nth = *entry;
        *entry += 1;
        let trips = state.history.trips.get(path).into_iter().flatten();
        let mut caught = trips.filter(|(number, _)| *number > since && state.history.is_caught(*number));
        caught.nth(nth).map(|(number, error)| Trouble::Failed(Box::new(raised(*number, error.clone()))))
    }

    fn is_guard_passed(&self, path: &Path) -> bool {
        let state = self.state();
        state.history.guards_passed.get(path).is_some_and(|number| *number > state.history.parent_begun(path))
    }

    fn wait_until_all_is_well(&self, guarding: &Guarding) -> Result<(), Trouble> {
        loop {
            let trouble = {
                let seen = guarding.seen();
                match &seen.found {
                    Some(Found::Trouble(trouble)) => Some(trouble.clone()),
                    _ if seen.was_well => return Ok(()),
                    _ => None,
                }
            };
            if let Some(trouble) = trouble {
                return Err(trouble);
            }
            self.rest(LOOK_AGAIN)?;
        }
    }

    /// At a safe point: what a guard around it has found.
    pub(crate) fn refuse_what_guards_found(&self, track: &crate::run::track::Track) -> Result<(), Halt> {
        track.guards().iter().find_map(|guarding| self.halt_of(guarding)).map_or(Ok(()), |halt| Err(halt?))
    }

    /// Recorded by the first who meets it.
    fn halt_of(&self, guarding: &Guarding) -> Option<Result<Halt, Halt>> {
        let mut seen = guarding.seen();
        if let Some(halt) = &seen.halt {
            return Some(Ok(halt.clone()));
        }
        let Some(Found::Wrong(evidence, error)) = &seen.found else { return None };
        let (path, evidence) = (guarding.path.clone(), evidence.clone());
        let recorded = self.record(Record::GuardTripped { path: path.clone(), evidence, error: error.clone() });
        let tripped = |failure| Halt::Tripped(Box::new(Tripped { guard: path, failure, error: error.clone() }));
        let halt = recorded.map(|entry| tripped(entry.seq));
        seen.halt = halt.clone().ok();
        Some(halt)
    }

    /// The thread beside the body.
    fn look_beside(
        &self,
        guarding: &Guarding,
        options: &GuardOptions,
        mut test: impl FnMut() -> Result<Vec<String>, Trouble>,
    ) {
        let mut spells = Spells::default();
        loop {
            let look = test();
            if guarding.seen().is_over {
                return;
            }
            let was_well = guarding.seen().was_well;
            let found = match look {
                Ok(evidence) if evidence.is_empty() => {
                    guarding.seen().was_well = true;
                    if spells.all_is_well() {
                        self.tell_sight(guarding, Sight::Well, "");
                    }
                    None
                }
                Ok(evidence) => self.bear(guarding, &mut spells, Sight::Wrong, options.grace, evidence),
                Err(Trouble::Failed(raised)) if was_well || raised.error.retriable => {
                    self.bear(guarding, &mut spells, Sight::Blind, options.blind, vec![raised.error.message])
                }
                Err(Trouble::Halt(Halt::Interrupted)) => return,
                Err(trouble) => Some(Found::Trouble(trouble)),
            };
            if let Some(found) = found {
                guarding.find(found);
                return;
            }
            let every = if guarding.seen().was_well { options.every } else { options.every.min(AT_FIRST) };
            if guarding.pause(spells.cut(every, options)) {
                return;
            }
        }
    }

    /// What a look found is told when it begins, and is a find when it has lasted too long.
    fn bear(
        &self,
        guarding: &Guarding,
        spells: &mut Spells,
        sight: Sight,
        limit: Duration,
        evidence: Vec<String>,
    ) -> Option<Found> {
        let (began, since) = spells.note(sight);
        let lasted = since.elapsed();
        if lasted < limit {
            if began {
                let text = format!("{}; this stops the run if it lasts {}", named(&evidence), duration::text(limit));
                self.tell_sight(guarding, sight, &text);
            }
            return None;
        }
        let name = guarding.path.last().map_or("", String::as_str);
        let text = match sight {
            Sight::Blind => format!("guard `{name}` cannot look for {}: {}", duration::text(limit), named(&evidence)),
            _ => format!("guard `{name}`: {}", named(&evidence)),
        };
        let hint =
            "nothing more was begun; mend it, then `krun resume`, which looks before it goes on; or `krun abort`";
        Some(Found::Wrong(evidence, Error::new("GUARD_FAILED", text).hint(hint)))
    }

    fn tell_sight(&self, guarding: &Guarding, sight: Sight, text: &str) {
        self.note(Progress::Guard { path: guarding.path.clone(), sight, text: text.to_owned() });
    }

    /// Takes back what steps beside the guard have under way of these effects, then what is temporary there: as an abort would. What
    /// stood before the guard is finished, and nothing stands behind it yet.
    fn call_off(&self, path: &[String], effects: &[&'static str]) -> Result<(), Trouble> {
        let (under_way, open) = {
            let state = self.state();
            let unfinished = state.history.unfinished_steps();
            let is_under_way = |intent: &crate::event::Intent| {
                effects.contains(&intent.effect.as_str())
                    && intent.path.starts_with(path)
                    && state.history.step_of(intent).is_some_and(|step| unfinished.contains(&step))
            };
            let is_inside =
                |temporary: &&Temporary| temporary.path.len() > path.len() && temporary.path.starts_with(path);
            let open = state.history.open_temporaries().filter(is_inside);
            (state.history.in_place(is_under_way), open.map(|open| open.path.clone()).collect::<Vec<_>>())
        };
        if self.may_put_back() {
            self.put_back_all(&under_way)?;
        }
        for temporary in open.into_iter().rev() {
            self.close(&temporary, false)?;
        }
        Ok(())
    }
}

/// Since when something is wrong, and since when it cannot look.
#[derive(Default)]
struct Spells {
    wrong: Option<Instant>,
    blind: Option<Instant>,
}

impl Spells {
    /// Whether that is news.
    fn all_is_well(&mut self) -> bool {
        let was_well = self.wrong.is_none() && self.blind.is_none();
        *self = Self::default();
        !was_well
    }

    /// What was wrong counts on while nobody can look: it was not seen to be well.
    fn note(&mut self, sight: Sight) -> (bool, Instant) {
        let spell = if sight == Sight::Blind {
            &mut self.blind
        } else {
            self.blind = None;
            &mut self.wrong
        };
        (spell.is_none(), *spell.get_or_insert_with(Instant::now))
    }

    /// Not longer than until a spell has lasted too long.
    fn cut(&self, every: Duration, options: &GuardOptions) -> Duration {
        let left = |since: Option<Instant>, limit: Duration| since.map(|since| limit.saturating_sub(since.elapsed()));
        let ends = [left(self.wrong, options.grace), left(self.blind, options.blind)];
        ends.into_iter().flatten().fold(every, Duration::min).max(LOOK_AGAIN)
    }
}

fn named(evidence: &[String]) -> String {
    let named = evidence.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    match evidence.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn raised(failure: u64, error: Error) -> Raised {
    Raised { failure: Some(failure), ..Raised::new(error) }
}
