//! What bounds a script that never stops collecting: the memory of the process.

use crate::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Some times what a cluster of 100,000 partitions takes as script values.
const MOST: u64 = 1 << 30;
/// Microseconds between two looks. Whatever grows by doubling itself takes longer than this long before it is large: it is seen in
/// time, and a look a millisecond costs nothing.
const EVERY: u64 = 1000;

pub(super) struct Memory {
    began: Instant,
    /// When to look again, in microseconds since then.
    next: AtomicU64,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), next: AtomicU64::new(0) }
    }

    /// Asked after every operation: why the script must end, if the process has become too large.
    pub(super) fn is_used_up(&self) -> Option<Error> {
        let now = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if now < self.next.load(Ordering::Relaxed) {
            return None;
        }
        self.next.store(now.saturating_add(EVERY), Ordering::Relaxed);
        if resident()? <= MOST {
            return None;
        }
        let text = format!("the script uses more than {} GiB of memory", MOST >> 30);
        Some(Error::new("SCRIPT_LIMIT", text).hint("is there a loop that never stops adding to an array or a string?"))
    }
}

/// Bytes of this process that are in memory; none where the system does not tell.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_common_size_goes_on() {
        let now = resident();
        assert!(now.is_none_or(|bytes| bytes > 1 << 20 && bytes < MOST), "{now:?}");
        assert_eq!(Memory::new().is_used_up(), None);
    }
}
