//! When a request is sent once more, and after what pause.

use super::fault::Fault;
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

/// With these a broker says that it has not applied a change, and that the right one, or a later moment, may.
const NOT_APPLIED: [&str; 7] = [
    "NOT_CONTROLLER",
    "NOT_COORDINATOR",
    "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_LEADER_OR_FOLLOWER",
    "LEADER_NOT_AVAILABLE",
    "THROTTLING_QUOTA_EXCEEDED",
];

/// Found by the router, from fresh metadata: waiting for a broker to come back is the script's affair.
pub const NOT_LISTED: &str = "BROKER_NOT_AVAILABLE";

/// Whether one more attempt can do no harm and may help.
pub(crate) fn is_repeatable(mode: Mode, fault: &Fault) -> bool {
    match (mode, fault) {
        (_, Fault::Unsent(error)) => error.retriable && error.code != NOT_LISTED,
        (Mode::Read, Fault::Unanswered(error) | Fault::Answered(error)) => error.retriable,
        (Mode::Write, Fault::Unanswered(_)) => false,
        (Mode::Write, Fault::Answered(error)) => NOT_APPLIED.contains(&error.code.as_str()),
    }
}

/// The attempts of one call: pauses that double, up to a second, until its deadline.
pub(crate) struct Attempts {
    started: Instant,
    until: Instant,
    pause: Duration,
    made: u32,
}

impl Attempts {
    pub(crate) fn within(call: Duration) -> Self {
        let started = Instant::now();
        Self { started, until: started + call, pause: Duration::from_millis(50), made: 1 }
    }

    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Pauses before the next attempt; false where the deadline would pass meanwhile.
    pub(crate) async fn again(&mut self) -> bool {
        if Instant::now() + self.pause >= self.until {
            return false;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_secs(1));
        self.made += 1;
        true
    }

    /// What the last error should add, where it was not the first: ` (tried 9 times in 30s)`.
    pub(crate) fn told(&self) -> String {
        match self.made {
            1 => String::new(),
            made => format!(" (tried {made} times in {:.0?})", self.started.elapsed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Mode, NOT_APPLIED, is_repeatable};
    use crate::error::Error;

    #[test]
    fn a_write_repeats_only_if_certainly_not_applied() {
        let lost = || Error::new("CONNECTION_LOST", "x").retriable();
        assert!(is_repeatable(Mode::Write, &Fault::Unsent(lost())));
        assert!(!is_repeatable(Mode::Write, &Fault::Unanswered(lost())));
        for code in NOT_APPLIED {
            assert!(is_repeatable(Mode::Write, &Fault::Answered(Error::new(code, "x"))));
        }
        for code in ["REQUEST_TIMED_OUT", "NETWORK_EXCEPTION", "REPLICA_NOT_AVAILABLE", "TOPIC_ALREADY_EXISTS"] {
            assert!(!is_repeatable(Mode::Write, &Fault::Answered(Error::new(code, "x").retriable())), "{code}");
        }
    }

    #[test]
    fn a_read_repeats_on_what_may_pass() {
        let fault = |retriable| {
            let error = Error { retriable, ..Error::new("ANY", "x") };
            [Fault::Unsent(error.clone()), Fault::Unanswered(error.clone()), Fault::Answered(error)]
        };
        assert!(fault(true).iter().all(|fault| is_repeatable(Mode::Read, fault)));
        assert!(!fault(false).iter().any(|fault| is_repeatable(Mode::Read, fault)));
    }
}
