//! Record batches: what a producer sent, checked, and how it lies in a log.

use super::record_times::record_times;
use bytes::{Buf, Bytes, BytesMut};

/// Bytes of a v2 batch before its records: base offset up to and including the record count.
pub(super) const HEADER: usize = 61;
/// The checksum covers everything from the attributes on.
pub(super) const CHECKED_FROM: usize = 21;
const EPOCH: usize = 12;
const MAGIC: usize = 16;
const CHECKSUM: usize = 17;
/// Where the first and the newest time of a batch stand, 8 bytes each.
const TIMES: [usize; 2] = [27, 35];

/// Why a batch is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadBatch {
    /// Not one whole v2 batch with at least one record.
    Malformed,
    /// The CRC-32C does not fit.
    Checksum,
}

/// The header fields that a broker looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    /// Offsets that the batch takes.
    pub(crate) count: i32,
    pub(crate) max_timestamp: i64,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
}

impl BatchHeader {
    /// Reads and checks what a producer sent: exactly one v2 batch (KIP-98), whole and with the right checksum.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self, BadBatch> {
        let mut head = bytes.get(..HEADER).ok_or(BadBatch::Malformed)?;
        let (_base, length) = (head.get_i64(), head.get_i32());
        let (_epoch, magic) = (head.get_i32(), head.get_i8());
        let checksum = head.get_u32();
        let _attributes = head.get_i16();
        let last_delta = head.get_i32();
        let (_first, max_timestamp) = (head.get_i64(), head.get_i64());
        let (producer_id, producer_epoch, base_sequence) = (head.get_i64(), head.get_i16(), head.get_i32());
        let records = head.get_i32();
        let whole = usize::try_from(length).is_ok_and(|length| length + 12 == bytes.len());
        if !whole || magic != 2 || records < 1 || last_delta < 0 || last_delta == i32::MAX {
            return Err(BadBatch::Malformed);
        }
        if crc32c(bytes.get(CHECKED_FROM..).unwrap_or_default()) != checksum {
            return Err(BadBatch::Checksum);
        }
        Ok(Self { count: last_delta + 1, max_timestamp, producer_id, producer_epoch, base_sequence })
    }
}

/// Equal batches one after the other: so a log of a hundred GB is no more than a few numbers, and every record of it can be
/// read nevertheless. What a producer sends is a run of one.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) header: BatchHeader,
    pub(crate) bytes: Bytes,
    /// How many there are, one or more.
    pub(crate) times: u64,
    /// How much later than its bytes say the first is, and each than the one before: ms.
    pub(crate) shift: i64,
    pub(crate) step: i64,
}

impl Run {
    pub(crate) fn one(header: BatchHeader, bytes: Bytes) -> Self {
        Self { header, bytes, times: 1, shift: 0, step: 0 }
    }

    /// Bytes of one of them.
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(crate) fn size(&self) -> u64 {
        self.length() * self.times
    }

    /// Offsets that all of them take.
    pub(super) fn count(&self) -> i64 {
        i64::from(self.header.count).saturating_mul(i64::try_from(self.times).unwrap_or(i64::MAX))
    }

    fn later(&self, nth: u64) -> i64 {
        self.shift.saturating_add(self.step.saturating_mul(i64::try_from(nth).unwrap_or(i64::MAX)))
    }

    /// The newest time of the first, and of all.
    pub(super) fn first_timestamp(&self) -> i64 {
        self.header.max_timestamp.saturating_add(self.shift)
    }

    pub(super) fn max_timestamp(&self) -> i64 {
        self.header.max_timestamp.saturating_add(self.later(self.times - 1).max(self.shift))
    }
}

/// A run with its place in a log.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) base: i64,
    pub(super) position: u64,
    pub(super) epoch: i32,
    pub(super) run: Run,
}

impl Batch {
    /// The offset after its last.
    pub(super) fn end(&self) -> i64 {
        self.base.saturating_add(self.run.count())
    }

    pub(super) fn end_position(&self) -> u64 {
        self.position + self.run.size()
    }

    /// Which of the run holds an offset; the first for those before.
    pub(super) fn nth_with(&self, offset: i64) -> u64 {
        u64::try_from(offset.saturating_sub(self.base) / i64::from(self.run.header.count)).unwrap_or(0)
    }

    pub(super) fn base_of(&self, nth: u64) -> i64 {
        let count = i64::from(self.run.header.count);
        self.base.saturating_add(count.saturating_mul(i64::try_from(nth).unwrap_or(i64::MAX)))
    }

    pub(super) fn position_of(&self, nth: u64) -> u64 {
        self.position + self.run.length() * nth
    }

