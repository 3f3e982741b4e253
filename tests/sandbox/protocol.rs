//! The protocol's edges: versions, foreign and hostile bytes, routing.

use super::admin::{BROKER, TOPIC, config, metadata, name};
use super::client::{ask, connect, receive, request_frame, send, try_ask};
use super::running::{Sandbox, tiny};
use bytes::{Buf, BufMut, BytesMut};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::Decodable;
use std::io::{Read, Write};

#[test]
fn versions_are_those_of_kafka_3_9() {
    let sandbox = Sandbox::start(&tiny());
    for version in 0..=4 {
        let reply = ask(sandbox.broker(1), &ApiVersionsRequest::default(), version);
        let range = |key: ApiKey| {
            let api = reply.api_keys.iter().find(|api| api.api_key == key as i16).unwrap();
            (api.min_version, api.max_version)
        };
        assert_eq!(reply.error_code, 0);
        assert_eq!(range(ApiKey::Metadata), (0, 12));
        assert_eq!(range(ApiKey::Produce), (3, 11));
        assert_eq!(range(ApiKey::AlterPartitionReassignments), (0, 0));
    }
}

#[test]
fn unknown_versions_of_api_versions_are_answered_in_v0() {
    let sandbox = Sandbox::start(&tiny());
    let mut stream = connect(sandbox.broker(1));
    let mut frame = BytesMut::new();
    frame.put_i16(18);
    frame.put_i16(99);
    frame.put_i32(5);
    frame.put_slice(b"whatever this version looks like");
    send(&mut stream, &frame).unwrap();
    let mut reply = receive(&mut stream).unwrap();
    assert_eq!(reply.get_i32(), 5);
    let reply = ApiVersionsResponse::decode(&mut reply, 0).unwrap();
    assert_eq!(reply.error_code, 35);
    assert_eq!((reply.api_keys[0].api_key, reply.api_keys[0].max_version), (18, 4));
    // The same connection goes on.
    assert_eq!(try_ask(&mut stream, &ApiVersionsRequest::default(), 4).unwrap().error_code, 0);
}

