//! Idempotent producers (KIP-98): a batch that comes twice is stored once.

use super::batch::BatchHeader;
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, VecDeque};

/// Batches of a producer that a partition remembers, as in Kafka.
const REMEMBERED: usize = 5;

#[derive(Debug, Default)]
pub(crate) struct Producers {
    last_id: i64,
    known: BTreeMap<(String, i32, i64), Producer>,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    /// First sequence, last sequence and base offset of the last batches.
    batches: VecDeque<(i32, i32, i64)>,
}

/// What to do with a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Append,
    /// It is here already, at this base offset.
    Duplicate(i64),
    Refuse(ResponseError),
}

impl Producers {
    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn judge(&self, topic: &str, partition: i32, header: BatchHeader) -> Verdict {
        if header.producer_id < 0 {
            return Verdict::Append;
        }
        let Some(producer) = self.known.get(&(topic.to_owned(), partition, header.producer_id)) else {
            return Verdict::Append;
        };
        if header.producer_epoch < producer.epoch {
            return Verdict::Refuse(ResponseError::InvalidProducerEpoch);
        }
        let last = last_sequence(header);
        if header.producer_epoch > producer.epoch {
            let fresh = header.base_sequence == 0;
            return if fresh { Verdict::Append } else { Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber) };
        }
        if let Some(&(_, _, base)) =
            producer.batches.iter().find(|(first, end, _)| (*first, *end) == (header.base_sequence, last))
        {
            return Verdict::Duplicate(base);
        }
        match producer.batches.back() {
            Some(&(_, end, _)) if following(end) != header.base_sequence => {
                Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber)
            }
            _ => Verdict::Append,
        }
    }

    /// Remembers a batch that was appended.
    pub(crate) fn appended(&mut self, topic: &str, partition: i32, header: BatchHeader, base: i64) {
        if header.producer_id < 0 {
            return;
        }
        let producer = self
            .known
            .entry((topic.to_owned(), partition, header.producer_id))
            .or_insert_with(|| Producer { epoch: header.producer_epoch, batches: VecDeque::new() });
        if header.producer_epoch != producer.epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == REMEMBERED {
            producer.batches.pop_front();
        }
        producer.batches.push_back((header.base_sequence, last_sequence(header), base));
    }

    pub(crate) fn forget_topic(&mut self, topic: &str) {
        self.known.retain(|(name, _, _), _| name != topic);
    }
}

/// Sequences go from `i32::MAX` on to 0.
fn last_sequence(header: BatchHeader) -> i32 {
    header.base_sequence.wrapping_add(header.count - 1) & i32::MAX
}

fn following(sequence: i32) -> i32 {
    sequence.wrapping_add(1) & i32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(base_sequence: i32, count: i32) -> BatchHeader {
        BatchHeader { count, max_timestamp: 0, producer_id: 7, producer_epoch: 0, base_sequence }
    }

    #[test]
    fn a_batch_that_comes_again_is_known_and_a_gap_is_refused() {
        let mut producers = Producers::default();
        assert_eq!(producers.judge("t", 0, header(0, 3)), Verdict::Append);
        producers.appended("t", 0, header(0, 3), 10);
        assert_eq!(producers.judge("t", 0, header(0, 3)), Verdict::Duplicate(10));
        assert_eq!(producers.judge("t", 0, header(3, 1)), Verdict::Append);
        assert_eq!(producers.judge("t", 0, header(4, 1)), Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber));
        assert_eq!(producers.judge("t", 1, header(0, 3)), Verdict::Append);
    }
}
