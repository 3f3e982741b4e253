//! What became of each acknowledged record: pure, over the ledger and what the audit read.

use super::audit::Audit;
use super::tally::{Run, Tally};
use crate::event::canary::{LostCommit, Span, Verdict};
use std::collections::BTreeMap;

/// So many places of lost records are kept apart; a verdict is no log.
const SPANS: usize = 100;

/// `read_to`: by partition, how far the consumer group has read.
pub(super) fn verdict(topic: &str, tally: &Tally, audit: &Audit, read_to: &BTreeMap<i32, i64>) -> Verdict {
    let mut verdict = Verdict {
        topic: topic.to_owned(),
        sent: tally.sent_count(),
        acked: tally.acked_count(),
        duplicates: audit.duplicates,
        failed: tally.failed,
        failed_because: tally.failed_because.clone(),
        not_watched: tally.not_watched.clone(),
        longest_gap: tally.longest_gap,
        p99_ms: tally.waits.p99(),
        ..Verdict::default()
    };
    for ((session, partition), runs) in &tally.acked {
        let found = audit.found.get(&(*session, *partition));
        let group_read_to = read_to.get(partition).copied().unwrap_or_default();
        for run in runs {
            for (number, offset) in each(run) {
                let log = audit.logs.get(partition);
                match log {
                    _ if found.is_some_and(|found| found.has(number)) && offset < group_read_to => verdict.read += 1,
                    _ if found.is_some_and(|found| found.has(number)) => verdict.unread += 1,
                    Some(log) if offset < log.start => verdict.expired += 1,
                    // Passed by, or behind an end that went back, and everything before that was read.
                    Some(log) if offset < log.read_to || log.read_to >= log.end => {
                        lose(&mut verdict, *partition, offset);
                    }
                    _ => verdict.unread += 1,
                }
            }
        }
    }
    match &audit.commits {
        Ok(commits) => {
            let lost = tally.committed.iter().filter_map(|(partition, was)| {
                let now = commits.get(partition).copied();
                (now.unwrap_or(-1) < *was).then_some(LostCommit { partition: *partition, was: *was, now })
            });
            verdict.commits_lost = lost.collect();
        }
        Err(why) => verdict.commits_unread = Some(why.clone()),
    }
    verdict
}

fn each(run: &Run) -> impl Iterator<Item = (u64, i64)> {
    let (number, offset) = (run.number, run.offset);
    (0..run.count).map(move |nth| (number + nth, offset.saturating_add_unsigned(nth)))
}

fn lose(verdict: &mut Verdict, partition: i32, offset: i64) {
    verdict.lost += 1;
    let goes_on = |last: &&mut Span| last.partition == partition && last.last + 1 == offset;
    if let Some(last) = verdict.lost_at.last_mut().filter(goes_on) {
        last.last = offset;
    } else if verdict.lost_at.len() < SPANS {
        verdict.lost_at.push(Span { partition, first: offset, last: offset });
    }
}

#[cfg(test)]
mod tests {
    use super::super::audit::Log;
    use super::*;

    /// Ten records of session 1 in partition 0, acknowledged at the offsets 100 to 109.
    fn ten() -> Tally {
        let mut tally = Tally::default();
        tally.sent.insert((1, 0), 12);
        tally.acked.insert((1, 0), vec![Run::from((0, 0, 100, 10))]);
        tally
    }

    fn audit(start: i64, end: i64, read_to: i64, found: impl IntoIterator<Item = u64>) -> Audit {
        let mut audit = Audit::new();
        audit.logs.insert(0, Log { start, end, read_to });
        found.into_iter().for_each(|number| {
            audit.found.entry((1, 0)).or_default().insert(number);
        });
        audit
    }

    fn figures(tally: &Tally, audit: &Audit) -> (u64, u64, u64, u64) {
        let verdict = verdict("t", tally, audit, &[(0, 110)].into());
        assert_eq!(verdict.acked, verdict.read + verdict.lost + verdict.unread + verdict.expired);
        (verdict.read, verdict.lost, verdict.unread, verdict.expired)
    }

    #[test]
    fn every_acknowledged_record_has_one_fate() {
        assert_eq!(figures(&ten(), &audit(0, 110, 110, 0..10)), (10, 0, 0, 0));
        // A log that ends before: cut off. A hole: cut out. Nothing is claimed of what was not read up to.
        assert_eq!(figures(&ten(), &audit(0, 107, 107, 0..7)), (7, 3, 0, 0));
        assert_eq!(figures(&ten(), &audit(0, 110, 110, (0..4).chain(6..10))), (8, 2, 0, 0));
        assert_eq!(figures(&ten(), &audit(0, 110, 104, 0..4)), (4, 0, 6, 0));
        // The start of the log went on: retention, or somebody who deleted records.
        assert_eq!(figures(&ten(), &audit(103, 110, 110, 3..10)), (7, 0, 0, 3));
        assert_eq!(figures(&ten(), &audit(110, 110, 110, [])), (0, 0, 0, 10));
        // Its leader does not answer.
        let silent = Audit { logs: BTreeMap::new(), ..audit(0, 0, 0, []) };
        assert_eq!(figures(&ten(), &silent), (0, 0, 10, 0));
    }

    #[test]
    fn lost_ones_are_named_by_their_offsets() {
        let verdict = verdict("t", &ten(), &audit(0, 110, 110, [0, 1, 5, 6, 7, 8]), &[(0, 110)].into());
        let spans: Vec<(i64, i64)> = verdict.lost_at.iter().map(|span| (span.first, span.last)).collect();
        assert_eq!((verdict.lost, spans), (4, vec![(102, 104), (109, 109)]));
    }

    #[test]
    fn what_the_group_could_not_read_is_unread() {
        let verdict = verdict("t", &ten(), &audit(0, 110, 110, 0..10), &[(0, 105)].into());
        assert_eq!((verdict.read, verdict.unread, verdict.is_good()), (5, 5, false));
    }

    #[test]
    fn a_commit_that_went_back_is_lost() {
        let mut tally = ten();
        tally.committed.extend([(0, 110), (1, 7), (2, 0)]);
        let mut audit = audit(0, 110, 110, 0..10);
        audit.commits = Ok([(0, 110), (1, 6)].into());
        let verdict = verdict("t", &tally, &audit, &[(0, 110)].into());
        let lost: Vec<_> = verdict.commits_lost.iter().map(|lost| (lost.partition, lost.was, lost.now)).collect();
        assert_eq!(lost, [(1, 7, Some(6)), (2, 0, None)]);
        assert!(!verdict.is_good());
    }
}
