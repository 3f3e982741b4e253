//! What a canary saw: the vocabulary of its verdict.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of all that a canary wrote, in every session of the run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verdict {
    pub topic: String,
    pub sent: u64,
    pub acked: u64,
    /// Acknowledged, and read again at the end: by a fresh reader of the whole log, and by the consumer group.
    pub read: u64,
    /// Acknowledged, and not there, though everything up to the end of the log was read.
    pub lost: u64,
    /// Acknowledged, and not read by the end: nobody knows whether it is there.
    pub unread: u64,
    /// Acknowledged, and before the start of the log now: retention, or somebody deleted records.
    pub expired: u64,
    /// Read more than once.
    pub duplicates: u64,
    /// Given up by the producer: refused, or not acknowledged in time.
    pub failed: u64,
    /// Why, of the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_because: Option<String>,
    /// Where the lost ones were.
    pub lost_at: Vec<Span>,
    /// Commits of the consumer group that were acknowledged and are not there any more.
    pub commits_lost: Vec<LostCommit>,
    /// Why the commits could not be read again, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits_unread: Option<String>,
    /// Why it could not watch to the end, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    pub not_watched: Vec<Period>,
    pub longest_gap: Option<Gap>,
    /// Of the time from sending to acknowledgement, in milliseconds.
    pub p99_ms: u64,
}

impl Verdict {
    /// It watched to the end, and all that was acknowledged is accounted for.
    pub fn is_good(&self) -> bool {
        self.lost == 0
            && self.unread == 0
            && self.commits_lost.is_empty()
            && self.commits_unread.is_none()
            && self.fault.is_none()
    }
}

/// Offsets of a partition, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub partition: i32,
    pub first: i64,
    pub last: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostCommit {
    pub partition: i32,
    pub was: i64,
    /// Nothing: the group has no commit there at all.
    pub now: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// How long records waited in a partition, and none was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub partition: i32,
    pub from: Timestamp,
    pub ms: u64,
}

/// How it is going.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Beat {
    pub sent: u64,
    pub acked: u64,
    /// By the consumer group, in this session.
    pub read: u64,
    /// Acknowledged in the last second.
    pub per_second: u64,
    /// For how long records wait in some partition, and none is acknowledged.
    pub gap_ms: u64,
    /// What the client last complained of, while something waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<String>,
}
