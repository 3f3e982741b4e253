//! Groups, offsets, configs, features and records against brokers that are old, absent or of another mind.

use super::broker::{Act, Asked, Broker, World, lock, metadata, world};
use super::client;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::describe_configs_response::{DescribeConfigsResourceResult, DescribeConfigsResult};
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, ApiKey, ApiVersionsRequest, ApiVersionsResponse, BrokerId,
    DeleteRecordsRequest, DeleteRecordsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    FindCoordinatorRequest, FindCoordinatorResponse, GroupId, ListGroupsRequest, ListGroupsResponse, MetadataRequest,
    OffsetFetchRequest, OffsetFetchResponse, TopicName, alter_configs_response,
};
use kafka_protocol::protocol::StrBytes;
use krun::error::Failure;
use krun::kafka::configs::{self, Change, Resource};
use krun::kafka::offsets::{self, Spec};
use krun::kafka::{committed, features, groups, quorum, records};
use std::sync::{Arc, Mutex};

fn is(asked: &Asked, key: ApiKey) -> bool {
    asked.key == key as i16
}

fn topic_name(text: &str) -> TopicName {
    TopicName(StrBytes::from_string(text.to_owned()))
}

/// Metadata with the topics that are asked for by name: partition 0, 1, … led by these brokers; -1 is nobody. A topic that
/// `led` does not know is not there.
fn topics_led(asked: &Asked, world: &Mutex<World>, led: &[(&str, &[i32])]) -> Act {
    let wanted = asked.request::<MetadataRequest>().topics.unwrap_or_default();
    let topic = |name: TopicName| {
        let found = led.iter().find(|(known, _)| *known == name.0.as_str());
        let partitions = found.map_or(&[][..], |(_, leaders)| leaders).iter().zip(0..).map(|(leader, id)| {
            MetadataResponsePartition::default()
                .with_error_code(if *leader < 0 { 5 } else { 0 })
                .with_partition_index(id)
                .with_leader_id(BrokerId(*leader))
        });
        MetadataResponseTopic::default()
            .with_error_code(if found.is_some() { 0 } else { 3 })
            .with_name(Some(name))
            .with_partitions(partitions.collect())
    };
    let mut response = metadata(&lock(world));
    response.topics = wanted.into_iter().filter_map(|topic| topic.name).map(topic).collect();
    asked.answer::<MetadataRequest>(&response)
}

fn config(name: &'static str, value: Option<&'static str>, source: i8) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_static_str(name))
        .with_value(value.map(StrBytes::from_static_str))
        .with_config_source(source)
        .with_is_sensitive(value.is_none())
}

/// A broker of Kafka 2.2 with one topic of these configs; what it is told to write ends up in `written`.
async fn before_2_3(entries: Vec<DescribeConfigsResourceResult>) -> (Broker, Arc<Mutex<Vec<(String, String)>>>) {
    let (world, written) = (world(), Arc::new(Mutex::new(Vec::new())));
    lock(&world).without = vec![ApiKey::IncrementalAlterConfigs as i16];
    let broker = Broker::start(&world, 1, {
        let written = Arc::clone(&written);
        move |asked| {
            if is(asked, ApiKey::DescribeConfigs) {
                let result = DescribeConfigsResult::default().with_configs(entries.clone());
                return asked
                    .answer::<DescribeConfigsRequest>(&DescribeConfigsResponse::default().with_results(vec![result]));
            }
            if is(asked, ApiKey::AlterConfigs) {
                let request = asked.request::<AlterConfigsRequest>();
                let configs = request.resources[0].configs.iter();
                *lock_list(&written) = configs
                    .map(|config| (config.name.to_string(), config.value.as_ref().expect("a value").to_string()))
                    .collect();
                let result = alter_configs_response::AlterConfigsResourceResponse::default();
                return asked
                    .answer::<AlterConfigsRequest>(&AlterConfigsResponse::default().with_responses(vec![result]));
            }
            Act::AsUsual
        }
    })
    .await;
    (broker, written)
}

