//! The brokers pass for other releases of Kafka: krun's client and librdkafka get on with each, and each does what only
//! its own kind does.

use super::admin::{moves, reassign};
use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::{
    AlterConfigsRequest, ApiKey, ApiVersionsRequest, CreateTopicsRequest, ListPartitionReassignmentsRequest,
    MetadataRequest,
};
use krun::error::Failure;
use krun::kafka::configs::{self, Change, Resource, Source};
use krun::kafka::{cluster, committed, features, groups, leaders, log_dirs, quorum, reassignments, releases, topics};
use krun::sandbox::{Guise, Options};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const ALL: [&str; 12] =
    ["2.1.1", "2.2.2", "2.3.1", "2.4.1", "2.6.3", "2.8.2", "3.2.3", "3.5.2", "3.9.2", "4.0.1", "4.1.2", "4.4.0"];

fn guise(text: &str) -> Guise {
    text.parse().unwrap()
}

fn start(text: &str) -> Sandbox {
    Sandbox::start(&Options { guise: guise(text), ..tiny() })
}

/// The newest version of an API that is offered.
fn newest(sandbox: &Sandbox, api: ApiKey) -> Option<i16> {
    let reply = ask(sandbox.broker(1), &ApiVersionsRequest::default(), 0);
    reply.api_keys.iter().find(|one| one.api_key == api as i16).map(|one| one.max_version)
}

#[test]
fn versions_are_those_of_the_release() {
    use ApiKey::{
        AlterPartitionReassignments, DescribeCluster, DescribeLogDirs, DescribeQuorum, Fetch, IncrementalAlterConfigs,
        Metadata,
    };
    for (text, metadata, fetch, log_dirs, incremental, reassign, cluster, quorum) in [
        ("2.1.1", 7, 10, 1, None, None, None, None),
        ("2.3.1", 8, 11, 1, Some(0), None, None, None),
        ("2.6.3", 9, 11, 2, Some(1), Some(0), None, None),
        ("2.8.2", 11, 12, 2, Some(1), Some(0), Some(0), None),
        ("3.9.2", 12, 17, 4, Some(1), Some(0), Some(1), Some(2)),
        ("4.1.2", 13, 18, 4, Some(1), Some(1), Some(2), Some(2)),
    ] {
        let sandbox = start(text);
        let of = |api| newest(&sandbox, api);
        assert_eq!([of(Metadata), of(Fetch), of(DescribeLogDirs)].map(Option::unwrap), [metadata, fetch, log_dirs]);
        let rare = [IncrementalAlterConfigs, AlterPartitionReassignments, DescribeCluster, DescribeQuorum].map(of);
        assert_eq!(rare, [incremental, reassign, cluster, quorum], "{text}");
    }
    let zookeeper = Sandbox::start(&Options { guise: guise("3.9.2").with_zookeeper().unwrap(), ..tiny() });
    assert_eq!(newest(&zookeeper, DescribeQuorum), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn krun_and_librdkafka_work_on_every_release() {
    for text in ALL {
        let sandbox = start(text);
        reads_and_writes(&sandbox);
        let client = sandbox.client().await;
        let told = releases::of_broker(&client, 1).await.unwrap().release;
        let release = text.rsplit_once('.').unwrap().0;
        let told_so = match text {
            "2.1.1" => "2.1 or older",
            "3.5.2" => "3.5 to 3.6",
            "4.1.2" | "4.4.0" => "4.1 or newer",
            _ => release,
        };
        assert_eq!(told.text, told_so);
        assert_eq!(cluster::describe(&client).await.unwrap().brokers.len(), 4, "{text}");
        assert_eq!(topics::list(&client, None).await.unwrap().len(), 6, "{text}");
        assert_eq!(groups::list(&client).await.unwrap().groups.len(), 1, "{text}");
        assert_eq!(groups::describe(&client, "readers").await.unwrap().state, "Empty", "{text}");
        assert_eq!(committed::lag(&client, "readers").await.unwrap().len(), 3, "{text}");
        topics::create_partitions(&client, "orders", 7, None).await.unwrap();
        let dirs = log_dirs::describe(&client, 1).await.unwrap();
        let knows_free = !text.starts_with('2') && text != "3.2.3";
        assert_eq!(dirs[0].usable_bytes.is_some(), knows_free, "{text}");
        let topic = Resource::Topic("orders".to_owned());
        let change =
            |value: Option<&str>| vec![Change { name: "retention.ms".to_owned(), value: value.map(str::to_owned) }];
        configs::alter(&client, &topic, &change(Some("1000"))).await.unwrap();
        let retention = |entries: Vec<configs::ConfigEntry>| {
            entries.into_iter().find(|one| one.name == "retention.ms").map(|one| (one.value, one.source))
        };
        let found = retention(configs::describe(&client, &topic).await.unwrap());
        assert_eq!(found, Some((Some("1000".to_owned()), Source::DynamicTopic)), "{text}");
        configs::alter(&client, &topic, &change(None)).await.unwrap();
        let quorum = quorum::describe(&client).await;
        let kraft = !guise(text).has_zookeeper();
        assert_eq!(quorum.is_ok(), kraft, "{text}: {quorum:?}");
        let features = features::describe(&client).await;
        let has = features.is_ok_and(|it| it.finalized.contains_key("metadata.version"));
        assert_eq!(has, kraft, "{text}");
    }
}

/// An idempotent producer, and a consumer in a group.
fn reads_and_writes(sandbox: &Sandbox) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("enable.idempotence", "true")
        .create()
        .unwrap();
    for number in 0..10 {
        let value = number.to_string();
        producer.send(BaseRecord::<(), _>::to("payments").partition(0).payload(&value)).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", sandbox.bootstrap())
        .set("group.id", "readers")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&["payments"]).unwrap();
    let (mut seen, since) = (0, Instant::now());
    while seen < 40 {
        assert!(since.elapsed() < PATIENCE, "{seen} of 40 records");
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            assert!(message.unwrap().payload().is_some());
            seen += 1;
        }
    }
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
}

