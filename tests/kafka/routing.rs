//! Who is asked, who is asked next, and what reads give up on.

use super::broker::{Act, Asked, Broker, lock, metadata, world};
use super::{client, short};
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ApiKey, BrokerId, DescribeConfigsRequest,
    DescribeConfigsResponse, ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, TopicName,
    describe_configs_response,
};
use kafka_protocol::protocol::StrBytes;
use krun::error::Failure;
use krun::kafka::configs::{self, Resource};
use krun::kafka::offsets::{self, Spec};
use krun::kafka::reassignments::{self, Move};
use krun::kafka::{Client, cluster, log_dirs, topics};
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn name(text: &'static str) -> TopicName {
    TopicName(StrBytes::from_static_str(text))
}

fn is(asked: &Asked, key: ApiKey) -> bool {
    asked.key == key as i16
}

/// The answer to a reassignment of orders-0 that is accepted as a whole with this error code.
fn moved(asked: &Asked, code: i16) -> Act {
    let request = asked.request::<AlterPartitionReassignmentsRequest>();
    assert!(asked.version == 0 || !request.allow_replication_factor_change);
    let partition = ReassignablePartitionResponse::default().with_error_message(None);
    let topic = ReassignableTopicResponse::default().with_name(name("orders")).with_partitions(vec![partition]);
    let response = AlterPartitionReassignmentsResponse::default()
        .with_allow_replication_factor_change(asked.version == 0)
        .with_error_code(code)
        .with_error_message(None)
        .with_responses(vec![topic]);
    asked.answer::<AlterPartitionReassignmentsRequest>(&response)
}

fn one_move() -> [Move; 1] {
    [Move { topic: "orders".to_owned(), partition: 0, replicas: Some(vec![1]) }]
}

/// Metadata with the topic `orders` of one partition, which `leader` leads.
fn with_orders(asked: &Asked, mut cluster: kafka_protocol::messages::MetadataResponse, leader: i32) -> Act {
    let code = if leader < 0 { 5 } else { 0 };
    let partition = MetadataResponsePartition::default()
        .with_error_code(code)
        .with_leader_id(BrokerId(leader))
        .with_replica_nodes(vec![BrokerId(2), BrokerId(1)])
        .with_isr_nodes(vec![BrokerId(1)])
        .with_offline_replicas(vec![BrokerId(2)]);
    let topic = MetadataResponseTopic::default().with_name(Some(name("orders"))).with_partitions(vec![partition]);
    cluster.topics = vec![topic];
    asked.answer::<MetadataRequest>(&cluster)
}

fn asks_for_topics(asked: &Asked) -> bool {
    is(asked, ApiKey::Metadata) && asked.request::<MetadataRequest>().topics != Some(Vec::new())
}

#[tokio::test]
async fn a_change_follows_the_controller() {
    let world = world();
    // Broker 1 was the controller until it is asked.
    let first = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| {
            if is(asked, ApiKey::AlterPartitionReassignments) {
                lock(&world).controller = 2;
                return moved(asked, 41);
            }
            Act::AsUsual
        }
    })
    .await;
    let reassign =
        |asked: &Asked| if is(asked, ApiKey::AlterPartitionReassignments) { moved(asked, 0) } else { Act::AsUsual };
    let second = Broker::start(&world, 2, reassign).await;
    let client = client(&[&first.address]).await;
    let results = reassignments::alter(&client, &one_move()).await.expect("the second broker accepts it");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].error, None);
    assert_eq!(first.requests(ApiKey::AlterPartitionReassignments), 1);
    assert_eq!(second.requests(ApiKey::AlterPartitionReassignments), 1);
}

#[tokio::test]
async fn a_change_that_was_never_sent_goes_to_the_next_controller() {
    let world = world();
    let reassign =
        |asked: &Asked| if is(asked, ApiKey::AlterPartitionReassignments) { moved(asked, 0) } else { Act::AsUsual };
    let second = Broker::start(&world, 2, {
        let world = Arc::clone(&world);
        move |asked| {
            // The election: nobody asks for the cluster's metadata in vain more than twice.
            if is(asked, ApiKey::Metadata) && asked.nth == 3 {
                lock(&world).controller = 2;
            }
            reassign(asked)
        }
    })
    .await;
    let first = Broker::start(&world, 1, reassign).await;
    let client = client(&[&second.address]).await;
    // The controller dies.
    drop(first);
    reassignments::alter(&client, &one_move()).await.expect("the second broker accepts it");
    assert_eq!(second.requests(ApiKey::AlterPartitionReassignments), 1);
}