fn lock_list<T>(list: &Mutex<Vec<T>>) -> std::sync::MutexGuard<'_, Vec<T>> {
    list.lock().expect("no test panicked in here")
}

fn change(name: &str, value: Option<&str>) -> Change {
    Change { name: name.to_owned(), value: value.map(str::to_owned) }
}

#[tokio::test]
async fn before_kafka_2_3_a_topic_keeps_what_is_not_changed() {
    let entries = vec![
        config("cleanup.policy", Some("compact"), 1),
        config("retention.ms", Some("1000"), 1),
        config("segment.ms", Some("7"), 4),
        config("flush.ms", Some("9"), 5),
    ];
    let (broker, written) = before_2_3(entries).await;
    let client = client(&[&broker.address]).await;
    let changes = [change("retention.ms", None), change("segment.bytes", Some("4096"))];
    configs::alter(&client, &Resource::Topic("orders".to_owned()), &changes).await.expect("written");
    let wanted = [("cleanup.policy", "compact"), ("segment.bytes", "4096")];
    assert_eq!(*lock_list(&written), wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn before_kafka_2_3_what_could_be_lost_is_refused() {
    let (broker, _) = before_2_3(vec![config("some.password", None, 1)]).await;
    let client = client(&[&broker.address]).await;
    let changes = [change("retention.ms", Some("1"))];
    let topic = configs::alter(&client, &Resource::Topic("orders".to_owned()), &changes).await;
    let Err(Failure::Refused(error)) = topic else { panic!("{topic:?}") };
    assert_eq!(error.code, "PRIOR_VALUE_HIDDEN");
    let of_broker = configs::alter(&client, &Resource::Broker(1), &changes).await;
    let Err(Failure::Refused(error)) = of_broker else { panic!("{of_broker:?}") };
    assert_eq!(error.code, "UNSUPPORTED_VERSION");
    assert!(error.hint.expect("a hint").contains("kafka-configs.sh --zookeeper"));
    assert_eq!(broker.requests(ApiKey::AlterConfigs), 0);
}

fn listed(asked: &Asked, ids: &[&'static str]) -> Act {
    let group = |id: &&'static str| ListedGroup::default().with_group_id(GroupId(StrBytes::from_static_str(id)));
    let response = ListGroupsResponse::default().with_groups(ids.iter().map(group).collect());
    asked.answer::<ListGroupsRequest>(&response)
}

#[tokio::test]
async fn groups_that_cannot_be_listed_are_not_left_out_silently() {
    let world = world();
    let first = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| match () {
            () if is(asked, ApiKey::ListGroups) => listed(asked, &["b", "a"]),
            () if is(asked, ApiKey::Metadata) => topics_led(asked, &world, &[("__consumer_offsets", &[1, -1, 1, -1])]),
            () => Act::AsUsual,
        }
    })
    .await;
    let second = Broker::start(&world, 2, |_| Act::AsUsual).await;
    let client = client(&[&first.address]).await;
    drop(second);
    let listing = groups::list(&client).await.expect("the first answers");
    assert_eq!(listing.groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let [absent, leaderless] = &listing.gaps[..] else { panic!("{:?}", listing.gaps) };
    assert!(absent.message.contains("the groups of broker 2"), "{absent}");
    assert!(leaderless.message.contains("partitions 1, 3 of __consumer_offsets"), "{leaderless}");
}

#[tokio::test]
async fn a_question_about_a_group_creates_nothing() {
    let world = world();
    let broker = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| if is(asked, ApiKey::Metadata) { topics_led(asked, &world, &[]) } else { Act::AsUsual }
    })
    .await;
    let client = client(&[&broker.address]).await;
    let error = groups::describe(&client, "billing").await.expect_err("no group");
    assert_eq!(error.code, "GROUP_ID_NOT_FOUND");
    assert_eq!(broker.requests(ApiKey::FindCoordinator), 0, "this would have made __consumer_offsets");
}

fn coordinated_by(asked: &Asked, id: i32) -> Act {
    let key = asked.request::<FindCoordinatorRequest>().coordinator_keys[0].clone();
    let found = Coordinator::default().with_key(key).with_node_id(BrokerId(id)).with_error_message(None);
    asked.answer::<FindCoordinatorRequest>(&FindCoordinatorResponse::default().with_coordinators(vec![found]))
}