fn create(address: &str, name: &str) -> i16 {
    let topic =
        CreatableTopic::default().with_name(super::admin::name(name)).with_num_partitions(1).with_replication_factor(1);
    ask(address, &CreateTopicsRequest::default().with_topics(vec![topic]), 3).topics[0].error_code
}

fn controller(sandbox: &Sandbox, asked: usize) -> i32 {
    ask(sandbox.broker(asked), &MetadataRequest::default().with_topics(Some(vec![])), 5).controller_id.0
}

#[tokio::test(flavor = "multi_thread")]
async fn with_zookeeper_only_the_controller_changes_and_it_moves_when_it_dies() {
    let sandbox = start("2.6.3");
    assert_eq!((controller(&sandbox, 1), controller(&sandbox, 3)), (1, 1));
    assert_eq!((create(sandbox.broker(2), "t"), create(sandbox.broker(1), "t")), (41, 0));
    let list = ListPartitionReassignmentsRequest::default().with_topics(None);
    assert_eq!(ask(sandbox.broker(3), &list, 0).error_code, 41);
    let client = sandbox.client().await;
    sandbox.control().kill_broker(1).unwrap();
    assert_eq!(controller(&sandbox, 2), 2);
    assert_eq!(create(sandbox.broker(2), "u"), 0);
    topics::create_partitions(&client, "orders", 7, None).await.expect("krun finds the new controller");
    sandbox.control().start_broker(1).unwrap();
    assert_eq!(controller(&sandbox, 1), 2, "who comes back is not the controller again");

    sandbox.control().kill_broker(4).unwrap();
    assert_eq!(reassign(sandbox.broker(2), "orders", 0, Some(&[4, 2])), 39, "who is dead is not registered");
    let target = reassignments::Move { topic: "orders".to_owned(), partition: 0, replicas: Some(vec![3, 2]) };
    let answered = reassignments::alter(&client, &[target]).await.unwrap();
    assert_eq!(answered[0].error, None);
    eventually("it is done", || moves(sandbox.broker(2)).is_empty());
    assert_eq!(replicas(&sandbox, "orders"), [3, 2]);
    leaders::elect_preferred(&client, &[("orders".to_owned(), 0)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_brokers_hide_rates_and_take_topic_configs_only_as_a_whole() {
    let sandbox = start("2.1.1");
    let client = sandbox.client().await;
    let rate = "leader.replication.throttled.rate";
    let all = AlterConfigsRequest::default().with_resources(vec![
        AlterConfigsResource::default()
            .with_resource_type(4)
            .with_resource_name("1".into())
            .with_configs(vec![AlterableConfig::default().with_name(rate.into()).with_value(Some("5".into()))]),
    ]);
    assert_eq!(ask(sandbox.broker(1), &all, 1).responses[0].error_code, 0);
    let broker = Resource::Broker(1);
    let found = configs::describe(&client, &broker).await.unwrap();
    let found = found.iter().find(|one| one.name == rate).expect("it is set");
    assert_eq!((found.value.as_deref(), found.source, found.sensitive), (None, Source::DynamicBroker, true));
    let change = |name: &str, value: Option<&str>| Change { name: name.to_owned(), value: value.map(str::to_owned) };
    let refused = configs::alter(&client, &broker, &[change(rate, None)]).await;
    assert!(matches!(&refused, Err(Failure::Refused(error)) if error.code == "UNSUPPORTED_VERSION"), "{refused:?}");

    let topic = Resource::Topic("payments".to_owned());
    configs::alter(&client, &topic, &[change("segment.ms", Some("7"))]).await.unwrap();
    let own = configs::describe(&client, &topic).await.unwrap();
    let mut own: Vec<_> =
        own.into_iter().filter(|one| one.source == Source::DynamicTopic).map(|one| one.name).collect();
    own.sort();
    assert_eq!(own, ["min.insync.replicas", "retention.ms", "segment.ms"], "what was there stays");
    let elect = leaders::elect_preferred(&client, &[("orders".to_owned(), 0)]).await;
    assert!(matches!(&elect, Err(Failure::Refused(error)) if error.code == "UNSUPPORTED_VERSION"), "{elect:?}");
    let target = reassignments::Move { topic: "orders".to_owned(), partition: 0, replicas: Some(vec![3, 2]) };
    let moved = reassignments::alter(&client, &[target]).await;
    assert!(matches!(&moved, Err(Failure::Refused(error)) if error.code == "UNSUPPORTED_VERSION"), "{moved:?}");
}

/// Of partition 0, asked in a version that old brokers know.
fn replicas(sandbox: &Sandbox, topic: &str) -> Vec<i32> {
    let reply = ask(sandbox.broker(2), &MetadataRequest::default().with_topics(None), 5);
    let topic = reply.topics.iter().find(|one| one.name == Some(super::admin::name(topic))).unwrap();
    super::admin::numbers(&topic.partitions[0].replica_nodes)
}
