//! One partition's log: record batches as they came, in segments, with their place in the log.

use super::batch::{Batch, Run};
use bytes::{Bytes, BytesMut};

#[derive(Debug, Clone)]
pub(crate) struct Log {
    batches: Vec<Batch>,
    /// Oldest first; the last one is the active one, and there always is one.
    segments: Vec<Segment>,
    /// The first offset that can be read.
    start: i64,
    end: i64,
    size: u64,
}

/// Where a segment begins. It ends where the next one begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Segment {
    base: i64,
    position: u64,
}

/// When a new segment is begun (`segment.bytes`, `segment.ms`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rolling {
    pub(crate) bytes: u64,
    pub(crate) ms: i64,
}

impl Rolling {
    /// Never.
    pub(crate) const NONE: Self = Self { bytes: u64::MAX, ms: i64::MAX };
}

/// What of a log is kept. None: without a limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keep {
    pub(crate) ms: Option<i64>,
    pub(crate) bytes: Option<u64>,
}

impl Default for Log {
    fn default() -> Self {
        Self { batches: vec![], segments: vec![Segment::default()], start: 0, end: 0, size: 0 }
    }
}

impl Log {
    /// The offset that the next record gets; also the high watermark, as the in-sync replicas follow at once.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// Bytes that were deleted at the front.
    pub(crate) fn gone(&self) -> u64 {
        self.segments.first().map_or(self.size, |segment| segment.position)
    }

    /// Bytes from the very first record ever to the end, with those that were deleted.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Lets a log that is empty have so many bytes, and no records that could be read.
    pub(crate) fn begin_with(&mut self, bytes: u64) {
        self.size = bytes;
    }

    /// Appends batches whose header was read, and gives their base offset.
    pub(crate) fn append(&mut self, run: Run, epoch: i32, rolling: Rolling) -> i64 {
        if self.is_due(&run, rolling) {
            self.roll();
        }
        let (base, position) = (self.end, self.size);
        self.end = self.end.saturating_add(run.count());
        self.size += run.size();
        self.batches.push(Batch { base, position, epoch, run });
        base
    }

    /// Kafka's rule (`LogSegment.shouldRoll`): too many bytes, or the new records are so much newer than the segment's first.
    fn is_due(&self, run: &Run, rolling: Rolling) -> bool {
        let Some(active) = self.segments.last() else { return true };
        let held = self.size - active.position;
        let first = self.batches.get(self.batches.partition_point(|batch| batch.base < active.base));
        let age = first.map_or(0, |first| run.max_timestamp().saturating_sub(first.run.first_timestamp()));
        held > 0 && (held.saturating_add(run.size()) > rolling.bytes || age > rolling.ms)
    }

    /// Begins a new segment, unless the active one is empty.
    pub(crate) fn roll(&mut self) {
        if self.segments.last().is_none_or(|active| active.position < self.size) {
            self.segments.push(Segment { base: self.end, position: self.size });
        }
    }

    /// The batches from the one that holds `offset` on, as long as they fit into `max` bytes; with `at_least_one`, the
    /// first even where it does not fit (KIP-74). Empty at the end of the log.
    pub(crate) fn read(&self, offset: i64, max: usize, at_least_one: bool) -> Bytes {
        let first = self.batches.partition_point(|batch| batch.base <= offset).saturating_sub(1);
        let mut out = BytesMut::new();
        for batch in self.batches.iter().skip(first).filter(|_| offset < self.end) {
            for nth in batch.nth_with(offset)..batch.run.times {
                if out.len() + batch.run.bytes.len() > max && !(at_least_one && out.is_empty()) {
                    return out.freeze();
                }
                batch.write(nth, &mut out);
            }
        }
        out.freeze()
    }

    /// The first readable record of this time (ms) or later: its offset and its time.
    pub(crate) fn first_at(&self, timestamp: i64) -> Option<(i64, i64)> {
        let mut late = self.readable().filter(|batch| batch.run.max_timestamp() >= timestamp);
        late.find_map(|batch| batch.first_at(timestamp, self.start))
    }

    /// The record with the newest time, of several the first.
    pub(crate) fn newest(&self) -> Option<(i64, i64)> {
        let newest = self.readable().map(|batch| batch.run.max_timestamp()).max()?;
        self.first_at(newest)
    }

    fn readable(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter().filter(|batch| batch.end() > self.start)
    }

