//! `parallel`: one step for each item, one after the other or several at once.
//!
//! Each item is a step below the name of the `parallel`. The items are taken in this order, whichever thread takes them:
//!
//! 1. those that a session before has recorded: they give what is recorded, and recorded failures count for `stop_after`;
//! 2. those that were begun and have no outcome, then those that failed: they are entered whatever has failed meanwhile, since
//!    nothing may go on over them;
//! 3. those that are new, until `stop_after` have failed.
//!
//! So the rule that a begun step comes before anything new holds for each item by itself: a begun step inside an item holds
//! back what is new in that item and what comes after the `parallel`, and not what other items do, which cannot pass
//! it by. An item that failed is done anew on resume unless the script went on after the `parallel`: other items say nothing
//! about whether a failure was caught.
//!
//! Several at once have a thread each. A halt of one, such as a question that nobody answers, is the halt of all at their next safe
//! points; the `parallel` is left when all threads have ended, so nothing around it is put back while one is at work.

use crate::error::Error;
use crate::event::{Path, Record};
use crate::run::session::Session;
use crate::run::step::{check_name, passed_by, refuse_a_step_here};
use crate::run::track::{Leaving, Scope};
use crate::run::trouble::{Halt, Trouble};
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The stack of a thread that runs a script: a step in a step in a function costs several native frames a level.
pub const STACK: usize = 32 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParallelOptions {
    /// How many items are worked on at the same time, from 1.
    pub at_once: usize,
    /// After so many failures no new item is begun, from 1.
    pub stop_after: usize,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemOutcome {
    Ok(Value),
    Failed(Error),
    /// It failed since its host or broker could not be reached.
    Unreachable(Error),
    NotStarted,
}

/// How an item stands when the script comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Recorded,
    Begun,
    /// It failed, and is done anew.
    Failed,
    New,
}

impl Session {
    /// Runs `body` as a step for each item, by its number, and gives the outcomes in the order of the items.
    pub fn parallel(
        &self,
        name: &str,
        items: &[String],
        options: ParallelOptions,
        body: impl Fn(usize) -> Result<Value, Trouble> + Sync,
    ) -> Result<Vec<ItemOutcome>, Trouble> {
        check_name("parallel", name)?;
        check_items(name, items)?;
        let track = self.track();
        refuse_a_step_here("parallel", name, &track)?;
        self.safe_point()?;
        let path = track.path_to(name);
        self.refuse_a_second("PARALLEL_NAME_TWICE", "parallel", &path)?;
        self.refuse_lost_items(&path, items)?;
        let queue = Queue::new(self.in_their_order(&path, items), options.stop_after);
        let step = |index: usize| self.step(&items[index], || body(index));
        self.within(Scope::Parallel, Some(name), || {
            while let Some(index) = queue.next_recorded() {
                queue.settle(index, step(index));
            }
        });
        if queue.has_work() {
            let (items, at_once) = (items.to_vec(), options.at_once);
            self.record(Record::ParallelBegun { path: path.clone(), items: items.clone(), at_once })?;
            if at_once == 1 {
                self.within(Scope::Parallel, Some(name), || queue.work_off(step));
            } else {
                self.settle_unknown_put_backs()?;
                self.begin_claims(&path);
                let workers = at_once.min(queue.open().waiting.len());
                on_threads(workers, &queue.leaving, || {
                    queue.work_off(|index| {
                        let track = track.for_item(name, &items[index], &queue.leaving);
                        self.standing_at(track, || step(index))
                    });
                });
                self.end_claims(&path);
            }
            queue.left()?;
            self.record(queue.counted(path))?;
        }
        queue.left()?;
        Ok(queue.outcomes())
    }

    fn in_their_order(&self, path: &[String], items: &[String]) -> Vec<Standing> {
        let path_of = |item: &String| path.iter().chain([item]).cloned().collect::<Path>();
        items.iter().map(|item| self.standing(&path_of(item))).collect()
    }

    /// An item that was begun and is none any more would never be entered again.
    fn refuse_lost_items(&self, path: &[String], items: &[String]) -> Result<(), Halt> {
        let state = self.state();
        let lost = state.history.items_passed_by(path, items);
        let lost = lost.into_iter().find(|step| !state.tries.contains_key(step));
        lost.map_or(Ok(()), |step| Err(Halt::Broken(passed_by(&step, "a parallel that has no such item any more"))))
    }
}

fn check_items(name: &str, items: &[String]) -> Result<(), Error> {
    let mut known = BTreeSet::new();
    for item in items {
        check_name("parallel's item", item)?;
        if !known.insert(item) {
            return Err(Error::new("ITEM_TWICE", format!("`{item}` is twice among the items of parallel `{name}`"))
                .hint("each item is a step of that name: a resumed run tells them apart by it"));
        }
    }
    Ok(())
}

