//! The data plane, by a client that is not ours: librdkafka.

use super::admin::{TOPIC, alter_config, moves, name, partition, reassign};
use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{BrokerId, ListOffsetsRequest};
use krun::sandbox::{Data, Fault, Mode, Options};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

fn consumer(sandbox: &Sandbox) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("group.id", "test")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .create()
        .unwrap()
}

/// Every record of a topic: partition, offset, key and value.
fn read_all(consumer: &BaseConsumer, topic: &str) -> Vec<(i32, i64, Vec<u8>, Vec<u8>)> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
    let mut wanted = BTreeMap::new();
    let mut list = TopicPartitionList::new();
    for one in metadata.topics()[0].partitions() {
        let (low, high) = consumer.fetch_watermarks(topic, one.id(), PATIENCE).unwrap();
        assert_eq!(low, 0);
        wanted.insert(one.id(), high);
        list.add_partition_offset(topic, one.id(), Offset::Offset(0)).unwrap();
    }
    consumer.assign(&list).unwrap();
    let total: i64 = wanted.values().sum();
    let (mut records, since) = (vec![], Instant::now());
    while records.len() < usize::try_from(total).unwrap() {
        assert!(since.elapsed() < Duration::from_secs(30), "{} of {total} records", records.len());
        let message = match consumer.poll(Duration::from_millis(100)) {
            // librdkafka tells of a broker that is down, and goes on with the others.
            None | Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::BrokerTransportFailure))) => continue,
            Some(message) => message.unwrap(),
        };
        let bytes = |part: Option<&[u8]>| part.unwrap_or_default().to_vec();
        records.push((message.partition(), message.offset(), bytes(message.key()), bytes(message.payload())));
    }
    records.sort();
    records
}

struct Deliveries(Mutex<Vec<Result<(i32, i64), String>>>);

#[derive(Clone)]
struct Context(Arc<Deliveries>);

impl rdkafka::ClientContext for Context {}

impl rdkafka::producer::ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &rdkafka::producer::DeliveryResult<'_>, (): ()) {
        let one = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((why, _)) => Err(why.to_string()),
        };
        self.0.0.lock().unwrap().push(one);
    }
}

fn producer(sandbox: &Sandbox) -> (ThreadedProducer<Context>, Arc<Deliveries>) {
    let deliveries = Arc::new(Deliveries(Mutex::new(vec![])));
    let producer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "1")
        .set("retry.backoff.ms", "10")
        .set("reconnect.backoff.ms", "10")
        .create_with_context(Context(Arc::clone(&deliveries)))
        .unwrap();
    (producer, deliveries)
}

fn produce(producer: &ThreadedProducer<Context>, topic: &str, partition: i32, range: std::ops::Range<u32>) {
    for number in range {
        let (key, value) = (format!("key {number}"), format!("value {number}"));
        producer.send(BaseRecord::to(topic).partition(partition).key(&key).payload(&value)).unwrap();
    }
}

#[test]
fn the_seed_is_readable_and_what_is_written_comes_back() {
    let sandbox = Sandbox::start(&tiny());
    let consumer = consumer(&sandbox);
    let seeded = read_all(&consumer, "clicks");
    assert_eq!(seeded.len(), 120);
    assert!(seeded.iter().all(|(_, offset, key, value)| {
        key == format!("clicks-{offset}").as_bytes() && value.starts_with(b"{\"topic\":\"clicks\"")
    }));

    let (producer, deliveries) = producer(&sandbox);
    produce(&producer, "payments", 1, 0..50);
    producer.flush(PATIENCE).unwrap();
    let acked = deliveries.0.lock().unwrap().clone();
    assert_eq!(acked, (10..60).map(|offset| Ok((1, offset))).collect::<Vec<_>>());
    let payments = read_all(&consumer, "payments");
    let written: Vec<_> = payments.iter().filter(|(partition, offset, ..)| *partition == 1 && *offset >= 10).collect();
    for (number, (_, offset, key, value)) in written.iter().enumerate() {
        assert_eq!(*offset, 10 + i64::try_from(number).unwrap());
        assert_eq!(
            (key.as_slice(), value.as_slice()),
            (format!("key {number}").as_bytes(), format!("value {number}").as_bytes())
        );
    }
    assert_eq!(written.len(), 50);
}

