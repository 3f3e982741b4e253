//! `within`: work that is only done while a window is open.
//!
//! The clock on the wall is read at each safe point, never a time that was worked out before: it may jump, and a machine
//! may have slept.

use crate::event::Progress;
use crate::quantity::Window;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::track::Track;
use crate::run::trouble::{Halt, Trouble};
use jiff::{Timestamp, tz::TimeZone};
use std::time::{Duration, Instant};

/// How often a run that waits for its window looks at the clock.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// It waits for hours: its record and its log need not grow with each look.
const TELL_AGAIN: Duration = Duration::from_mins(1);

impl Session {
    /// Does `body` while the window is open. Where it is closed, at the beginning or at a safe point inside, the run is
    /// left as by a Ctrl-C, and can be resumed.
    pub fn within_window<T>(&self, window: Window, body: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        self.inside(
            |track| track.enter_window(window),
            || {
                self.safe_point()?;
                body()
            },
        )
    }

    pub(crate) fn refuse_closed_windows(track: &Track) -> Result<(), Halt> {
        let now = Timestamp::now();
        let closed = track.windows().iter().find(|window| !window.is_open(now));
        closed.map_or(Ok(()), |window| {
            let (since, opens) = (window.closed_since(now), window.next_opening(now));
            Err(Halt::WindowClosed { window: window.to_string(), since, opens })
        })
    }

    /// Waits until a window is open, holding the lock. False where somebody says to stop first.
    pub fn wait_until_open(&self, window: &Window) -> bool {
        let (began, mut told) = (Instant::now(), None);
        let what = format!("the window {window}");
        self.lock_at(&[format!("waiting for {what}")]);
        loop {
            let (now, elapsed) = (Timestamp::now(), began.elapsed());
            if window.is_open(now) {
                self.note(Progress::WaitOver { what, elapsed: elapsed.as_secs() });
                return true;
            }
            if told.is_none_or(|told: Duration| elapsed >= told + TELL_AGAIN) {
                told = Some(elapsed);
                self.note(waiting(&what, window, now, elapsed));
            }
            if !self.stop().sleep(LOOK_AGAIN, Level::Soon) {
                return false;
            }
        }
    }
}

fn waiting(what: &str, window: &Window, now: Timestamp, elapsed: Duration) -> Progress {
    let opens = window.next_opening(now);
    let at = |opens| format!("opens {}", window.on_both_clocks(opens, &TimeZone::system()));
    let left = opens.map(|opens| now.duration_until(opens).as_secs());
    Progress::Waiting {
        what: what.to_owned(),
        text: opens.map(at).unwrap_or_default(),
        done: None,
        total: None,
        seconds_left: left.and_then(|left| u64::try_from(left).ok()),
        elapsed: elapsed.as_secs(),
    }
}
