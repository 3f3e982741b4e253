//! The points at which a test may kill the process: before and after each line of the journal and each act.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the points of one process; at the n-th the process kills itself, as a power cut would.
#[derive(Debug, Default)]
pub struct KillPoints {
    passed: AtomicU64,
    kill_at: Option<u64>,
}

impl KillPoints {
    pub fn new(kill_at: Option<u64>) -> Self {
        Self { passed: AtomicU64::new(0), kill_at }
    }

    pub fn pass(&self) {
        let now = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if self.kill_at == Some(now) {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }

    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
}
