//! Bytes that no client sends on purpose: they may be refused or answered, and nothing else.

use super::{Answer, Here, answer};
use crate::sandbox::cluster::Cluster;
use crate::sandbox::guise::Guise;
use crate::sandbox::options::{Data, Options};
use crate::sandbox::seed;
use crate::sandbox::wire::call::Incoming;
use crate::sandbox::wire::versions::offers;
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{self, RequestHeader};
use kafka_protocol::protocol::{Request, encode_request_header_into_buffer};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn cluster() -> Cluster {
    let ports = (1..=3).map(|id| (id, 9000)).collect();
    let mut cluster = Cluster::new("id".to_owned(), &ports, 1000, Guise::default());
    let options = Options { brokers: 3, new: 0, data: Data::Tiny, ..Options::default() };
    seed::fill(&mut cluster, &options).unwrap();
    cluster
}

/// Answers a frame as a broker would; gives whether it was acceptable.
fn try_frame(cluster: &mut Cluster, frame: BytesMut) -> bool {
    let Ok(incoming) = Incoming::read(&frame.freeze(), cluster.guise) else { return false };
    answer(&incoming, &mut Here::new(cluster, 1, 0)).is_ok()
}

/// A request that says something, for the changes to hit more than zeros.
fn honest<R: Request>(request: &R, version: i16) -> BytesMut {
    let header = RequestHeader::default().with_request_api_key(R::KEY).with_request_api_version(version);
    let mut frame = BytesMut::new();
    encode_request_header_into_buffer(&mut frame, &header).unwrap();
    request.encode(&mut frame, version).unwrap();
    frame
}

fn honest_frames() -> Vec<BytesMut> {
    use messages::alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
    use messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
    use messages::fetch_request::{FetchPartition, FetchTopic};
    use messages::produce_request::{PartitionProduceData, TopicProduceData};
    let orders = || messages::TopicName("orders".into());
    let target = Some(vec![messages::BrokerId(1), messages::BrokerId(2)]);
    let move_one = ReassignableTopic::default()
        .with_name(orders())
        .with_partitions(vec![ReassignablePartition::default().with_replicas(target)]);
    let config = CreatableTopicConfig::default().with_name("retention.ms".into()).with_value(Some("5".into()));
    let create = CreatableTopic::default()
        .with_name(messages::TopicName("t".into()))
        .with_num_partitions(2)
        .with_replication_factor(2)
        .with_configs(vec![config]);
    let batch: Bytes = seed::batch("orders", 2, 10).unwrap();
    let produce = TopicProduceData::default()
        .with_name(orders())
        .with_partition_data(vec![PartitionProduceData::default().with_records(Some(batch))]);
    let fetch = FetchTopic::default()
        .with_topic(orders())
        .with_partitions(vec![FetchPartition::default().with_partition_max_bytes(1000)]);
    vec![
        honest(&messages::AlterPartitionReassignmentsRequest::default().with_topics(vec![move_one]), 0),
        honest(&messages::CreateTopicsRequest::default().with_topics(vec![create.clone()]), 4),
        honest(&messages::CreateTopicsRequest::default().with_topics(vec![create]), 7),
        honest(&messages::ProduceRequest::default().with_acks(-1).with_topic_data(vec![produce.clone()]), 7),
        honest(&messages::ProduceRequest::default().with_acks(-1).with_topic_data(vec![produce]), 11),
        honest(&messages::FetchRequest::default().with_topics(vec![fetch]).with_max_bytes(1000), 12),
    ]
}

#[test]
fn the_honest_frames_are_answered() {
    for frame in honest_frames() {
        assert!(try_frame(&mut cluster(), frame));
    }
}

#[test]
fn a_partition_count_beyond_reason_is_refused_at_once() {
    let mut cluster = cluster();
    let since = Instant::now();
    let create = messages::create_topics_request::CreatableTopic::default()
        .with_name(messages::TopicName("t".into()))
        .with_num_partitions(i32::MAX)
        .with_replication_factor(1);
    let frame = honest(&messages::CreateTopicsRequest::default().with_topics(vec![create]), 7);
    let incoming = Incoming::read(&frame.freeze(), cluster.guise).unwrap();
    let answered = answer(&incoming, &mut Here::new(&mut cluster, 1, 0));
    assert!(matches!(answered, Ok(Answer::Reply(_))));
    assert!(!cluster.topics.contains_key("t"));
    assert!(since.elapsed() < Duration::from_secs(5));
}

proptest! {
    #[test]
    fn any_bytes_after_a_real_key_and_version(
        which in any::<prop::sample::Index>(),
        shift in 0..13i16,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (api, low, high) = *which.get(&offers(Guise::default()).collect::<Vec<_>>());
        let mut frame = BytesMut::new();
        frame.put_i16(api as i16);
        frame.put_i16(low + shift % (high - low + 1));
        frame.put_slice(&bytes);
        try_frame(&mut cluster(), frame);
    }

    #[test]
    fn an_honest_frame_with_some_bytes_changed(
        which in 0..6usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut frame = honest_frames().swap_remove(which);
        for (place, byte) in changes {
            let place = 4 + place.index(frame.len() - 4);
            frame[place] = byte;
        }
        let mut cluster = cluster();
        try_frame(&mut cluster, frame);
        cluster.advance(Duration::from_secs(1));
    }
}
