//! A change that was sent and not answered may have happened: it is `Unknown`, and it is sent once.

use super::broker::{Act, Asked, Broker, lock, world};
use super::client;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::{ApiKey, CreateTopicsRequest, CreateTopicsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use krun::error::{Error, Failure};
use krun::kafka::topics::{Layout, NewTopic, create};
use krun::kafka::{Client, cluster};

fn orders() -> NewTopic {
    NewTopic {
        name: "orders".to_owned(),
        layout: Layout::Spread { partitions: 1, replication: 1 },
        configs: Vec::new(),
    }
}

async fn create_orders(client: &Client) -> Result<(), Failure> {
    create(client, &orders()).await
}

/// The answer to `CreateTopics` with this error code.
fn created(asked: &Asked, code: i16) -> CreateTopicsResponse {
    let request = asked.request::<CreateTopicsRequest>();
    assert_eq!(request.topics[0].name.0.as_str(), "orders");
    let name = TopicName(StrBytes::from_static_str("orders"));
    let result = CreatableTopicResult::default().with_name(name).with_error_code(code).with_error_message(None);
    CreateTopicsResponse::default().with_topics(vec![result])
}

/// A broker that meets the creation of a topic like this, and everything else as usual.
async fn broker(act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Broker {
    Broker::alone(move |asked| if is_creation(asked) { act(asked) } else { Act::AsUsual }).await
}

fn is_creation(asked: &Asked) -> bool {
    asked.key == ApiKey::CreateTopics as i16
}

/// The change is unknown, was sent once, and the client goes on working.
async fn unknown(broker: &Broker) -> Error {
    let client = client(&[&broker.address]).await;
    let failure = create_orders(&client).await.expect_err("no good answer");
    let Failure::Unknown(error) = failure else { panic!("{failure:?}") };
    assert_eq!(broker.requests(ApiKey::CreateTopics), 1);
    assert_eq!(cluster::describe(&client).await.expect("a fresh connection").brokers.len(), 1);
    error
}

#[tokio::test]
async fn the_connection_is_lost_before_the_answer() {
    for act in [|_: &Asked| Act::Close, |_: &Asked| Act::Reset] {
        assert_eq!(unknown(&broker(act).await).await.code, "CONNECTION_LOST");
    }
}

#[tokio::test]
async fn no_answer_comes_in_time() {
    assert_eq!(unknown(&broker(|_| Act::Silence).await).await.code, "NO_ANSWER");
}

#[tokio::test]
async fn half_an_answer_comes() {
    let half = |asked: &Asked| {
        let frame = asked.frame::<CreateTopicsRequest>(&created(asked, 0));
        Act::SendAndClose(frame[..frame.len() / 2].to_vec())
    };
    assert_eq!(unknown(&broker(half).await).await.code, "CONNECTION_LOST");
}

#[tokio::test]
async fn the_answer_cannot_be_read() {
    let nonsense = |asked: &Asked| {
        let frame = asked.frame::<CreateTopicsRequest>(&created(asked, 0));
        let body = vec![0xff; frame.len() - 8];
        Act::Send([&frame[..8], &body].concat())
    };
    assert_eq!(unknown(&broker(nonsense).await).await.code, "CORRUPT_REPLY");
}

#[tokio::test]
async fn the_broker_does_not_know_either() {
    for code in [7, -1] {
        let broker = broker(move |asked| asked.answer::<CreateTopicsRequest>(&created(asked, code))).await;
        let error = unknown(&broker).await;
        assert!(["REQUEST_TIMED_OUT", "UNKNOWN_SERVER_ERROR"].contains(&error.code.as_str()), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_is_certain() {
    let broker = broker(|asked| asked.answer::<CreateTopicsRequest>(&created(asked, 36))).await;
    let client = client(&[&broker.address]).await;
    let failure = create_orders(&client).await.expect_err("refused");
    let Failure::Refused(error) = failure else { panic!("{failure:?}") };
    assert_eq!(error.code, "TOPIC_ALREADY_EXISTS");
    assert!(error.message.contains("topic orders"), "{error}");
    assert_eq!(broker.requests(ApiKey::CreateTopics), 1);
}

#[tokio::test]
async fn what_is_certainly_not_applied_is_repeated() {
    // NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED, then done.
    let broker = broker(|asked| {
        let code = [41, 89, 0][asked.nth - 1];
        asked.answer::<CreateTopicsRequest>(&created(asked, code))
    })
    .await;
    create_orders(&client(&[&broker.address]).await).await.expect("the third time");
    assert_eq!(broker.requests(ApiKey::CreateTopics), 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_not_written_to() {
    let mut broker = broker(|asked| asked.answer::<CreateTopicsRequest>(&created(asked, 0))).await;
    let client = client(&[&broker.address]).await;
    for _ in 0..20 {
        broker.hang_up().await;
        create_orders(&client).await.expect("sent on a fresh connection");
    }
    assert_eq!(broker.requests(ApiKey::CreateTopics), 20);
    assert_eq!(broker.requests(ApiKey::ApiVersions), 21);
}

#[tokio::test]
async fn a_cancelled_call_takes_its_connection_along() {
    let broker = broker(|asked| match asked.nth {
        1 => Act::Silence,
        _ => asked.answer::<CreateTopicsRequest>(&created(asked, 36)),
    })
    .await;
    let client = client(&[&broker.address]).await;
    tokio::select! {
        outcome = create_orders(&client) => panic!("{outcome:?} before it was cancelled"),
        () = broker.arrived(ApiKey::CreateTopics) => {}
    }
    assert_eq!(broker.requests(ApiKey::CreateTopics), 1);
    let failure = create_orders(&client).await.expect_err("refused");
    assert_eq!(failure.error().code, "TOPIC_ALREADY_EXISTS");
    assert_eq!(broker.requests(ApiKey::ApiVersions), 2, "a second connection");
}

#[tokio::test]
async fn another_cluster_on_the_same_address_is_not_changed() {
    let world = world();
    let mut broker = Broker::start(&world, 1, |asked| {
        if is_creation(asked) { asked.answer::<CreateTopicsRequest>(&created(asked, 0)) } else { Act::AsUsual }
    })
    .await;
    let client = client(&[&broker.address]).await;
    create_orders(&client).await.expect("its own cluster");
    lock(&world).cluster_id = "another-cluster".to_owned();
    broker.hang_up().await;
    let failure = create_orders(&client).await.expect_err("refused");
    let Failure::Refused(error) = failure else { panic!("{failure:?}") };
    assert_eq!(error.code, "CLUSTER_ID_MISMATCH");
    assert!(error.message.contains("another-cluster") && error.message.contains("this-cluster"), "{error}");
    assert_eq!(broker.requests(ApiKey::CreateTopics), 1);
    assert_eq!(cluster::describe(&client).await.expect_err("refused").code, "CLUSTER_ID_MISMATCH");
}
