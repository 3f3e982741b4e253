//! A producer that goes on for as long as somebody wants it: everything that was acknowledged to it must be read again.

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientContext, Message, Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Records a second, of 100 bytes.
const RATE: u32 = 250;
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(100);

pub(super) struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Outcome>,
}

/// The numbers of its records, and how long the slowest one took.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) acknowledged: BTreeSet<u64>,
    pub(super) refused: Vec<(u64, String)>,
    pub(super) slowest: Duration,
    pub(super) lasted: Duration,
}

impl Writer {
    /// acks=all, idempotent.
    pub(super) fn start(bootstrap: &str, topic: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let producer: BaseProducer<Heard> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("log_level", "0")
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .create_with_context(Heard::default())
            .expect("librdkafka takes a producer's settings");
        let (topic, flag) = (topic.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || write(&producer, &topic, &flag));
        Self { stop, thread }
    }

    /// Waits for everything that is on its way.
    pub(super) fn stop(self) -> Outcome {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("the writer does not panic")
    }
}

fn write(producer: &BaseProducer<Heard>, topic: &str, stop: &AtomicBool) -> Outcome {
    let begun = Instant::now();
    let mut number = 0u64;
    while !stop.load(Ordering::SeqCst) {
        let payload = format!("{number:0100}");
        let record = BaseRecord::<str, str, _>::with_opaque_to(topic, Box::new((number, Instant::now())));
        if producer.send(record.payload(&payload).key(&payload)).is_ok() {
            number += 1;
        }
        producer.poll(Duration::ZERO);
        let due = Duration::from_secs(number) / RATE;
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    // What is not delivered by then is told as refused.
    let _ = producer.flush(Duration::from_mins(5));
    let mut heard = producer.context().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    heard.lasted = begun.elapsed();
    heard
}

/// The numbers in a topic, from its very beginning. Commits what it has read for a group.
pub(super) fn read(bootstrap: &str, topic: &str, partitions: i32, group: &str) -> BTreeSet<u64> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .create()
        .expect("librdkafka takes a consumer's settings");
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).expect("a good offset");
    }
    consumer.assign(&all).expect("it takes partitions");
    let (mut numbers, mut ended, mut last) = (BTreeSet::new(), BTreeSet::new(), Instant::now());
    while ended.len() < partitions.unsigned_abs() as usize {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                let text = message.payload_view::<str>().and_then(Result::ok).expect("a text");
                let number = text.trim_start_matches('0');
                numbers.insert(if number.is_empty() { 0 } else { number.parse().expect("a number") });
                last = Instant::now();
            }
            Some(Err(rdkafka::error::KafkaError::PartitionEOF(partition))) => drop(ended.insert(partition)),
            // Passing faults are told here too.
            _ => assert!(last.elapsed() < PATIENCE, "{topic} cannot be read to its end: {ended:?} of {partitions}"),
        }
    }
    let position = consumer.position().expect("it knows where it is");
    consumer.commit(&position, CommitMode::Sync).expect("offsets are committed");
    numbers
}

#[derive(Default)]
struct Heard(Mutex<Outcome>);

impl ClientContext for Heard {}

impl ProducerContext for Heard {
    type DeliveryOpaque = Box<(u64, Instant)>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Self::DeliveryOpaque) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.slowest = heard.slowest.max(sent.1.elapsed());
        match result {
            Ok(_) => drop(heard.acknowledged.insert(sent.0)),
            Err((error, _)) => heard.refused.push((sent.0, error.to_string())),
        }
    }
}
