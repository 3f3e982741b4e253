//! One partition's log: record batches as they came, with their place in the log.

use super::record_times::record_times;
use bytes::{Buf, Bytes, BytesMut};

/// Bytes of a v2 batch before its records: base offset up to and including the record count.
pub(super) const HEADER: usize = 61;
/// The checksum covers everything from the attributes on.
pub(super) const CHECKED_FROM: usize = 21;
const MAGIC: usize = 16;

#[derive(Debug, Default, Clone)]
pub(crate) struct Log {
    batches: Vec<Batch>,
    /// The first offset that can be read.
    start: i64,
    end: i64,
    /// Bytes before the first batch that is still here: deleted ones keep their place.
    gone: u64,
    size: u64,
}

/// A batch, with the offset that it has here. Its bytes may be shared with other batches: they still say the base offset
/// of their producer, and only a fetch writes the real one.
#[derive(Debug, Clone)]
struct Batch {
    base: i64,
    position: u64,
    max_timestamp: i64,
    epoch: i32,
    bytes: Bytes,
}

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
        self.gone
    }

    /// Bytes from the very first record ever to the end, with those that were deleted.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Lets a log that is empty have so many bytes, and no records that could be read.
    pub(crate) fn begin_with(&mut self, bytes: u64) {
        self.size = bytes;
    }

    /// Appends a batch whose header was read, and gives its base offset.
    pub(crate) fn append(&mut self, header: BatchHeader, epoch: i32, bytes: Bytes) -> i64 {
        let base = self.end;
        self.end += i64::from(header.count);
        let position = self.size;
        self.size += bytes.len() as u64;
        self.batches.push(Batch { base, position, max_timestamp: header.max_timestamp, epoch, bytes });
        base
    }

    /// The batches from the one that holds `offset` on, as long as they fit into `max` bytes; with `at_least_one`, the
    /// first even where it does not fit (KIP-74). Empty at the end of the log.
    pub(crate) fn read(&self, offset: i64, max: usize, at_least_one: bool) -> Bytes {
        let first = self.batches.partition_point(|batch| batch.base <= offset).saturating_sub(1);
        let mut out = BytesMut::new();
        for batch in self.batches.iter().skip(first).filter(|_| offset < self.end) {
            if out.len() + batch.bytes.len() > max && !(at_least_one && out.is_empty()) {
                break;
            }
            let start = out.len();
            out.extend_from_slice(&batch.bytes);
            if let Some(base) = out.get_mut(start..start + 8) {
                base.copy_from_slice(&batch.base.to_be_bytes());
            }
            if let Some(epoch) = out.get_mut(start + 12..start + MAGIC) {
                epoch.copy_from_slice(&batch.epoch.to_be_bytes());
            }
        }
        out.freeze()
    }

    /// The first readable record of this time (ms) or later: its offset and its time.
    pub(crate) fn first_at(&self, timestamp: i64) -> Option<(i64, i64)> {
        let late = self.batches.iter().filter(|batch| batch.max_timestamp >= timestamp);
        late.flat_map(Batch::records).find(|(offset, time)| *offset >= self.start && *time >= timestamp)
    }

    /// The record with the newest time, of several the first.
    pub(crate) fn newest(&self) -> Option<(i64, i64)> {
        let newest = self.batches.iter().map(|batch| batch.max_timestamp).max()?;
        self.first_at(newest)
    }

    /// Takes away what lies below `offset`. Of a batch that lies on both sides all bytes stay, as in Kafka's segments.
    pub(crate) fn delete_below(&mut self, offset: i64) {
        self.start = self.start.max(offset);
        let first = self.batches.partition_point(|batch| batch.base <= self.start).saturating_sub(1);
        let gone = if self.start == self.end { self.batches.len() } else { first };
        self.batches.drain(..gone);
        self.gone = self.batches.first().map_or(self.size, |batch| batch.position);
    }

    /// The end offset of a copy that has the first `bytes` bytes.
    pub(crate) fn end_within(&self, bytes: u64) -> i64 {
        let whole = self.batches.partition_point(|batch| batch.position + batch.bytes.len() as u64 <= bytes);
        self.batches.get(whole).map_or(self.end, |batch| batch.base)
    }

    /// Cuts off what a copy with the first `bytes` bytes does not have: the price of an unclean election.
    pub(crate) fn truncate(&mut self, bytes: u64) {
        self.end = self.end_within(bytes);
        self.batches.retain(|batch| batch.base < self.end);
        self.size = self.batches.last().map_or(self.gone, |batch| batch.position + batch.bytes.len() as u64);
        self.start = self.start.min(self.end);
    }
}

impl Batch {
    /// Offset and time of each record; of a batch that is compressed only of the first, with the newest time.
    fn records(&self) -> Vec<(i64, i64)> {
        match record_times(&self.bytes) {
            Some(records) => records.into_iter().map(|(delta, time)| (self.base.saturating_add(delta), time)).collect(),
            None => vec![(self.base, self.max_timestamp)],
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
    fn reads_start_at_the_batch_that_holds_the_offset() {
        let batch = crate::sandbox::seed::batch("t", 3, 20).unwrap();
        let header = BatchHeader::read(&batch).unwrap();
        let mut log = Log::default();
        for base in [0, 3, 6] {
            assert_eq!(log.append(header, 0, batch.clone()), base);
        }
        assert_eq!((log.end(), log.size()), (9, 3 * batch.len() as u64));
        let bases = |read: Bytes| -> Vec<i64> { read.chunks(batch.len()).map(|mut chunk| chunk.get_i64()).collect() };
        assert_eq!(bases(log.read(4, usize::MAX, true)), [3, 6]);
        assert_eq!(bases(log.read(0, batch.len(), true)), [0]);
        assert_eq!(bases(log.read(0, 1, true)), [0]);
        assert_eq!(bases(log.read(0, 1, false)), [] as [i64; 0]);
        assert_eq!(bases(log.read(9, usize::MAX, true)), [] as [i64; 0]);
        assert_eq!(log.end_within(batch.len() as u64 + 1), 3);
        log.truncate(2 * batch.len() as u64 + 5);
        assert_eq!((log.end(), log.size()), (6, 2 * batch.len() as u64));
    }

    #[test]
    fn what_is_deleted_at_the_front_keeps_its_place() {
        let batch = crate::sandbox::seed::batch("t", 3, 20).unwrap();
        let header = BatchHeader::read(&batch).unwrap();
        let mut log = Log::default();
        for _ in 0..3 {
            log.append(header, 0, batch.clone());
        }
        let length = batch.len() as u64;
        log.delete_below(4);
        assert_eq!((log.start(), log.end(), log.gone(), log.size()), (4, 9, length, 3 * length));
        let newest = log.newest().unwrap();
        assert_eq!(log.first_at(0).unwrap().0, 4);
        assert_eq!((newest.0, log.first_at(newest.1 - 1).unwrap().0), (5, 4), "to the record");
        log.delete_below(9);
        assert_eq!((log.start(), log.gone(), log.newest()), (9, 3 * length, None));
        assert_eq!(log.append(header, 0, batch), 9);
        assert_eq!(log.size() - log.gone(), length);
    }
}
