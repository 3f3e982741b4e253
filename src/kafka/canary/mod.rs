//! A canary: records that are written all the time while something else happens, and the proof that none was lost.
//!
//! ```text
//! producer   writes at a rate, acks=all, idempotent           ┐
//! consumer   reads along as a group, read_committed, commits  ├→ ledger → tally
//! audit      reads the whole log again with a fresh client    → judgement → verdict
//! ```

mod audit;
mod consumer;
mod judgement;
mod ledger;
pub mod placement;
mod producer;
mod tally;
mod waits;

use super::Client;
use super::librdkafka::Contact;
use crate::error::Error;
use crate::event::canary::{Beat, Gap, Verdict};
use ledger::Ledger;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tally::Line;
use tokio::runtime::Handle;

/// How its topics' names begin.
pub const PREFIX: &str = "krun-canary-";

#[derive(Debug, Clone)]
pub struct Plan {
    pub topic: String,
    pub partitions: i32,
    /// Records per second, over all partitions.
    pub rate: u32,
    /// Without any progress for so long, what is not acknowledged or not read is given up.
    pub patience: Duration,
}

/// Cheap to clone; clones are one canary.
#[derive(Clone)]
pub struct Canary(Arc<Inner>);

struct Inner {
    client: Client,
    contact: Contact,
    plan: Plan,
    ledger: Mutex<Ledger>,
    phase: AtomicU8,
    beat: Mutex<Beat>,
    /// By partition: how far the consumer group has read.
    read_to: Mutex<BTreeMap<i32, i64>>,
    fault: Mutex<Option<Error>>,
}

/// What its threads are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Phase {
    Flow = 0,
    /// No new records; what is under way is waited for.
    Drain = 1,
    /// Nothing is under way any more; the consumer may have something to read.
    Drained = 2,
    /// End at once.
    Cut = 3,
}

impl Canary {
    /// Opens the ledger in this file. Nothing is sent yet.
    ///
    /// Errors: `CANARY_LEDGER`, `NOT_FOR_LIBRDKAFKA`.
    pub fn open(client: &Client, runtime: &Handle, plan: Plan, ledger: &Path) -> Result<Self, Error> {
        super::librdkafka::settings(client)?;
        Ok(Self(Arc::new(Inner {
            contact: Contact::new(client, runtime),
            client: client.clone(),
            plan,
            ledger: Mutex::new(Ledger::open(ledger)?),
            phase: AtomicU8::new(Phase::Flow as u8),
            beat: Mutex::default(),
            read_to: Mutex::default(),
            fault: Mutex::default(),
        })))
    }

    /// Writes until it is told to end. Blocks its thread; `tell` hears how it is going once a second.
    pub fn produce(&self, tell: impl Fn(&Beat)) {
        let produced = producer::produce(self, tell);
        self.keep(produced);
        self.enter(Phase::Drained);
    }

    /// Reads along until it is told to end and everything is read. Blocks its thread.
    pub fn consume(&self) {
        let consumed = consumer::consume(self);
        self.keep(consumed);
    }

    /// No new records from here on. The threads end by themselves once nothing is under way.
    pub fn end(&self) {
        self.enter(Phase::Drain);
    }

    /// The threads end at once.
    pub fn cut(&self) {
        self.enter(Phase::Cut);
    }

    /// What keeps it from proving anything, if so.
    pub fn fault(&self) -> Option<Error> {
        lock(&self.0.fault).clone()
    }

    /// How many were acknowledged in all sessions, and the longest time without.
    pub fn so_far(&self) -> (u64, Option<Gap>) {
        let ledger = self.ledger();
        (ledger.tally.acked_count(), ledger.tally.longest_gap)
    }

    /// Whether nothing is under way any more.
    pub fn is_drained(&self) -> bool {
        self.phase() >= Phase::Drained
    }

    /// The partitions in which nothing was acknowledged yet, in any session.
    pub fn silent(&self) -> Vec<i32> {
        let ends = lock(&self.0.ledger).tally.acked_ends();
        (0..self.0.plan.partitions).filter(|partition| !ends.contains_key(partition)).collect()
    }

    /// Whether an earlier session has watched already.
    pub fn goes_on(&self) -> bool {
        lock(&self.0.ledger).tally.session > 1
    }

    /// What the client last complained of.
    pub fn complaint(&self) -> Option<String> {
        self.0.contact.complaint()
    }

    /// Reads everything again and says what became of it; nothing where `give_up` came first. The threads have ended.
    pub fn judge(&self, give_up: &dyn Fn() -> bool) -> Result<Option<Verdict>, Error> {
        let Some(audit) = audit::read(self, give_up)? else { return Ok(None) };
        let ledger = self.ledger();
        let mut read_to = ledger.tally.committed.clone();
        for (partition, offset) in lock(&self.0.read_to).iter() {
            let to = read_to.entry(*partition).or_insert(*offset);
            *to = (*to).max(*offset);
        }
        Ok(Some(judgement::verdict(&self.0.plan.topic, &ledger.tally, &audit, &read_to)))
    }

    fn plan(&self) -> &Plan {
        &self.0.plan
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.0.ledger)
    }

    fn write(&self, line: &Line) -> Result<(), Error> {
        self.ledger().write(line)
    }

    fn phase(&self) -> Phase {
        match self.0.phase.load(Ordering::SeqCst) {
            0 => Phase::Flow,
            1 => Phase::Drain,
            2 => Phase::Drained,
            _ => Phase::Cut,
        }
    }

    fn enter(&self, phase: Phase) {
        self.0.phase.fetch_max(phase as u8, Ordering::SeqCst);
    }

    /// The first fault is the one that is told.
    fn keep(&self, result: Result<(), Error>) {
        if let Err(error) = result {
            lock(&self.0.fault).get_or_insert(error);
        }
    }
}

/// A panic elsewhere leaves these whole: each is changed by one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client_error(what: &str, error: &rdkafka::error::KafkaError) -> Error {
    Error::new("CANARY_CLIENT", format!("the canary's {what} does not work: {error}"))
}