/// Sends bytes and expects the broker to close without a word.
fn closes(address: &str, bytes: &[u8]) {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => assert!(said.is_empty(), "{said:?}"),
        Err(why) => assert_eq!(why.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

fn framed(frame: &[u8]) -> Vec<u8> {
    [&u32::try_from(frame.len()).unwrap().to_be_bytes(), frame].concat()
}

#[test]
fn what_is_no_request_closes_the_connection_and_harms_nobody() {
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(2);
    closes(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    closes(address, &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]);
    closes(address, &(-5_i32).to_be_bytes());
    closes(address, &framed(&[0, 3, 0]));
    closes(address, &framed(&[0, 3, 0, 99, 0, 0, 0, 0]));
    closes(address, &framed(&[0x7f, 0x7f, 0, 0, 0, 0, 0, 0]));
    let mut topics = request_frame(&MetadataRequest::default().with_topics(Some(vec![])), 5).to_vec();
    topics[14..18].copy_from_slice(&0x7fff_fff0_i32.to_be_bytes());
    closes(address, &framed(&topics));
    // A length of 16 MiB of which nothing follows takes no memory, and ends with the connection.
    connect(address).write_all(&(16 * 1024 * 1024_i32).to_be_bytes()).unwrap();
    assert_eq!(metadata(address).brokers.len(), 4);
}

#[test]
fn metadata_names_brokers_topics_and_ids() {
    let sandbox = Sandbox::start(&tiny());
    let all = metadata(sandbox.broker(3));
    assert_eq!(all.cluster_id.as_ref().unwrap().as_str(), sandbox.running.cluster_id);
    let ids: Vec<i32> = all.brokers.iter().map(|broker| broker.node_id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    let names: Vec<&str> = all.topics.iter().map(|topic| topic.name.as_ref().unwrap().as_str()).collect();
    assert_eq!(names, ["clicks", "orders", "payments", "peter-scaleout1", "peter-scaleout2"]);
    assert!(all.topics.iter().flat_map(|topic| &topic.partitions).all(|one| !one.replica_nodes.contains(&BrokerId(4))));

    let by = |topic: MetadataRequestTopic, version| {
        let reply = ask(sandbox.broker(1), &MetadataRequest::default().with_topics(Some(vec![topic])), version);
        reply.topics[0].clone()
    };
    let orders = by(MetadataRequestTopic::default().with_name(Some(name("orders"))), 12);
    let same = by(MetadataRequestTopic::default().with_name(None).with_topic_id(orders.topic_id), 12);
    assert_eq!(same, orders);
    assert_eq!(by(MetadataRequestTopic::default().with_name(Some(name("nope"))), 12).error_code, 3);
    assert_eq!(by(MetadataRequestTopic::default().with_name(Some(name("no/pe"))), 4).error_code, 17);
    let unknown = MetadataRequestTopic::default().with_name(None).with_topic_id(uuid::Uuid::from_u128(5));
    assert_eq!(by(unknown, 12).error_code, 100);
    assert!(ask(sandbox.broker(1), &MetadataRequest::default().with_topics(Some(vec![])), 12).topics.is_empty());
    assert_eq!(ask(sandbox.broker(1), &MetadataRequest::default().with_topics(Some(vec![])), 0).topics.len(), 5);

    let described = ask(sandbox.broker(1), &DescribeClusterRequest::default(), 1);
    assert_eq!(described.brokers.len(), 4);
    assert_eq!(described.cluster_id.as_str(), sandbox.running.cluster_id);
    assert_eq!(ask(sandbox.broker(1), &DescribeClusterRequest::default().with_endpoint_type(2), 1).error_code, 114);
}

fn create(address: &str, topic: CreatableTopic, validate_only: bool) -> i16 {
    let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_validate_only(validate_only);
    ask(address, &request, 7).topics[0].error_code
}

#[test]
fn topics_are_created_and_deleted_or_refused_as_kafka_does() {
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(1);
    let topic = |text: &str, partitions, factor| {
        CreatableTopic::default().with_name(name(text)).with_num_partitions(partitions).with_replication_factor(factor)
    };
    assert_eq!(create(address, topic("t", 3, 2), true), 0);
    assert_eq!(metadata(address).topics.len(), 5);
    assert_eq!(create(address, topic("t", 3, 2), false), 0);
    assert_eq!(create(address, topic("t", 3, 2), false), 36);
    assert_eq!(create(address, topic("u", 0, 2), false), 37);
    assert_eq!(create(address, topic("u", 1, 5), false), 38);
    assert_eq!(create(address, topic("u v", 1, 1), false), 17);
    let config = |key: &str, value: &str| {
        let config = create_topics_request::CreatableTopicConfig::default();
        vec![config.with_name(key.to_owned().into()).with_value(Some(value.to_owned().into()))]
    };
    assert_eq!(create(address, topic("u", 1, 1).with_configs(config("retention.ms", "x")), false), 40);
    assert_eq!(create(address, topic("u", 1, 1).with_configs(config("retention.ms", "7")), false), 0);
    assert_eq!(config_of(address, "u", "retention.ms"), ("7".to_owned(), 1));
    let state = DeleteTopicState::default().with_name(Some(name("u")));
    let deleted = ask(address, &DeleteTopicsRequest::default().with_topics(vec![state.clone()]), 6);
    assert_eq!(deleted.responses[0].error_code, 0);
    assert_eq!(ask(address, &DeleteTopicsRequest::default().with_topics(vec![state]), 6).responses[0].error_code, 3);
    let counted = sandbox.control().counters().unwrap();
    let texts: Vec<&str> = counted.applied.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["t [2,3],[3,4],[4,1]", "u [3] retention.ms=7", "u"]);
}

fn config_of(address: &str, topic: &str, key: &str) -> (String, i8) {
    let (value, source) = config(address, TOPIC, topic, key).unwrap();
    (value.unwrap(), source)
}

#[test]
fn configs_have_a_source_and_brokers_answer_for_themselves() {
    use super::admin::alter_config as alter;
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(1);
    assert_eq!(config_of(address, "payments", "min.insync.replicas"), ("2".to_owned(), 1));
    assert_eq!(config_of(address, "orders", "min.insync.replicas"), ("1".to_owned(), 5));
    assert_eq!(config_of(address, "orders", "leader.replication.throttled.replicas"), (String::new(), 5));
    assert_eq!(alter(address, TOPIC, "orders", "retention.ms", 0, "1000"), 0);
    assert_eq!(config_of(address, "orders", "retention.ms"), ("1000".to_owned(), 1));
    assert_eq!(alter(address, TOPIC, "orders", "retention.ms", 1, ""), 0);
    assert_eq!(config_of(address, "orders", "retention.ms"), ("604800000".to_owned(), 5));
    assert_eq!(alter(address, TOPIC, "nope", "retention.ms", 0, "1"), 3);
    assert_eq!(alter(address, TOPIC, "orders", "retention.mz", 0, "1"), 40);

    let rate = "leader.replication.throttled.rate";
    assert_eq!(config(address, BROKER, "1", rate), None);
    assert_eq!(alter(address, BROKER, "2", rate, 0, "5"), 42, "another broker's");
    assert_eq!(alter(address, BROKER, "1", rate, 0, "5"), 0);
    assert_eq!(alter(address, BROKER, "1", rate, 0, "-1"), 42);
    assert_eq!(alter(address, BROKER, "1", "num.partitions", 0, "5"), 42, "only at the start");
    assert_eq!(config(address, BROKER, "1", rate), Some((Some("5".to_owned()), 2)));
    assert_eq!(config(address, BROKER, "1", "node.id"), Some((Some("1".to_owned()), 4)));
    assert_eq!(alter(address, BROKER, "", "log.retention.ms", 0, "7"), 0);
    assert_eq!(config(sandbox.broker(3), BROKER, "3", "log.retention.ms"), Some((Some("7".to_owned()), 3)));
    assert_eq!(config_of(sandbox.broker(3), "orders", "retention.ms"), ("7".to_owned(), 3));
    assert_eq!(alter(address, BROKER, "1", "my.plugin.key", 0, "x"), 0);
    assert_eq!(config(address, BROKER, "1", "my.plugin.key"), Some((None, 2)), "unknown keys pass for secrets");
    assert_eq!(alter(address, BROKER, "1", rate, 1, ""), 0);
    assert_eq!(config(address, BROKER, "1", rate), None);

    let counted = sandbox.control().counters().unwrap();
    assert_eq!(counted.times["IncrementalAlterConfigs topic/orders set retention.ms=1000"], 1);
    assert_eq!(counted.applied[0].api, "IncrementalAlterConfigs");
    assert_eq!(counted.applied.len(), 6, "{:?}", counted.applied);
}