#[tokio::test]
async fn a_refused_partition_is_named() {
    let broker =
        Broker::alone(
            |asked| {
                if is(asked, ApiKey::AlterPartitionReassignments) { moved(asked, 0) } else { Act::AsUsual }
            },
        )
        .await;
    let client = client(&[&broker.address]).await;
    let moves = [one_move()[0].clone(), Move { topic: "orders".to_owned(), partition: 7, replicas: None }];
    let results = reassignments::alter(&client, &moves).await.expect("answered");
    assert_eq!(results[0].error, None);
    let error = results[1].error.as_ref().expect("the answer leaves it out");
    assert_eq!(error.code, "INCOMPLETE_REPLY");
    assert!(error.message.contains("orders-7"), "{error}");
}

#[tokio::test]
async fn an_old_broker_has_no_such_request() {
    let world = world();
    lock(&world).without = vec![ApiKey::AlterPartitionReassignments as i16];
    let broker = Broker::start(&world, 1, |_| Act::AsUsual).await;
    let client = client(&[&broker.address]).await;
    let failure = reassignments::alter(&client, &one_move()).await.expect_err("not offered");
    let Failure::Refused(error) = failure else { panic!("{failure:?}") };
    assert_eq!(error.code, "UNSUPPORTED_VERSION");
    assert!(error.message.contains("AlterPartitionReassignments"), "{error}");
    assert!(error.hint.expect("a hint").contains("2.4"));
    // The connection is still good.
    cluster::describe(&client).await.expect("answered");
    assert_eq!(broker.requests(ApiKey::ApiVersions), 1);
}

#[tokio::test]
async fn a_read_repeats_after_a_lost_connection() {
    let broker = Broker::alone(|asked| match (is(asked, ApiKey::DescribeConfigs), asked.nth) {
        (true, 1) => Act::Close,
        (true, 2) => Act::Reset,
        (true, _) => {
            let result = describe_configs_response::DescribeConfigsResult::default()
                .with_resource_type(2)
                .with_resource_name(StrBytes::from_static_str("orders"));
            let response = DescribeConfigsResponse::default().with_results(vec![result]);
            asked.answer::<DescribeConfigsRequest>(&response)
        }
        _ => Act::AsUsual,
    })
    .await;
    let client = client(&[&broker.address]).await;
    let orders = Resource::Topic("orders".to_owned());
    assert_eq!(configs::describe(&client, &orders).await, Ok(Vec::new()));
    assert_eq!(broker.requests(ApiKey::DescribeConfigs), 3);
}

#[tokio::test]
async fn a_read_goes_on_at_another_server() {
    let world = world();
    let first = Broker::start(&world, 1, |_| Act::AsUsual).await;
    let second = Broker::start(&world, 2, |_| Act::AsUsual).await;
    let client = client(&[&first.address]).await;
    drop(first);
    assert_eq!(cluster::describe(&client).await.expect("the second answers").brokers.len(), 2);
    assert_eq!(second.requests(ApiKey::ApiVersions), 1);
}

