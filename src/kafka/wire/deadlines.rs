//! How long the client waits.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Finding the host and opening the TCP connection.
    pub connect: Duration,
    /// One request on a connection, until its whole answer is there.
    pub request: Duration,
    /// One call with its retries: no attempt begins later.
    pub call: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), request: Duration::from_secs(10), call: Duration::from_secs(30) }
    }
}

impl Deadlines {
    /// What a broker is told to take at most: a little less than krun waits, so that its own answer still comes.
    pub(crate) fn broker_timeout_ms(&self) -> i32 {
        let told = self.request * 4 / 5;
        i32::try_from(told.as_millis()).unwrap_or(i32::MAX)
    }
}