/// What the group `billing` has committed: 5 in orders-0, nothing in orders-1, an error in orders-2.
fn committed_by_billing(asked: &Asked, error: i16) -> Act {
    let partition = |id, offset, code| {
        OffsetFetchResponsePartitions::default()
            .with_partition_index(id)
            .with_committed_offset(offset)
            .with_error_code(code)
    };
    let topic = OffsetFetchResponseTopics::default().with_name(topic_name("orders")).with_partitions(vec![
        partition(0, 5, 0),
        partition(1, -1, 0),
        partition(2, -1, 88),
    ]);
    let group = OffsetFetchResponseGroup::default()
        .with_group_id(GroupId(StrBytes::from_static_str("billing")))
        .with_error_code(error)
        .with_topics(if error == 0 { vec![topic] } else { vec![] });
    asked.answer::<OffsetFetchRequest>(&OffsetFetchResponse::default().with_groups(vec![group]))
}

#[tokio::test]
async fn a_group_that_moves_on_is_asked_of_its_new_coordinator() {
    let world = world();
    let first = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| match () {
            () if is(asked, ApiKey::Metadata) => topics_led(asked, &world, &[("__consumer_offsets", &[1])]),
            () if is(asked, ApiKey::FindCoordinator) => coordinated_by(asked, if asked.nth == 1 { 1 } else { 2 }),
            () if is(asked, ApiKey::OffsetFetch) => committed_by_billing(asked, 16),
            () => Act::AsUsual,
        }
    })
    .await;
    let second = Broker::start(&world, 2, {
        let world = Arc::clone(&world);
        move |asked| match () {
            () if is(asked, ApiKey::Metadata) => topics_led(asked, &world, &[("__consumer_offsets", &[2])]),
            () if is(asked, ApiKey::FindCoordinator) => coordinated_by(asked, 2),
            () if is(asked, ApiKey::OffsetFetch) => committed_by_billing(asked, 0),
            () => Act::AsUsual,
        }
    })
    .await;
    let client = client(&[&first.address]).await;
    let found = committed::of_group(&client, "billing").await;
    assert_eq!((first.requests(ApiKey::OffsetFetch), second.requests(ApiKey::OffsetFetch)), (1, 1), "{found:?}");
    let found = found.expect("the second answers");
    assert_eq!(found.len(), 2, "what is not committed is not in it, what has an error is: {found:?}");
    assert_eq!(found[&("orders".to_owned(), 0)], Ok(5));
    assert_eq!(found[&("orders".to_owned(), 2)].as_ref().expect_err("an error").code, "UNSTABLE_OFFSET_COMMIT");
}

/// A broker that offers one API up to this version only.
fn up_to(asked: &Asked, api: ApiKey, newest: i16) -> Act {
    let offered = ApiKey::iter().map(|key| {
        let range = key.valid_versions();
        let max = if key == api { newest } else { range.max };
        ApiVersion::default().with_api_key(key as i16).with_min_version(range.min).with_max_version(max)
    });
    asked.answer::<ApiVersionsRequest>(&ApiVersionsResponse::default().with_api_keys(offered.collect()))
}

#[tokio::test]
async fn the_newest_record_is_not_asked_of_a_broker_that_would_misunderstand() {
    let world = world();
    let broker = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| match () {
            () if is(asked, ApiKey::ApiVersions) => up_to(asked, ApiKey::ListOffsets, 6),
            () if is(asked, ApiKey::Metadata) => topics_led(asked, &world, &[("orders", &[1])]),
            () => Act::AsUsual,
        }
    })
    .await;
    let client = client(&[&broker.address]).await;
    let error = offsets::list(&client, "orders", Spec::MaxTimestamp).await.expect_err("refused");
    assert_eq!(error.code, "UNSUPPORTED_VERSION");
    assert!(error.message.contains("ListOffsets"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("it needs brokers of Kafka 3.0 or newer"));
    assert_eq!(broker.requests(ApiKey::ListOffsets), 0);
}

