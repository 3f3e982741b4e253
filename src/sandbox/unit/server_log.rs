//! `server.log`: what a broker says of its start and its end, in log4j's form.

use crate::sandbox::host::{LOG, path::Root};
use std::io::Write;

/// Appends lines as they are. A log that cannot be written keeps no broker from anything.
pub(super) fn append(root: &Root, lines: &[String]) {
    let Ok(place) = root.place(LOG) else { return };
    let Ok(mut log) = std::fs::OpenOptions::new().create(true).append(true).open(place) else { return };
    let _ = log.write_all(lines.iter().fold(String::new(), |text, line| format!("{text}{line}\n")).as_bytes());
}

/// `[2026-11-28 09:13:37,123] ERROR text (logger)`, by UTC.
pub(super) fn line(level: &str, text: &str, logger: &str) -> String {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S,%3f");
    format!("[{now}] {level} {text} ({logger})")
}