    /// Where a new replica begins to copy: at the batch that holds the first readable record.
    pub(crate) fn start_position(&self) -> u64 {
        let first = self.readable().next();
        let unread = if self.start == self.end && !self.batches.is_empty() { self.size } else { self.gone() };
        first.map_or(unread, |batch| batch.position_of(batch.nth_with(self.start)))
    }

    /// Lets what lies below `offset` not be read any more. Its bytes go with whole segments, when the brokers look.
    pub(crate) fn delete_below(&mut self, offset: i64) {
        self.start = self.start.max(offset);
    }

    /// Deletes the segments that need not be kept at `now` (ms), by Kafka's rules (`Log.deleteOldSegments`): the oldest first, by
    /// time, then by size, then what lies below the start; the active one, too, where it is old and not empty. A segment
    /// without a time counts as written at `written`. Gives whether any went.
    pub(crate) fn clean(&mut self, keep: Keep, now: i64, written: i64) -> bool {
        let (mut gone, mut left) = (0, self.size - self.gone());
        let size = |nth: usize| self.segments.get(nth).map_or(0, |segment| self.end_of(nth).1 - segment.position);
        let is_there = |nth: usize| nth < self.segments.len() && (nth + 1 < self.segments.len() || size(nth) > 0);
        if let Some(ms) = keep.ms {
            while is_there(gone) && now.saturating_sub(self.newest_in(gone).unwrap_or(written)) > ms {
                left -= size(gone);
                gone += 1;
            }
        }
        if let Some(bytes) = keep.bytes {
            while is_there(gone) && left.saturating_sub(bytes) >= size(gone) && left >= bytes {
                left -= size(gone);
                gone += 1;
            }
        }
        while self.segments.get(gone + 1).is_some_and(|next| next.base <= self.start) {
            gone += 1;
        }
        if gone == self.segments.len() {
            self.roll();
        }
        self.segments.drain(..gone);
        if let Some(first) = self.segments.first() {
            self.start = self.start.max(first.base);
            let kept = self.batches.partition_point(|batch| batch.base < first.base);
            self.batches.drain(..kept);
        }
        gone > 0
    }

    /// Offset and position where a segment ends.
    fn end_of(&self, nth: usize) -> (i64, u64) {
        self.segments.get(nth + 1).map_or((self.end, self.size), |next| (next.base, next.position))
    }

    fn newest_in(&self, nth: usize) -> Option<i64> {
        let (from, to) = (self.segments.get(nth)?.base, self.end_of(nth).0);
        let first = self.batches.partition_point(|batch| batch.base < from);
        let within = self.batches.iter().skip(first).take_while(|batch| batch.base < to);
        within.map(|batch| batch.run.max_timestamp()).max()
    }

    /// The end offset of a copy that has the first `bytes` bytes.
    pub(crate) fn end_within(&self, bytes: u64) -> i64 {
        let whole = self.batches.partition_point(|batch| batch.end_position() <= bytes);
        self.batches.get(whole).map_or(self.end, |batch| batch.base_of(batch.whole_before(bytes)))
    }

