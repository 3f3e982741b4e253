//! The topics that a sandbox starts with. Their records are real; all batches of a topic share one body.

use super::cluster::log::BatchHeader;
use super::cluster::partition::bytes_f64;
use super::cluster::{Cluster, NewTopic};
use super::options::{Data, Options};
use crate::error::Error;
use bytes::{Bytes, BytesMut};
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record, RecordBatchEncoder,
    RecordEncodeOptions, TimestampType,
};

struct Seed {
    name: &'static str,
    partitions: i32,
    replication_factor: usize,
    /// Batches in each partition of the demo; a batch has about 100 kB.
    batches: usize,
    configs: &'static [(&'static str, &'static str)],
}

/// Sizes are such that levelling four brokers at 20 MB/s takes about 20 seconds.
const SEEDS: [Seed; 5] = [
    Seed { name: "peter-scaleout1", partitions: 4, replication_factor: 1, batches: 10, configs: &[] },
    Seed { name: "peter-scaleout2", partitions: 3, replication_factor: 2, batches: 40, configs: &[] },
    Seed { name: "orders", partitions: 6, replication_factor: 3, batches: 400, configs: &[] },
    Seed {
        name: "payments",
        partitions: 3,
        replication_factor: 3,
        batches: 240,
        configs: &[("min.insync.replicas", "2"), ("retention.ms", "1209600000")],
    },
    Seed { name: "clicks", partitions: 12, replication_factor: 2, batches: 160, configs: &[] },
];

/// Fills a cluster, which then has not been changed by anybody yet. The new brokers get nothing.
pub(super) fn fill(cluster: &mut Cluster, options: &Options) -> Result<(), Error> {
    let (records, value_bytes) = match options.data {
        Data::None => return Ok(()),
        Data::Tiny => (10, 40),
        Data::Demo => (100, 1000),
    };
    let old: Vec<i32> = (1..=i32::from(options.brokers - options.new)).collect();
    for seed in &SEEDS {
        let body = batch(seed.name, records, value_bytes)?;
        let header = BatchHeader::read(&body).map_err(|bad| internal(&format!("{bad:?}")))?;
        let batches = if options.data == Data::Tiny { 1 } else { seed.batches };
        let replicas = |index: i32| {
            let mut ids = old.clone();
            ids.rotate_left(usize::try_from(index).unwrap_or(0) % old.len().max(1));
            ids.truncate(seed.replication_factor);
            ids
        };
        let new = NewTopic {
            name: seed.name.to_owned(),
            partitions: -1,
            replication_factor: -1,
            assignments: (0..seed.partitions).map(|index| (index, replicas(index))).collect(),
            configs: seed.configs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        };
        cluster.create_topic(&new, false).map_err(|refusal| internal(&refusal.message))?;
        for partition in cluster.topics.get_mut(seed.name).map(|topic| &mut topic.partitions).into_iter().flatten() {
            for _ in 0..batches {
                partition.log.append(header, 0, body.clone());
            }
            let size = bytes_f64(partition.log.size());
            partition.copied.values_mut().for_each(|copied| *copied = size);
        }
    }
    cluster.counters = super::cluster::counters::Counters::default();
    Ok(())
}

/// A v2 batch of `records` records, an hour old, with values of `value_bytes` bytes.
pub(super) fn batch(topic: &str, records: usize, value_bytes: usize) -> Result<Bytes, Error> {
    let start = jiff::Timestamp::now().as_millisecond() - 3_600_000;
    let record = |place: i32| {
        let offset = i64::from(place);
        let said = format!("{{\"topic\":\"{topic}\",\"record\":{offset}}}");
        Record {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            timestamp_type: TimestampType::Creation,
            offset,
            // The codec begins a new batch where sequences do not go with offsets; the first one is "none".
            sequence: NO_SEQUENCE.wrapping_add(place),
            timestamp: start + offset,
            key: Some(Bytes::from(format!("{topic}-{offset}"))),
            value: Some(Bytes::from(format!("{said:<value_bytes$}"))),
            headers: kafka_protocol::indexmap::IndexMap::default(),
        }
    };
    let records: Vec<Record> = (0..).take(records).map(record).collect();
    let mut body = BytesMut::new();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    RecordBatchEncoder::encode(&mut body, &records, &options).map_err(|why| internal(&why.to_string()))?;
    Ok(body.freeze())
}

pub(super) fn internal(why: &str) -> Error {
    Error::new("SANDBOX_SEED_FAILED", format!("the sandbox's own topics cannot be made: {why}"))
}
