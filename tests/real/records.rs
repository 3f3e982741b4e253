//! Records whose every byte is known from their partition and number: written through librdkafka, read back, compared.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientContext, Message, Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

const SIZE: usize = 10_000;
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(100);

/// Creates a topic with one list of replicas per partition, the preferred leader first.
pub(crate) fn create_topic(bootstrap: &str, name: &str, replicas: &[&[i32]], configs: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create().expect("librdkafka takes a bootstrap address");
    let partitions = i32::try_from(replicas.len()).expect("a small number of partitions");
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Variable(replicas));
    for (key, value) in configs {
        topic = topic.set(key, value);
    }
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let results = runtime.block_on(admin.create_topics([&topic], &options)).expect("the cluster answers");
    for result in results {
        result.unwrap_or_else(|(name, error)| panic!("topic {name} is not created: {error}"));
    }
}

/// What is in a topic: so many records in each partition, every one acknowledged by all replicas in sync.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    topic: String,
    partitions: i32,
    each: u64,
    noise: Arc<[u8]>,
}

impl Written {
    /// `megabytes` of records, spread evenly over the partitions of an empty topic.
    pub(crate) fn write(bootstrap: &str, topic: &str, partitions: i32, megabytes: u64) -> Self {
        Self::write_aged(bootstrap, topic, partitions, &[(megabytes, Duration::ZERO)])
    }