    /// Cuts off what a copy with the first `bytes` bytes does not have: the price of an unclean election.
    pub(crate) fn truncate(&mut self, bytes: u64) {
        self.end = self.end_within(bytes);
        self.batches.retain(|batch| batch.base < self.end);
        if let Some(last) = self.batches.last_mut() {
            last.run.times = last.whole_before(bytes).max(1);
        }
        self.size = self.batches.last().map_or(self.gone(), Batch::end_position);
        let kept = self.segments.partition_point(|segment| segment.position < self.size).max(1);
        self.segments.truncate(kept);
        self.start = self.start.min(self.end);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::batch::BatchHeader;
    use super::*;
    use bytes::Buf;

    /// Three records; and so many batches of them one after the other, `step` ms apart.
    fn run(times: u64, step: i64) -> Run {
        let bytes = crate::sandbox::seed::batch("t", 3, 20).unwrap();
        Run { times, step, ..Run::one(BatchHeader::read(&bytes).unwrap(), bytes) }
    }

    #[test]
    fn reads_start_at_the_batch_that_holds_the_offset() {
        for runs in [vec![1, 1, 1], vec![3], vec![2, 1]] {
            let mut log = Log::default();
            for times in runs {
                log.append(run(times, 0), 0, Rolling::NONE);
            }
            let length = run(1, 0).bytes.len();
            assert_eq!((log.end(), log.size()), (9, 3 * length as u64));
            let bases = |read: Bytes| -> Vec<i64> { read.chunks(length).map(|mut chunk| chunk.get_i64()).collect() };
            assert_eq!(bases(log.read(4, usize::MAX, true)), [3, 6]);
            assert_eq!(bases(log.read(0, length, true)), [0]);
            assert_eq!(bases(log.read(0, 1, true)), [0]);
            assert_eq!(bases(log.read(0, 1, false)), [] as [i64; 0]);
            assert_eq!(bases(log.read(9, usize::MAX, true)), [] as [i64; 0]);
            assert_eq!(log.end_within(length as u64 + 1), 3);
            log.truncate(2 * length as u64 + 5);
            assert_eq!((log.end(), log.size()), (6, 2 * length as u64));
        }
    }

    #[test]
    fn what_is_deleted_at_the_front_goes_with_its_segment() {
        let length = run(1, 0).bytes.len() as u64;
        let mut log = Log::default();
        for _ in 0..3 {
            log.append(run(1, 0), 0, Rolling { bytes: length, ms: i64::MAX });
        }
        log.delete_below(4);
        assert_eq!((log.start(), log.end(), log.gone(), log.start_position()), (4, 9, 0, length));
        assert!(log.clean(Keep::default(), 0, 0));
        assert_eq!((log.start(), log.end(), log.gone(), log.size()), (4, 9, length, 3 * length));
        let newest = log.newest().unwrap();
        assert_eq!(log.first_at(0).unwrap().0, 4);
        assert_eq!((newest.0, log.first_at(newest.1 - 1).unwrap().0), (5, 4), "to the record");
        log.delete_below(9);
        assert!(log.clean(Keep::default(), 0, 0));
        assert_eq!((log.start(), log.gone(), log.newest()), (9, 2 * length, None), "the active segment stays");
        assert_eq!((log.start_position(), log.clean(Keep::default(), 0, 0)), (3 * length, false));
        assert_eq!(log.append(run(1, 0), 0, Rolling::NONE), 9);
    }

    #[test]
    fn segments_go_when_their_newest_record_is_too_old() {
        let one = run(1, 0);
        let (length, newest) = (one.size(), one.max_timestamp());
        let by_time = |ms| Keep { ms: Some(ms), bytes: None };
        let mut log = Log::default();
        for shift in [0, 1000, 2000] {
            log.append(Run { shift, ..run(2, 10) }, 0, Rolling { bytes: u64::MAX, ms: 100 });
        }
        assert_eq!(log.segments.len(), 3);
        assert!(!log.clean(by_time(1000), newest + 1010, 0), "not older than that, just as old");
        assert!(log.clean(by_time(1000), newest + 1011, 0));
        assert_eq!((log.start(), log.gone(), log.segments.len()), (6, 2 * length, 2));
        // The newest time of a segment counts: one record from the future keeps it, and what comes after it.
        log.append(Run { shift: 1_000_000, ..run(1, 0) }, 0, Rolling::NONE);
        assert!(log.clean(by_time(0), newest + 500_000, 0));
        assert_eq!((log.start(), log.segments.len()), (12, 1));
        assert!(!log.clean(by_time(0), newest + 500_000, 0));
        assert!(log.clean(by_time(0), newest + 1_000_001, 0), "the active one, too, once it is old");
        assert_eq!((log.start(), log.end(), log.size() - log.gone(), log.segments.len()), (21, 21, 0, 1));
        assert!(!log.clean(by_time(0), i64::MAX, 0), "an empty one stays");
    }

    #[test]
    fn segments_go_as_long_as_what_is_left_is_not_less_than_is_kept() {
        let length = run(1, 0).size();
        let mut log = Log::default();
        for _ in 0..4 {
            log.append(run(1, 0), 0, Rolling { bytes: length, ms: i64::MAX });
        }
        let by_size = |bytes| Keep { ms: None, bytes: Some(bytes) };
        assert!(!log.clean(by_size(3 * length + 1), 0, 0));
        assert!(log.clean(by_size(2 * length + 1), 0, 0));
        assert_eq!(log.size() - log.gone(), 3 * length);
        assert!(log.clean(by_size(0), 0, 0));
        assert_eq!(log.size() - log.gone(), 0);
    }
}