#[tokio::test]
async fn a_read_gives_up_at_its_deadline() {
    let broker = Broker::alone(|asked| if asks_for_topics(asked) { Act::Close } else { Act::AsUsual }).await;
    let client = client(&[&broker.address]).await;
    let begun = Instant::now();
    let error = topics::list(&client, None).await.expect_err("never answered");
    assert_eq!(error.code, "CONNECTION_LOST");
    assert!(error.message.contains("tried"), "{error}");
    assert!(begun.elapsed() < short().call + short().request, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_broker_that_advertises_what_is_not_reached_is_told_so() {
    let world = world();
    let broker = Broker::start(&world, 1, |_| Act::AsUsual).await;
    let nobody = Broker::start(&world, 2, |_| Act::AsUsual).await;
    let gone = nobody.address.clone();
    drop(nobody);
    let client = client(&[&broker.address]).await;
    let error = log_dirs::describe(&client, 2).await.expect_err("nobody listens there");
    assert_eq!(error.code, "CONNECTION_REFUSED");
    assert!(error.message.contains(&gone) && error.message.contains("tried"), "{error}");
    assert!(error.hint.expect("a hint").contains("advertised.listeners"));
}

#[tokio::test]
async fn a_broker_that_is_not_listed_is_not_waited_for() {
    let broker = Broker::alone(|_| Act::AsUsual).await;
    let client = client(&[&broker.address]).await;
    let begun = Instant::now();
    let error = log_dirs::describe(&client, 9).await.expect_err("no broker 9");
    assert_eq!(error.code, "BROKER_NOT_AVAILABLE");
    assert!(error.message.contains("broker 9"), "{error}");
    assert!(begun.elapsed() < short().call);
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_named_at_once() {
    let broker = Broker::alone(|asked| {
        if !asks_for_topics(asked) {
            return Act::AsUsual;
        }
        let request = asked.request::<MetadataRequest>();
        assert!(!request.allow_auto_topic_creation);
        let missing = |topic: kafka_protocol::messages::metadata_request::MetadataRequestTopic| {
            MetadataResponseTopic::default().with_name(topic.name).with_error_code(3)
        };
        let mut response = metadata(&lock(&world()));
        response.topics = request.topics.expect("names").into_iter().map(missing).collect();
        asked.answer::<MetadataRequest>(&response)
    })
    .await;
    let client = client(&[&broker.address]).await;
    let error = topics::list(&client, Some(&["oders".to_owned()])).await.expect_err("no such topic");
    assert_eq!(error.code, "UNKNOWN_TOPIC_OR_PARTITION");
    assert!(error.message.contains("oders") && !error.message.contains("tried"), "{error}");
}

#[tokio::test]
async fn a_partition_without_a_leader_stays_in_the_list() {
    let broker = Broker::alone(|asked| {
        if asks_for_topics(asked) { with_orders(asked, metadata(&lock(&world())), -1) } else { Act::AsUsual }
    })
    .await;
    let client = client(&[&broker.address]).await;
    let orders = topics::list(&client, None).await.expect("answered").remove(0);
    assert_eq!((orders.name.as_str(), orders.partitions.len()), ("orders", 1));
    let partition = &orders.partitions[0];
    assert_eq!(partition.leader, None);
    assert_eq!(
        (&partition.replicas[..], &partition.isr[..], &partition.offline[..]),
        (&[2, 1][..], &[1][..], &[2][..])
    );
}

#[tokio::test]
async fn offsets_follow_a_leader_that_moves() {
    let world = world();
    let leader = Arc::new(Mutex::new(1));
    let script = |me: i32| {
        let (leader, world) = (Arc::clone(&leader), Arc::clone(&world));
        move |asked: &Asked| {
            if asks_for_topics(asked) {
                return with_orders(asked, metadata(&lock(&world)), *lock(&leader));
            }
            if !is(asked, ApiKey::ListOffsets) {
                return Act::AsUsual;
            }
            // Leadership moves when the first is asked.
            *lock(&leader) = 2;
            let partition = ListOffsetsPartitionResponse::default()
                .with_error_code(if me == 2 { 0 } else { 6 })
                .with_offset(if me == 2 { 42 } else { -1 });
            let topic = ListOffsetsTopicResponse::default().with_name(name("orders")).with_partitions(vec![partition]);
            asked.answer::<ListOffsetsRequest>(&ListOffsetsResponse::default().with_topics(vec![topic]))
        }
    };
    let first = Broker::start(&world, 1, script(1)).await;
    let second = Broker::start(&world, 2, script(2)).await;
    let client = client(&[&first.address]).await;
    assert_eq!(offsets::list(&client, "orders", Spec::Latest).await, Ok(vec![(0, 42)]));
    assert_eq!((first.requests(ApiKey::ListOffsets), second.requests(ApiKey::ListOffsets)), (1, 1));
}

#[tokio::test]
async fn many_callers_share_one_connection() {
    fn is_shareable<T: Clone + Send + Sync + 'static>(_: &T) {}
    let broker = Broker::alone(|_| Act::AsUsual).await;
    let client: Client = client(&[&broker.address]).await;
    is_shareable(&client);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { cluster::describe(&client).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("answered").cluster_id, "this-cluster");
    }
    assert_eq!(broker.requests(ApiKey::ApiVersions), 1);
}