/// What is still to be done, and what came of the rest.
struct Queue {
    open: Mutex<Open>,
    leaving: Leaving,
}

struct Open {
    waiting: VecDeque<(usize, Standing)>,
    outcomes: Vec<ItemOutcome>,
    failures: usize,
    stop_after: usize,
}

impl Open {
    fn may_begin(&self, standing: Standing) -> bool {
        standing != Standing::New || self.failures < self.stop_after
    }
}

impl Queue {
    fn new(items: Vec<Standing>, stop_after: usize) -> Self {
        let outcomes = vec![ItemOutcome::NotStarted; items.len()];
        let mut waiting: Vec<(usize, Standing)> = items.into_iter().enumerate().collect();
        waiting.sort_by_key(|(_, standing)| *standing);
        let open = Open { waiting: waiting.into(), outcomes, failures: 0, stop_after };
        Self { open: Mutex::new(open), leaving: Leaving::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaving(&self) -> MutexGuard<'_, Option<Halt>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the `parallel` is to be left, if it is.
    fn left(&self) -> Result<(), Halt> {
        self.leaving().clone().map_or(Ok(()), Err)
    }

    fn next_recorded(&self) -> Option<usize> {
        self.next_if(|_, standing| standing == Standing::Recorded)
    }

    fn next_if(&self, wanted: impl Fn(&Open, Standing) -> bool) -> Option<usize> {
        if self.left().is_err() {
            return None;
        }
        let mut open = self.open();
        open.waiting
            .front()
            .is_some_and(|(_, standing)| wanted(&open, *standing))
            .then(|| open.waiting.pop_front())?
            .map(|(index, _)| index)
    }

    fn has_work(&self) -> bool {
        let open = self.open();
        self.left().is_ok() && open.waiting.front().is_some_and(|(_, standing)| open.may_begin(*standing))
    }

    /// What each thread does: one item after the other, as long as there are some that may be begun.
    fn work_off(&self, step: impl Fn(usize) -> Result<Value, Trouble>) {
        while let Some(index) = self.next_if(Open::may_begin) {
            self.settle(index, step(index));
        }
    }

    fn settle(&self, index: usize, result: Result<Value, Trouble>) {
        let outcome = match result {
            Ok(value) => ItemOutcome::Ok(value),
            Err(Trouble::Failed(raised)) if is_unreachable(&raised.error) => ItemOutcome::Unreachable(raised.error),
            Err(Trouble::Failed(raised)) => ItemOutcome::Failed(raised.error),
            Err(Trouble::Halt(halt)) => {
                self.leaving().get_or_insert(halt);
                return;
            }
        };
        let mut open = self.open();
        open.failures += usize::from(!matches!(outcome, ItemOutcome::Ok(_)));
        open.outcomes[index] = outcome;
    }

    fn counted(&self, path: Path) -> Record {
        let open = self.open();
        let count = |wanted: fn(&ItemOutcome) -> bool| open.outcomes.iter().filter(|one| wanted(one)).count();
        Record::ParallelEnded {
            path,
            ok: count(|one| matches!(one, ItemOutcome::Ok(_))),
            failed: count(|one| matches!(one, ItemOutcome::Failed(_))),
            unreachable: count(|one| matches!(one, ItemOutcome::Unreachable(_))),
            not_started: count(|one| matches!(one, ItemOutcome::NotStarted)),
        }
    }

    fn outcomes(self) -> Vec<ItemOutcome> {
        self.open.into_inner().unwrap_or_else(PoisonError::into_inner).outcomes
    }
}

/// Comes back when all threads have ended.
fn on_threads(count: usize, leaving: &Leaving, work: impl Fn() + Sync) {
    let fault = |why: &str| {
        let error = Error::new("SCRIPT_THREAD", format!("a thread of `parallel` {why}"));
        let halt = Halt::Broken(error.hint("this is a fault of krun; `krun resume` goes on"));
        leaving.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(halt);
    };
    std::thread::scope(|scope| {
        let begin =
            |_| std::thread::Builder::new().name("item".to_owned()).stack_size(STACK).spawn_scoped(scope, &work);
        let threads: Vec<_> = (0..count).map(begin).collect();
        for thread in threads {
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(())) => {}
                Ok(Err(_)) => fault("did not run to its end"),
                Err(error) => fault(&format!("cannot be begun: {error}")),
            }
        }
    });
}

/// Nothing was asked of the host or broker, since there was no way to it.
fn is_unreachable(error: &Error) -> bool {
    const CODES: [&str; 7] = [
        "SSH_UNREACHABLE",
        "HOST_UNREACHABLE",
        "HOST_NOT_FOUND",
        "CONNECTION_REFUSED",
        "CONNECT_FAILED",
        "CONNECT_TIMEOUT",
        "NO_ANSWER",
    ];
    CODES.contains(&error.code.as_str())
}
