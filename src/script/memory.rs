//! What bounds a script that never stops collecting: the memory of the process.

use crate::error::Error;

/// Ten times what a cluster of 100,000 partitions takes as script values.
const MOST: u64 = 4 << 30;
/// A look costs some microseconds, so not every operation is worth one.
const EVERY: u64 = 1024;

/// After so many operations of a script: why it must end, if the process has become too large.
pub(super) fn is_used_up(operations: u64) -> Option<Error> {
    if !operations.is_multiple_of(EVERY) || resident()? <= MOST {
        return None;
    }
    let text = format!("the script uses more than {} GiB of memory", MOST >> 30);
    Some(Error::new("SCRIPT_LIMIT", text).hint("is there a loop that never stops adding to an array or a string?"))
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
        assert_eq!(is_used_up(EVERY), None);
    }
}
