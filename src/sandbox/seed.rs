//! The topics that a sandbox starts with. Their records are real; all batches of a topic share one body.

use super::cluster::batch::{BatchHeader, Run};
use super::cluster::log::Rolling;
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
    /// Batches in each partition; a batch has about 100 kB.
    batches: u64,
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

/// The handbook's case: of 28 replicas of 100 GB each, seven go to a broker that was just added, so that each of four has
/// 700 GB of the last week.
const LARGE: [Seed; 2] = [
    Seed { name: "peter-diet", partitions: 14, replication_factor: 2, batches: 978_000, configs: &[] },
    Seed {
        name: "peter-keep",
        partitions: 4,
        replication_factor: 3,
        batches: 20_000,
        configs: &[("retention.ms", "1209600000")],
    },
];

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The default of `segment.bytes`.
const SEGMENT_BYTES: u64 = 1_073_741_824;
/// Bytes of the disks under the large topics.
const LARGE_DISK: u64 = 2_000_000_000_000;

/// Fills a cluster, which then has not been changed by anybody yet. The new brokers get nothing.
pub(super) fn fill(cluster: &mut Cluster, options: &Options) -> Result<(), Error> {
    let (seeds, records, value_bytes) = match options.data {
        Data::None => return Ok(()),
        Data::Tiny => (&SEEDS[..], 10, 40),
        Data::Demo => (&SEEDS[..], 100, 1000),
        Data::Large => (&LARGE[..], 100, 1000),
    };
    let old: Vec<i32> = (1..=i32::from(options.brokers - options.new)).collect();
    for seed in seeds {
        let bytes = batch(seed.name, records, value_bytes)?;
        let header = BatchHeader::read(&bytes).map_err(|bad| internal(&format!("{bad:?}")))?;
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
        let runs = if options.data == Data::Tiny {
            vec![Run::one(header, bytes)]
        } else {
            // Batches are an hour old; the last of the large topics has just been written.
            let shift = if options.data == Data::Large { HOUR - 1000 } else { 0 };
            spread_over(&Run { times: seed.batches, shift, ..Run::one(header, bytes) }, seed.retention())
        };
        for partition in cluster.topics.get_mut(seed.name).map(|topic| &mut topic.partitions).into_iter().flatten() {
            for run in &runs {
                partition.log.roll();
                partition.log.append(run.clone(), 0, Rolling::NONE);
            }
            let size = bytes_f64(partition.log.size());
            partition.copied.values_mut().for_each(|copied| *copied = size);
        }
    }
    if options.data == Data::Large {
        let ids: Vec<i32> = cluster.brokers.keys().copied().collect();
        for id in ids {
            cluster.set_disk_size(id, LARGE_DISK);
        }
    }
    cluster.counters = super::cluster::counters::Counters::default();
    Ok(())
}

impl Seed {
    /// ms.
    fn retention(&self) -> i64 {
        let own = self.configs.iter().find(|(name, _)| *name == "retention.ms");
        own.and_then(|(_, value)| value.parse().ok()).unwrap_or(7 * DAY)
    }
}

/// The batches spread evenly over what retention keeps, as if they had been written all the time: in segments of a quarter of
/// a day, or of `segment.bytes`.
fn spread_over(all: &Run, retention: i64) -> Vec<Run> {
    let of_bytes = i64::try_from(all.size() / SEGMENT_BYTES + 1).unwrap_or(i64::MAX);
    let segments = (retention / (DAY / 4)).max(of_bytes).max(1);
    let step = retention / i64::try_from(all.times).unwrap_or(i64::MAX).max(1);
    let of_segment = |nth: i64| {
        let first = all.times * u64::try_from(nth).unwrap_or(0) / u64::try_from(segments).unwrap_or(1);
        let end = all.times * u64::try_from(nth + 1).unwrap_or(0) / u64::try_from(segments).unwrap_or(1);
        let behind = i64::try_from(all.times - 1 - first).unwrap_or(0);
        Run { times: end - first, shift: all.shift - behind * step, step, ..all.clone() }
    };
    (0..segments).map(of_segment).filter(|run| run.times > 0).collect()
}

/// A v2 batch of `records` records, an hour old, with values of `value_bytes` bytes.
pub(super) fn batch(topic: &str, records: usize, value_bytes: usize) -> Result<Bytes, Error> {
    let start = jiff::Timestamp::now().as_millisecond() - HOUR;
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
            value: Some(Bytes::from(format!("{said}{}", " ".repeat(value_bytes.saturating_sub(said.len()))))),
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