#[tokio::test]
async fn a_partition_without_a_leader_does_not_hide_the_others() {
    let world = world();
    let broker = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| {
            if is(asked, ApiKey::Metadata) { topics_led(asked, &world, &[("orders", &[-1])]) } else { Act::AsUsual }
        }
    })
    .await;
    let client = client(&[&broker.address]).await;
    let found = offsets::of_topics(&client, &["orders".to_owned()], Spec::Latest).await.expect("an entry each");
    let error = found[&("orders".to_owned(), 0)].as_ref().expect_err("no leader");
    assert_eq!(error.code, "LEADER_NOT_AVAILABLE");
    assert!(error.message.contains("orders-0") && error.message.contains("tried"), "{error}");
}

#[tokio::test]
async fn what_a_cluster_is_too_old_for_names_the_release_that_has_it() {
    let world = world();
    let broker = Broker::start(&world, 1, only_old_versions).await;
    let client = client(&[&broker.address]).await;
    let error = features::describe(&client).await.expect_err("refused");
    assert_eq!(error.code, "UNSUPPORTED_VERSION");
    assert_eq!(error.hint.as_deref(), Some("it needs brokers of Kafka 2.4 or newer"));
    let error = quorum::describe(&client).await.expect_err("refused");
    assert_eq!(error.hint.as_deref(), Some("it needs brokers of Kafka 3.3 or newer, with KRaft"));
}

/// `ApiVersions` in the versions 0 to 2, and no quorum: a broker of Kafka 2.1.
fn only_old_versions(asked: &Asked) -> Act {
    if !is(asked, ApiKey::ApiVersions) {
        return Act::AsUsual;
    }
    let offered = ApiKey::iter().filter(|key| *key != ApiKey::DescribeQuorum).map(|key| {
        let range = key.valid_versions();
        let max = if key == ApiKey::ApiVersions { 2 } else { range.max };
        ApiVersion::default().with_api_key(key as i16).with_min_version(range.min).with_max_version(max)
    });
    asked.answer::<ApiVersionsRequest>(&ApiVersionsResponse::default().with_api_keys(offered.collect()))
}

#[tokio::test]
async fn every_partition_tells_what_became_of_its_records() {
    let world = world();
    let delete = |asked: &Asked, codes: &[(i32, i16)]| {
        let partition = |(id, code): &(i32, i16)| {
            DeleteRecordsPartitionResult::default().with_partition_index(*id).with_error_code(*code)
        };
        let topic = DeleteRecordsTopicResult::default()
            .with_name(topic_name("orders"))
            .with_partitions(codes.iter().map(partition).collect());
        asked.answer::<DeleteRecordsRequest>(&DeleteRecordsResponse::default().with_topics(vec![topic]))
    };
    let first = Broker::start(&world, 1, {
        let world = Arc::clone(&world);
        move |asked| match () {
            () if is(asked, ApiKey::Metadata) => topics_led(asked, &world, &[("orders", &[1, 2, -1, 1])]),
            // Partition 3 is not mentioned.
            () if is(asked, ApiKey::DeleteRecords) => delete(asked, &[(0, 0)]),
            () => Act::AsUsual,
        }
    })
    .await;
    let _second = Broker::start(&world, 2, move |asked| {
        if is(asked, ApiKey::DeleteRecords) { delete(asked, &[(1, 1)]) } else { Act::AsUsual }
    })
    .await;
    let client = client(&[&first.address]).await;
    let below = (0..5).map(|id| (id, 10)).collect();
    let results = records::delete(&client, "orders", &below).await.expect("an entry each");
    let codes: Vec<_> = results.iter().map(|result| result.error.as_ref().map(|error| error.code.as_str())).collect();
    let wanted = [
        None,
        Some("OFFSET_OUT_OF_RANGE"),
        Some("LEADER_NOT_AVAILABLE"),
        Some("INCOMPLETE_REPLY"),
        Some("UNKNOWN_TOPIC_OR_PARTITION"),
    ];
    assert_eq!(codes, wanted);
}
