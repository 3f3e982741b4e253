//! Being told to stop: Ctrl-C once, twice, three times, SIGTERM, SIGHUP.
//!
//! The one who hears the signals raises the level; the run looks at it at its safe points, and everything that blocks
//! waits for level `Now` beside its own business.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    Run = 0,
    /// Stop at the next safe point.
    Soon = 1,
    /// Stop at once: even a call that is under way.
    Now = 2,
    /// Leave the process.
    Exit = 3,
}

impl Level {
    fn of(number: u8) -> Self {
        match number {
            0 => Self::Run,
            1 => Self::Soon,
            2 => Self::Now,
            _ => Self::Exit,
        }
    }
}

/// Shared between whoever hears the signals and the run.
#[derive(Debug, Clone)]
pub struct Stop(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    level: AtomicU8,
    detached: AtomicBool,
    changed: watch::Sender<u8>,
}

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(Shared {
            level: AtomicU8::new(0),
            detached: AtomicBool::new(false),
            changed: watch::Sender::new(0),
        }))
    }
}

impl Stop {
    /// One more signal: the next level.
    pub fn press(&self) -> Level {
        self.press_up_to(Level::Exit)
    }

    /// The same where nobody wants more than `most`. Of several threads, each counts.
    pub fn press_up_to(&self, most: Level) -> Level {
        let next = |level: u8| (level < most as u8).then(|| level + 1);
        let before = self.0.level.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        let level = before.map_or_else(|level| level, |before| before + 1);
        self.0.changed.send_if_modified(|told| {
            let is_more = level > *told;
            *told = level.max(*told);
            is_more
        });
        Level::of(level)
    }

    /// What was to be stopped has stopped, and something else begins.
    pub fn rest(&self) {
        self.0.level.store(0, Ordering::SeqCst);
        self.0.changed.send_replace(0);
    }

    pub fn level(&self) -> Level {
        Level::of(self.0.level.load(Ordering::SeqCst))
    }

    /// The terminal is gone: go on, and stop at the next question.
    pub fn detach(&self) {
        self.0.detached.store(true, Ordering::SeqCst);
    }

    pub fn detached(&self) -> bool {
        self.0.detached.load(Ordering::SeqCst)
    }

    /// Comes back once the level is at least `level`.
    pub async fn reached(&self, level: Level) {
        let mut watcher = self.0.changed.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = watcher.wait_for(|now| *now >= level as u8).await;
    }

    /// Sleeps on the calling thread; false if `level` was reached first.
    pub fn sleep(&self, how_long: Duration, level: Level) -> bool {
        let until = std::time::Instant::now() + how_long;
        loop {
            if self.level() >= level {
                return false;
            }
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_is_one_level_and_the_third_is_the_last() {
        let stop = Stop::default();
        assert_eq!(stop.level(), Level::Run);
        assert_eq!(
            [stop.press(), stop.press(), stop.press(), stop.press()],
            [Level::Soon, Level::Now, Level::Exit, Level::Exit]
        );
        stop.rest();
        assert_eq!((stop.level(), stop.press()), (Level::Run, Level::Soon));
        assert_eq!([stop.press_up_to(Level::Now), stop.press_up_to(Level::Now)], [Level::Now, Level::Now]);
    }

    #[test]
    fn a_sleep_ends_when_told_to_stop() {
        let stop = Stop::default();
        stop.press();
        assert!(!stop.sleep(Duration::from_hours(1), Level::Soon));
        assert!(stop.sleep(Duration::from_millis(1), Level::Now));
    }
}