    /// The same in parts, each of an age of its own.
    pub(crate) fn write_aged(bootstrap: &str, topic: &str, partitions: i32, parts: &[(u64, Duration)]) -> Self {
        let count = u64::try_from(partitions).expect("a positive number of partitions");
        let parts = parts.iter().map(|(megabytes, age)| ((megabytes * 1_000_000 / SIZE as u64).div_ceil(count), *age));
        let parts: Vec<(u64, Duration)> = parts.collect();
        let each = parts.iter().map(|(each, _)| each).sum();
        let written = Self { topic: topic.to_owned(), partitions, each, noise: noise() };
        let producer: BaseProducer<Deliveries> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "20")
            .set("queue.buffering.max.kbytes", "32768")
            .create_with_context(Deliveries::default())
            .expect("librdkafka takes a producer's settings");
        let mut numbers = 0..;
        for (each, age) in parts {
            for number in numbers.by_ref().take(usize::try_from(each).expect("a small number of records")) {
                for partition in 0..partitions {
                    written.send(&producer, partition, number, age);
                }
            }
        }
        producer.flush(PATIENCE).expect("all records are delivered");
        let acknowledged = producer.context().acknowledged.load(Ordering::SeqCst);
        assert_eq!(
            acknowledged,
            each * u64::from(written.partitions.unsigned_abs()),
            "records of {topic} acknowledged"
        );
        written
    }

    fn send(&self, producer: &BaseProducer<Deliveries>, partition: i32, number: u64, age: Duration) {
        let payload = self.payload(partition, number);
        let then = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970") - age;
        let then = i64::try_from(then.as_millis()).expect("it is before the year 292 million");
        let mut record = BaseRecord::<(), _>::to(&self.topic).partition(partition).payload(&payload).timestamp(then);
        while let Err((error, unsent)) = producer.send(record) {
            let full = matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
            assert!(full, "record {number} of {}-{partition} is not sent: {error}", self.topic);
            producer.poll(POLL);
            record = unsent;
        }
        producer.poll(Duration::ZERO);
    }

    /// Reads everything and compares it: the records of each partition from 0 on, none missing, none twice, every byte
    /// as it was written, nothing behind them. The error says what is wrong first.
    pub(crate) fn read_back(&self, bootstrap: &str) -> Result<(), String> {
        let consumer = self.read_from(bootstrap, 0)?;
        self.compare_ends(&consumer)
    }

    /// The newest so many records of each partition, compared in the same way; of those before them, some are gone.
    pub(crate) fn read_newest(&self, bootstrap: &str, count: u64) -> Result<(), String> {
        let consumer = self.read_from(bootstrap, self.each - count)?;
        for partition in 0..self.partitions {
            let ends =
                consumer.fetch_watermarks(&self.topic, partition, PATIENCE).map_err(|error| error.to_string())?;
            if ends.0 == 0 || u64::try_from(ends.1) != Ok(self.each) {
                return Err(format!("{}-{partition} holds offsets {ends:?}: its oldest are there still", self.topic));
            }
        }
        Ok(())
    }

    fn read_from(&self, bootstrap: &str, first: u64) -> Result<BaseConsumer, String> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            // librdkafka assigns nothing to a consumer without a group. Looking for the group's coordinator makes the
            // cluster create `__consumer_offsets`, as it has it in real life.
            .set("group.id", "krun-tests")
            .set("enable.auto.commit", "false")
            .set("check.crcs", "true")
            .create()
            .map_err(|error| error.to_string())?;
        let from = i64::try_from(first).expect("a small number");
        let mut all = TopicPartitionList::new();
        for partition in 0..self.partitions {
            all.add_partition_offset(&self.topic, partition, Offset::Offset(from))
                .map_err(|error| error.to_string())?;
        }
        consumer.assign(&all).map_err(|error| error.to_string())?;
        let mut next = vec![first; self.partitions.unsigned_abs() as usize];
        let mut last = Instant::now();
        while next.iter().any(|read| *read < self.each) {
            match consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let count = usize::try_from(message.partition()).ok().and_then(|index| next.get_mut(index));
                    let count = count.ok_or_else(|| format!("{} has a partition too many", self.topic))?;
                    self.compare(message.partition(), *count, message.offset(), message.payload())?;
                    *count += 1;
                    last = Instant::now();
                }
                // librdkafka tells of passing faults here and goes on; what does not pass is seen by the clock.
                Some(Err(_)) | None if last.elapsed() < PATIENCE => {}
                Some(Err(error)) => {
                    return Err(format!("{}: {error} after {next:?} of {} records", self.topic, self.each));
                }
                None => return Err(format!("{}: only {next:?} of {} records can be read", self.topic, self.each)),
            }
        }
        Ok(consumer)
    }

    fn compare(&self, partition: i32, number: u64, offset: i64, payload: Option<&[u8]>) -> Result<(), String> {
        let place = format!("{}-{partition} record {number}", self.topic);
        if u64::try_from(offset) != Ok(number) {
            return Err(format!("{place} is at offset {offset}: something is lost, or there twice"));
        }
        if payload != Some(&self.payload(partition, number)[..]) {
            return Err(format!("{place} is not what was written"));
        }
        Ok(())
    }

    fn compare_ends(&self, consumer: &BaseConsumer) -> Result<(), String> {
        for partition in 0..self.partitions {
            let ends =
                consumer.fetch_watermarks(&self.topic, partition, PATIENCE).map_err(|error| error.to_string())?;
            if u64::try_from(ends.1) != Ok(self.each) || ends.0 != 0 {
                return Err(format!("{}-{partition} holds offsets {ends:?}, not 0 to {}", self.topic, self.each));
            }
        }
        Ok(())
    }

    /// The record's place, then a piece of noise that depends on it: no two records are alike, and nothing compresses.
    fn payload(&self, partition: i32, number: u64) -> Vec<u8> {
        let turn = number.wrapping_mul(7919) ^ u64::from(partition.unsigned_abs()).wrapping_mul(104_729);
        let starts = self.noise.len() - SIZE;
        let from = usize::try_from(turn % starts as u64).expect("less than a usize");
        let mut payload = self.noise[from..from + SIZE].to_vec();
        payload[..8].copy_from_slice(&number.to_be_bytes());
        payload[8..12].copy_from_slice(&partition.to_be_bytes());
        payload
    }
}

/// Always the same: a xorshift generator from a fixed seed.
fn noise() -> Arc<[u8]> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(16 * 1024).flatten().collect()
}

/// Lets a consumer group have read each partition of a topic up to an offset.
pub(crate) fn commit(bootstrap: &str, group: &str, topic: &str, offsets: &[i64]) {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .create()
        .expect("librdkafka takes a consumer's settings");
    let mut all = TopicPartitionList::new();
    for (partition, offset) in (0..).zip(offsets) {
        all.add_partition_offset(topic, partition, Offset::Offset(*offset)).expect("a valid offset");
    }
    // The group's coordinator may have to be made first.
    let began = Instant::now();
    while let Err(error) = consumer.commit(&all, CommitMode::Sync) {
        assert!(began.elapsed() < PATIENCE, "group {group} cannot commit: {error}");
        std::thread::sleep(POLL);
    }
}

/// Counts what the brokers acknowledged. A record that they refuse fails the test by its absence in the count.
#[derive(Default)]
struct Deliveries {
    acknowledged: AtomicU64,
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_ok() {
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }
}
