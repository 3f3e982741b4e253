//! How effects and reads reach the cluster and its hosts: a call blocks its thread, and ends when the run must stop now.

use crate::error::{Error, Failure};
use crate::host::Hosts;
use crate::kafka::Client;
use crate::run::stop::{Level, Stop};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    pub client: Client,
    pub hosts: Hosts,
    handle: Handle,
    stop: Stop,
    slow: Arc<Mutex<Option<Slow>>>,
    sending: Arc<Mutex<Option<Sending>>>,
}

/// Hears of a call that takes long: for how many seconds by now.
pub type Slow = Box<dyn Fn(u64) + Send>;

/// Hears how far an upload is: what goes where, bytes sent, of how many.
pub type Sending = Box<dyn FnMut(&str, u64, u64) + Send>;

/// A call that has no answer for so long is told of, and again each time as long.
const LONG: Duration = Duration::from_secs(10);

impl Connection {
    pub fn new(client: Client, hosts: Hosts, handle: Handle, stop: Stop) -> Self {
        Self { client, hosts, handle, stop, slow: Arc::default(), sending: Arc::default() }
    }

    /// The same for a thread beside the script: with connections to the brokers of its own, and told to stop by itself.
    pub fn apart(&self, stop: Stop) -> Result<Self, Error> {
        Ok(Self::new(self.client.apart()?, self.hosts.clone(), self.handle.clone(), stop))
    }

    /// Where calls of other threads run.
    pub fn runtime(&self) -> &Handle {
        &self.handle
    }

    /// Who is told when a call takes long, if anybody.
    pub fn when_slow(&self, tell: Option<Slow>) {
        *self.slow.lock().unwrap_or_else(PoisonError::into_inner) = tell;
    }

    /// Who is told how far an upload is, if anybody.
    pub fn when_sending(&self, tell: Option<Sending>) {
        *self.sending.lock().unwrap_or_else(PoisonError::into_inner) = tell;
    }

    pub(super) fn tell_sending(&self, what: &str, sent: u64, of: u64) {
        if let Some(tell) = &mut *self.sending.lock().unwrap_or_else(PoisonError::into_inner) {
            tell(what, sent, of);
        }
    }

    fn tell_slow(&self, seconds: u64) {
        if let Some(tell) = &*self.slow.lock().unwrap_or_else(PoisonError::into_inner) {
            tell(seconds);
        }
    }

    /// A call that changes nothing.
    pub fn read<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.unless_stopped(call).unwrap_or_else(|| Err(interrupted()))
    }

    /// A call that changes something: interrupted, it may have happened.
    pub fn write<T>(&self, call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.unless_stopped(call).unwrap_or_else(|| Err(Failure::Unknown(interrupted())))
    }

    /// Whether whatever is under way is to be left now.
    pub fn is_stopped(&self) -> bool {
        self.stop.level() >= Level::Now
    }

    fn unless_stopped<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        let began = Instant::now();
        self.handle.block_on(async {
            tokio::pin!(call);
            loop {
                tokio::select! {
                    biased;
                    () = self.stop.reached(Level::Now) => return None,
                    result = &mut call => return Some(result),
                    () = tokio::time::sleep(LONG) => self.tell_slow(began.elapsed().as_secs()),
                }
            }
        })
    }
}

pub const INTERRUPTED: &str = "INTERRUPTED";

fn interrupted() -> Error {
    Error::new(INTERRUPTED, "interrupted by a second Ctrl-C")
}
