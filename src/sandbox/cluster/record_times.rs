//! The times of the records in a batch, without decoding the rest of them.

use super::batch::{CHECKED_FROM, HEADER};
use bytes::Buf;

/// The bits of a batch's attributes that say how it is compressed, and the one that the broker's own time holds.
const COMPRESSION: i16 = 0b111;
const LOG_APPEND_TIME: i16 = 0b1000;

/// Offset from the batch's first, and time (ms), of each record of a v2 batch; none where it is compressed or broken.
pub(super) fn record_times(batch: &[u8]) -> Option<Vec<(i64, i64)>> {
    let mut head = batch.get(CHECKED_FROM..HEADER)?;
    let attributes = head.get_i16();
    let _last_delta = head.get_i32();
    let (first, newest) = (head.get_i64(), head.get_i64());
    if attributes & COMPRESSION != 0 {
        return None;
    }
    let mut rest = batch.get(HEADER..)?;
    let mut times = Vec::new();
    while !rest.is_empty() {
        let length = usize::try_from(varint(&mut rest)?).ok()?;
        let (mut record, after) = rest.split_at_checked(length)?;
        rest = after;
        record = record.get(1..)?;
        let (time, offset) = (varint(&mut record)?, varint(&mut record)?);
        times.push((offset, if attributes & LOG_APPEND_TIME == 0 { first.saturating_add(time) } else { newest }));
    }
    Some(times)
}

/// A number in zigzag form, seven bits a byte.
fn varint(rest: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let half = i64::try_from(value >> 1).ok()?;
            return Some(if value & 1 == 0 { half } else { !half });
        }
    }
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_its_time_and_what_is_cut_has_none() {
        let batch = crate::sandbox::seed::batch("t", 100, 20).unwrap();
        let times = record_times(&batch).unwrap();
        let start = times[0].1;
        assert_eq!(times, (0..100).map(|at| (at, start + at)).collect::<Vec<_>>());
        assert_eq!(record_times(&batch[..batch.len() - 1]), None);
        assert_eq!(varint(&mut &[0x03][..]), Some(-2));
    }
}
