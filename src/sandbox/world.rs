//! The cluster in time and among its clients: one lock, a clock, and who is connected.

use super::cluster::Cluster;
use super::fault::{Fault, Faults};
use kafka_protocol::messages::ApiKey;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Where a sandbox tells what an operator may want to read later.
pub type Log = fn(&str);

#[derive(Debug)]
pub(super) struct World {
    pub(super) log: Log,
    state: Mutex<State>,
    contacts: Mutex<Contacts>,
    requests: AtomicU64,
    /// After each request and each tick: who waits for something may look again.
    pub(super) changed: Notify,
}

#[derive(Debug)]
struct State {
    cluster: Cluster,
    faults: Faults,
    /// Until when replicas have been copied.
    now: Instant,
}

#[derive(Debug)]
struct Contacts {
    open: usize,
    last: Instant,
}

/// Somebody who is connected; dropped when they are gone.
pub(super) struct Contact(Arc<World>);

impl World {
    pub(super) fn new(cluster: Cluster, log: Log) -> Self {
        let now = Instant::now();
        Self {
            log,
            state: Mutex::new(State { cluster, faults: Faults::default(), now }),
            contacts: Mutex::new(Contacts { open: 0, last: now }),
            requests: AtomicU64::new(0),
            changed: Notify::new(),
        }
    }

    /// Works on the cluster as it is at this moment.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Cluster) -> T) -> T {
        let mut state = held(&self.state);
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(state.now);
        state.now = now;
        state.cluster.advance(elapsed);
        work(&mut state.cluster)
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        held(&self.state).faults.add(fault);
    }

    pub(super) fn take_fault(&self, api: ApiKey, broker: i32) -> Option<Fault> {
        held(&self.state).faults.take(api, broker)
    }

    /// A number that no other request has.
    pub(super) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn contact(self: &Arc<Self>) -> Contact {
        held(&self.contacts).open += 1;
        Contact(Arc::clone(self))
    }

    /// How long nobody has been connected.
    pub(super) fn idle(&self) -> Duration {
        let contacts = held(&self.contacts);
        if contacts.open > 0 { Duration::ZERO } else { contacts.last.elapsed() }
    }
}

impl Drop for Contact {
    fn drop(&mut self) {
        let mut contacts = held(&self.0.contacts);
        contacts.open = contacts.open.saturating_sub(1);
        contacts.last = Instant::now();
    }
}

/// A thread that panicked does not take the lock with it.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