    /// How many whole ones lie before this position.
    pub(super) fn whole_before(&self, position: u64) -> u64 {
        (position.saturating_sub(self.position) / self.run.length().max(1)).min(self.run.times)
    }

    /// The first record from `start` on that is of this time (ms) or later: its offset and its time. Of a batch that is
    /// compressed only the first record is known, with the newest time.
    pub(super) fn first_at(&self, timestamp: i64, start: i64) -> Option<(i64, i64)> {
        let ahead = timestamp.saturating_sub(self.run.first_timestamp());
        let late = if self.run.step > 0 { ahead.max(0).saturating_add(self.run.step - 1) / self.run.step } else { 0 };
        let first = u64::try_from(late).unwrap_or(0).max(self.nth_with(start));
        (first..self.run.times.min(first.saturating_add(2)))
            .find_map(|nth| self.records(nth).into_iter().find(|(offset, time)| *offset >= start && *time >= timestamp))
    }

    fn records(&self, nth: u64) -> Vec<(i64, i64)> {
        let (base, later) = (self.base_of(nth), self.run.later(nth));
        match record_times(&self.run.bytes) {
            Some(records) => {
                let place = |(delta, time): (i64, i64)| (base.saturating_add(delta), time.saturating_add(later));
                records.into_iter().map(place).collect()
            }
            None => vec![(base, self.run.header.max_timestamp.saturating_add(later))],
        }
    }

    /// The bytes of the nth as a consumer gets them: with the offset, the leader epoch and the times that it has here.
    pub(super) fn write(&self, nth: u64, out: &mut BytesMut) {
        let start = out.len();
        out.extend_from_slice(&self.run.bytes);
        let Some(batch) = out.get_mut(start..) else { return };
        let mut put = |at: usize, what: &[u8]| {
            if let Some(place) = batch.get_mut(at..at + what.len()) {
                place.copy_from_slice(what);
            }
        };
        put(0, &self.base_of(nth).to_be_bytes());
        put(EPOCH, &self.epoch.to_be_bytes()[..MAGIC - EPOCH]);
        let later = self.run.later(nth);
        if later != 0 {
            for at in TIMES {
                let mut told = self.run.bytes.get(at..).unwrap_or_default();
                if told.len() >= 8 {
                    put(at, &told.get_i64().saturating_add(later).to_be_bytes());
                }
            }
            let checksum = crc32c(batch.get(CHECKED_FROM..).unwrap_or_default());
            if let Some(place) = batch.get_mut(CHECKSUM..CHECKED_FROM) {
                place.copy_from_slice(&checksum.to_be_bytes());
            }
        }
    }
}

const CASTAGNOLI: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0x82f6_3b78 } else { value >> 1 };
            bit += 1;
        }
        table[byte as usize] = value;
        byte += 1;
    }
    table
};

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| CASTAGNOLI[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_castagnoli_s() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_batch_that_is_cut_or_changed_is_refused() {
        let batch = crate::sandbox::seed::batch("t", 3, 20).unwrap();
        assert_eq!(BatchHeader::read(&batch).unwrap().count, 3);
        for length in 0..batch.len() {
            assert_eq!(BatchHeader::read(&batch.slice(..length)), Err(BadBatch::Malformed), "{length} bytes");
        }
        let mut changed = BytesMut::from(&batch[..]);
        changed[70] ^= 1;
        assert_eq!(BatchHeader::read(&changed.freeze()), Err(BadBatch::Checksum));
    }

    #[test]
    fn what_is_read_of_a_run_is_a_sound_batch_of_its_time() {
        let bytes = crate::sandbox::seed::batch("t", 3, 20).unwrap();
        let header = BatchHeader::read(&bytes).unwrap();
        let run = Run { header, bytes, times: 5, shift: -1000, step: 100 };
        let batch = Batch { base: 6, position: 0, epoch: 0, run };
        let mut out = BytesMut::new();
        batch.write(4, &mut out);
        let read = BatchHeader::read(&out.freeze()).unwrap();
        assert_eq!(read.max_timestamp, header.max_timestamp - 600);
        assert_eq!((batch.end(), batch.base_of(4), batch.nth_with(20)), (21, 18, 4));
        // The records of a batch are 1 ms apart.
        let newest = header.max_timestamp - 1000;
        assert_eq!(batch.first_at(newest, 0), Some((8, newest)));
        assert_eq!(batch.first_at(newest + 1, 0), Some((9, newest + 98)));
        assert_eq!(batch.first_at(newest, 13), Some((13, newest + 199)));
        assert_eq!(batch.first_at(newest + 401, 0), None);
    }
}
