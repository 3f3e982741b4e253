//! `wait_until`, `retry`, `sleep`: they obey safe points, and show what they wait for and how it is going.

use crate::error::Error;
use crate::event::Progress;
use crate::run::session::Session;
use crate::run::track::Scope;
use crate::run::trouble::{Halt, Trouble};
use std::time::{Duration, Instant};

/// The longest rest without a look at the clock: a window may close meanwhile.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What one look of a wait saw.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    pub is_over: bool,
    pub text: String,
    /// Bytes, where it is about bytes.
    pub done: Option<u64>,
    pub total: Option<u64>,
    /// It is over for a moment only, and nothing has come: the clock for a stall goes on.
    pub is_break: bool,
}

impl Look {
    fn seen(&self) -> String {
        if self.text.is_empty() { String::new() } else { format!("; last seen: {}", self.text) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct WaitOptions {
    pub every: Duration,
    pub timeout: Option<Duration>,
    /// Give up when the bytes have not grown for so long.
    pub stall: Option<Duration>,
    /// More of it follows: its end is not told, and the next wait of this name goes on with its clock and its pace.
    pub part: bool,
}

/// A wait as it goes on.
#[derive(Clone, Copy)]
pub(crate) struct Going {
    began: Instant,
    pace: Pace,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RetryOptions {
    pub times: u32,
    pub pause: Duration,
}

impl Session {
    /// Whether this thread is in the test of a wait or a guard.
    pub fn is_waiting(&self) -> bool {
        let track = self.track();
        track.has(Scope::Test) || track.has(Scope::GuardTest)
    }

    /// Looks again and again until it is over. A passing network fault is shown and is no failure.
    pub fn wait_until(
        &self,
        what: &str,
        options: &WaitOptions,
        mut test: impl FnMut() -> Result<Look, Trouble>,
    ) -> Result<(), Trouble> {
        let key = (self.track().item, what.to_owned());
        let going = self.state().waits.remove(&key);
        let Going { began, mut pace } = going.unwrap_or(Going { began: Instant::now(), pace: Pace::default() });
        // What is over soon is seen soon.
        let mut every = options.every.min(Duration::from_millis(50));
        loop {
            self.safe_point()?;
            let look = self.look(&mut test)?;
            let elapsed = began.elapsed();
            if look.is_over && options.part {
                pace.notice(elapsed, &look);
                // Whatever it waited for has come.
                if !look.is_break {
                    pace.grew_at = elapsed;
                }
                self.refuse_to_wait_longer(what, options, elapsed, pace.grew_at, &look)?;
                self.state().waits.insert(key, Going { began, pace });
                return Ok(());
            }
            if look.is_over {
                self.note(Progress::WaitOver { what: what.to_owned(), elapsed: elapsed.as_secs() });
                return Ok(());
            }
            self.note(Progress::Waiting {
                what: what.to_owned(),
                text: look.text.clone(),
                done: look.done,
                total: look.total,
                seconds_left: pace.seconds_left(elapsed, &look),
                elapsed: elapsed.as_secs(),
            });
            pace.notice(elapsed, &look);
            self.refuse_to_wait_longer(what, options, elapsed, pace.grew_at, &look)?;
            self.rest(every)?;
            every = (every * 2).min(options.every);
        }
    }

    fn look(&self, test: &mut impl FnMut() -> Result<Look, Trouble>) -> Result<Look, Trouble> {
        match self.within(Scope::Test, None, test) {
            Err(Trouble::Failed(raised)) if raised.error.retriable => {
                let saying = format!("cannot look: {} (trying again)", raised.error.message);
                Ok(Look { text: saying, ..Look::default() })
            }
            result => result,
        }
    }

    /// Runs `body` until it goes through, at most `times` times.
    pub fn retry<T>(&self, options: &RetryOptions, mut body: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut number = 1;
        loop {
            self.begin_try();
            let raised = match body() {
                Err(Trouble::Failed(raised)) if number < options.times => raised,
                result => return result,
            };
            self.warn(format!("try {number} of {} failed: {}; trying again", options.times, raised.error.message));
            number += 1;
            self.rest(options.pause)?;
        }
    }

    pub fn sleep(&self, how_long: Duration) -> Result<(), Trouble> {
        let began = Instant::now();
        while began.elapsed() < how_long {
            let left = how_long.saturating_sub(began.elapsed());
            if how_long >= Duration::from_secs(2) {
                self.note(Progress::Waiting {
                    what: "sleep".to_owned(),
                    text: String::new(),
                    done: None,
                    total: None,
                    seconds_left: Some(left.as_secs()),
                    elapsed: began.elapsed().as_secs(),
                });
            }
            self.rest(left.min(AT_ONCE))?;
        }
        Ok(())
    }

    fn begin_try(&self) {
        let mut state = self.state();
        state.last_try += 1;
        let number = state.last_try;
        state.set_try(number);
    }

    /// Does nothing for so long, and looks on the way whether the run is to be left.
    pub(crate) fn rest(&self, how_long: Duration) -> Result<(), Halt> {
        let began = Instant::now();
        loop {
            self.safe_point()?;
            let left = how_long.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            if !self.stop().sleep(left.min(AT_ONCE), self.patience()) {
                return Err(Halt::Interrupted);
            }
        }
    }
}

impl Session {
    fn refuse_to_wait_longer(
        &self,
        what: &str,
        options: &WaitOptions,
        elapsed: Duration,
        grew_at: Duration,
        look: &Look,
    ) -> Result<(), Error> {
        let is_typed = self.about().typed;
        if let Some(stall) = options.stall.filter(|stall| elapsed.saturating_sub(grew_at) >= *stall) {
            let message = format!("nothing came for {} s while waiting for: {what}{}", stall.as_secs(), look.seen());
            let again = if is_typed { "type it again" } else { "`krun resume`" };
            let hint = format!("mend what stands still, then {again}; or `krun abort`");
            return Err(Error::new("WAIT_STALLED", message).hint(hint));
        }
        if let Some(timeout) = options.timeout.filter(|timeout| elapsed >= *timeout) {
            let message = format!("waited {} s for: {what}{}", timeout.as_secs_f64(), look.seen());
            let again = if is_typed { "type it again" } else { "`krun resume` waits again" };
            return Err(Error::new("WAIT_TIMEOUT", message).hint(format!("look why, then {again}")));
        }
        Ok(())
    }
}

/// How fast the bytes have come so far.
#[derive(Clone, Copy, Default)]
struct Pace {
    first: Option<(Duration, u64)>,
    most: Option<u64>,
    grew_at: Duration,
}

impl Pace {
    /// Remembers when the bytes last grew. A look that could not look saw no bytes.
    fn notice(&mut self, now: Duration, look: &Look) {
        if look.done.is_some() && look.done > self.most {
            (self.most, self.grew_at) = (look.done, now);
        }
    }

    fn seconds_left(&mut self, now: Duration, look: &Look) -> Option<u64> {
        let (done, total) = (look.done?, look.total?);
        let (since, at_first) = *self.first.get_or_insert((now, done));
        let (came, took) = (done.checked_sub(at_first)?, now.saturating_sub(since).as_millis());
        let left = u128::from(total.saturating_sub(done));
        if came == 0 || took < 1000 {
            return None;
        }
        u64::try_from(left * took / u128::from(came) / 1000).ok()
    }
}
