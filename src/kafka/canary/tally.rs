//! What the lines of a canary's ledger add up to, over all sessions of the run.

use super::waits::Waits;
use crate::event::canary::{Gap, Period};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Without a line for so many seconds nobody watched: the process was stopped, or the machine asleep.
const UNWATCHED: i64 = 5;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Began {
        at: Timestamp,
        session: u32,
    },
    Went {
        at: Timestamp,
        /// By partition: how many were handed to the producer in this session, up to now.
        sent: Vec<(i32, u64)>,
        acked: Vec<Run>,
        /// How many acknowledgements took how long.
        waits: Vec<(u16, u64)>,
        /// Given up since the line before.
        failed: u64,
        /// The first of these reasons.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed_because: Option<String>,
        /// The longest of this session, where it has grown.
        gap: Option<Gap>,
    },
    Committed {
        at: Timestamp,
        offsets: Vec<(i32, i64)>,
    },
    Ended {
        at: Timestamp,
    },
}

/// Records of one session and partition, one after the other by their number and by their offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i32, u64, i64, u64)", into = "(i32, u64, i64, u64)")]
pub(super) struct Run {
    pub(super) partition: i32,
    pub(super) number: u64,
    pub(super) offset: i64,
    pub(super) count: u64,
}

impl From<(i32, u64, i64, u64)> for Run {
    fn from((partition, number, offset, count): (i32, u64, i64, u64)) -> Self {
        Self { partition, number, offset, count }
    }
}

impl From<Run> for (i32, u64, i64, u64) {
    fn from(run: Run) -> Self {
        (run.partition, run.number, run.offset, run.count)
    }
}

impl Run {
    /// Adds to the last run of its partition what continues it.
    pub(super) fn append(runs: &mut Vec<Self>, next: Self) {
        if let Some(last) = runs.iter_mut().rfind(|run| run.partition == next.partition)
            && last.number + last.count == next.number
            && last.offset.checked_add_unsigned(last.count) == Some(next.offset)
        {
            last.count += next.count;
        } else {
            runs.push(next);
        }
    }
}

/// The records of one session in one partition.
pub(super) type Stream = (u32, i32);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) session: u32,
    pub(super) sent: BTreeMap<Stream, u64>,
    pub(super) acked: BTreeMap<Stream, Vec<Run>>,
    pub(super) waits: Waits,
    pub(super) failed: u64,
    pub(super) failed_because: Option<String>,
    pub(super) longest_gap: Option<Gap>,
    /// By partition: the highest commit that was acknowledged.
    pub(super) committed: BTreeMap<i32, i64>,
    pub(super) not_watched: Vec<Period>,
    last: Option<Timestamp>,
}

impl Tally {
    pub(super) fn add(&mut self, line: &Line) {
        let at = match line {
            Line::Began { at, .. } | Line::Went { at, .. } | Line::Committed { at, .. } | Line::Ended { at } => *at,
        };
        let is_new = matches!(line, Line::Began { .. });
        if let Some(last) = self.last
            && (is_new || at.as_second() - last.as_second() > UNWATCHED)
        {
            self.not_watched.push(Period { from: last, to: at });
        }
        self.last = Some(at);
        match line {
            Line::Began { session, .. } => self.session = *session,
            Line::Went { sent, acked, waits, failed, failed_because, gap, .. } => {
                self.sent.extend(sent.iter().map(|(partition, count)| ((self.session, *partition), *count)));
                for run in acked {
                    Run::append(self.acked.entry((self.session, run.partition)).or_default(), *run);
                }
                for (bucket, count) in waits {
                    self.waits.add_bucket(*bucket, *count);
                }
                self.failed += failed;
                self.failed_because = self.failed_because.take().or_else(|| failed_because.clone());
                let longer = gap.filter(|gap| self.longest_gap.is_none_or(|longest| gap.ms > longest.ms));
                self.longest_gap = longer.or(self.longest_gap);
            }
            Line::Committed { offsets, .. } => {
                for (partition, offset) in offsets {
                    let highest = self.committed.entry(*partition).or_insert(*offset);
                    *highest = (*highest).max(*offset);
                }
            }
            Line::Ended { .. } => {}
        }
    }

    pub(super) fn acked_count(&self) -> u64 {
        self.acked.values().flatten().map(|run| run.count).sum()
    }

    pub(super) fn sent_count(&self) -> u64 {
        self.sent.values().sum()
    }

    /// By partition: the offset behind the highest that was acknowledged.
    pub(super) fn acked_ends(&self) -> BTreeMap<i32, i64> {
        let mut ends = BTreeMap::new();
        for run in self.acked.values().flatten() {
            let end = ends.entry(run.partition).or_insert(0);
            *end = (*end).max(run.offset.saturating_add_unsigned(run.count));
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn went(second: i64, acked: &[(i32, u64, i64, u64)]) -> Line {
        let acked = acked.iter().map(|run| Run::from(*run)).collect();
        Line::Went {
            at: at(second),
            sent: vec![(0, 9)],
            acked,
            waits: vec![(7, 2)],
            failed: 1,
            failed_because: None,
            gap: None,
        }
    }

    #[test]
    fn sessions_add_up_and_the_time_between_them_was_not_watched() {
        let mut tally = Tally::default();
        let lines = [
            Line::Began { at: at(0), session: 1 },
            went(1, &[(0, 0, 100, 5), (0, 5, 105, 2)]),
            Line::Committed { at: at(2), offsets: vec![(0, 104)] },
            Line::Began { at: at(3), session: 2 },
            went(4, &[(0, 0, 107, 1)]),
            // Stopped for a while, and continued.
            went(40, &[]),
            Line::Committed { at: at(41), offsets: vec![(0, 103)] },
            Line::Ended { at: at(42) },
        ];
        for line in &lines {
            tally.add(line);
        }
        assert_eq!(tally.acked[&(1, 0)], [Run::from((0, 0, 100, 7))]);
        assert_eq!((tally.acked_count(), tally.sent_count(), tally.failed), (8, 18, 3));
        assert_eq!((tally.acked_ends()[&0], tally.committed[&0]), (108, 104));
        let unwatched: Vec<(i64, i64)> =
            tally.not_watched.iter().map(|one| (one.from.as_second(), one.to.as_second())).collect();
        assert_eq!(unwatched, [(2, 3), (4, 40)]);
    }

    #[test]
    fn a_line_comes_back_as_it_was_written() {
        for line in [went(7, &[(3, 1, 2, 4)]), Line::Ended { at: at(1) }] {
            let text = serde_json::to_string(&line).expect("written");
            assert_eq!(serde_json::from_str::<Line>(&text).expect("read"), line, "{text}");
        }
    }
}