#[test]
fn a_lost_acknowledgement_does_not_write_twice() {
    let sandbox = Sandbox::start(&tiny());
    let (producer, deliveries) = producer(&sandbox);
    produce(&producer, "orders", 0, 0..1);
    producer.flush(PATIENCE).unwrap();
    let lost = Fault { api: "Produce".into(), broker: None, mode: Mode::LoseReply, count: 1, milliseconds: None };
    sandbox.control().fault(lost).unwrap();
    produce(&producer, "orders", 0, 1..20);
    producer.flush(PATIENCE).unwrap();
    assert!(deliveries.0.lock().unwrap().iter().all(Result::is_ok), "{:?}", deliveries.0.lock().unwrap());
    assert_eq!(consumer(&sandbox).fetch_watermarks("orders", 0, PATIENCE).unwrap(), (0, 30));
}

#[test]
fn writes_go_on_through_a_move_and_a_dead_leader() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    let (producer, deliveries) = producer(&sandbox);
    produce(&producer, "orders", 0, 0..20);
    producer.flush(PATIENCE).unwrap();
    assert_eq!(reassign(sandbox.broker(2), "orders", 0, Some(&[4, 2, 3])), 0);
    produce(&producer, "orders", 0, 20..40);
    eventually("the move is done", || moves(sandbox.broker(2)).is_empty());
    producer.flush(PATIENCE).unwrap();
    let leader = partition(sandbox.broker(2), "orders", 0).leader_id.0;
    assert_eq!(leader, 4, "broker 1 led and left");
    control.kill_broker(leader).unwrap();
    produce(&producer, "orders", 0, 40..60);
    producer.flush(Duration::from_secs(20)).unwrap();
    assert!(deliveries.0.lock().unwrap().iter().all(Result::is_ok), "{:?}", deliveries.0.lock().unwrap());
    let of_0: Vec<_> = read_all(&consumer(&sandbox), "orders").into_iter().filter(|one| one.0 == 0).collect();
    assert_eq!(of_0.len(), 70, "every record once");
    control.start_broker(4).unwrap();
    eventually("the ISR is whole", || partition(sandbox.broker(2), "orders", 0).isr_nodes.len() == 3);
}

#[test]
fn too_few_in_sync_replicas_take_no_write_of_all() {
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(1);
    assert_eq!(partition(address, "payments", 0).leader_id.0, 1);
    assert_eq!(alter_config(address, TOPIC, "payments", "min.insync.replicas", 0, "3"), 0);
    sandbox.control().kill_broker(3).unwrap();
    let refused = Arc::new(Deliveries(Mutex::new(vec![])));
    let producer: ThreadedProducer<Context> = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("acks", "all")
        .set("retries", "0")
        .create_with_context(Context(Arc::clone(&refused)))
        .unwrap();
    produce(&producer, "payments", 0, 0..1);
    producer.flush(PATIENCE).unwrap();
    let outcome = refused.0.lock().unwrap().clone();
    assert!(outcome[0].as_ref().is_err_and(|why| why.contains("NotEnoughReplicas")), "{outcome:?}");
    assert_eq!(consumer(&sandbox).fetch_watermarks("payments", 0, PATIENCE).unwrap(), (0, 10));
}

#[test]
fn the_demo_is_large_and_its_records_are_real() {
    let sandbox = Sandbox::start(&Options { data: Data::Demo, ..tiny() });
    let size = super::admin::size(sandbox.broker(1), "orders", 0).unwrap();
    assert!((30_000_000..60_000_000).contains(&size), "{size}");
    let consumer = consumer(&sandbox);
    let (_, end) = consumer.fetch_watermarks("orders", 5, PATIENCE).unwrap();
    assert_eq!(end, 40_000);
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("orders", 5, Offset::Offset(end - 150)).unwrap();
    consumer.assign(&list).unwrap();
    let mut offsets = vec![];
    while offsets.len() < 150 {
        let message = consumer.poll(PATIENCE).expect("a record").unwrap();
        assert_eq!(message.payload().unwrap().len(), 1000);
        offsets.push(message.offset());
    }
    assert_eq!(offsets, (end - 150..end).collect::<Vec<_>>());
}

#[test]
fn offsets_are_found_by_time() {
    let sandbox = Sandbox::start(&tiny());
    let at = |timestamp: i64| {
        let partition = ListOffsetsPartition::default().with_timestamp(timestamp).with_current_leader_epoch(-1);
        let topic = ListOffsetsTopic::default().with_name(name("orders")).with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic]);
        let reply = ask(sandbox.broker(1), &request, 7);
        let one = &reply.topics[0].partitions[0];
        assert_eq!(one.error_code, 0);
        (one.offset, one.timestamp)
    };
    assert_eq!(at(-1).0, 10);
    assert_eq!(at(-2).0, 0);
    let (newest, time) = at(-3);
    assert_eq!(newest, 9);
    assert_eq!(at(time), (9, time));
    assert_eq!(at(time - 3), (6, time - 3));
    assert_eq!(at(0), (0, time - 9));
    assert_eq!(at(time + 1), (-1, -1));
}
