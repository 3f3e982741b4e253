//! Producers that write at a steady rate without being there: all batches of a topic share one body.

use super::Cluster;
use super::batch::{BatchHeader, Run};
use super::cleaning::rolling;
use super::partition::bytes_f64;
use super::writing::{append, only_running};
use crate::error::Error;
use crate::sandbox::seed;
use bytes::Bytes;
use std::time::Duration;

/// Batches that each partition of a topic gets in a second, where that makes them neither tiny nor huge.
const BATCHES_PER_SECOND: u64 = 10;
/// Bytes of a batch's value.
const SMALLEST: u64 = 100;
const LARGEST: u64 = 100_000;

/// What one topic gets.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Bytes per second, spread evenly over the partitions.
    rate: u64,
    header: BatchHeader,
    body: Bytes,
    /// Bytes that each partition is due and that no whole batch has been made of.
    owed: Vec<f64>,
}

impl Cluster {
    /// Has so many bytes per second written to a topic; none where it is 0.
    pub(crate) fn set_inbound(&mut self, topic: &str, rate: u64) -> Result<(), Error> {
        let Some(partitions) = self.topics.get(topic).map(|topic| topic.partitions.len()) else {
            return Err(Error::new("SANDBOX_NO_SUCH_TOPIC", format!("the sandbox has no topic {topic}")));
        };
        if rate == 0 {
            self.streams.remove(topic);
            return Ok(());
        }
        // Some batches a second for each partition, neither tiny nor huge.
        let bytes = rate / u64::try_from(partitions).unwrap_or(1).max(1) / BATCHES_PER_SECOND;
        let bytes = usize::try_from(bytes.clamp(SMALLEST, LARGEST)).unwrap_or(0);
        let body = seed::batch(topic, 1, bytes)?;
        let header = BatchHeader::read(&body).map_err(|bad| seed::internal(&format!("{bad:?}")))?;
        self.streams.insert(topic.to_owned(), Stream { rate, header, body, owed: vec![] });
        Ok(())
    }

    /// Writes what comes in `step`. Partitions without a leader that works get nothing, and lose what was due. Gives whether
    /// anything is written at all.
    pub(super) fn write_streams(&mut self, step: Duration) -> bool {
        let topics = &self.topics;
        self.streams.retain(|name, _| topics.contains_key(name));
        if self.streams.is_empty() {
            return false;
        }
        let running = self.running();
        let now = self.wall_clock();
        for (name, stream) in &mut self.streams {
            let Some(topic) = self.topics.get_mut(name) else { continue };
            let rolling = rolling(&self.configs, name);
            stream.owed.resize(topic.partitions.len(), 0.0);
            let count = u64::try_from(topic.partitions.len()).unwrap_or(1).max(1);
            let due = bytes_f64(stream.rate) / bytes_f64(count) * step.as_secs_f64();
            let batch = bytes_f64(stream.body.len() as u64);
            for (number, (partition, owed)) in topic.partitions.iter_mut().zip(&mut stream.owed).enumerate() {
                if partition.leader.is_none_or(|leader| !running.contains(&leader)) {
                    *owed = 0.0;
                    continue;
                }
                *owed += due;
                if *owed >= batch {
                    self.restless.rouse(name, number);
                }
                while *owed >= batch {
                    *owed -= batch;
                    only_running(partition, &running);
                    let shift = now.saturating_sub(stream.header.max_timestamp);
                    let run = Run { shift, ..Run::one(stream.header, stream.body.clone()) };
                    append(partition, run, rolling);
                }
            }
        }
        true
    }
}
