//! Bootstrap addresses where no Kafka broker answers as it should: each has its own code, names the address, and hints.

use super::broker::{Act, Asked, Broker, lock, world};
use super::short;
use kafka_protocol::messages::metadata_response::MetadataResponse;
use kafka_protocol::messages::{ApiKey, MetadataRequest};
use krun::error::Error;
use krun::kafka::Client;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

async fn refusal(address: &str) -> Error {
    let error = Client::connect(&[address.to_owned()], short()).await.err().expect("no broker is there");
    assert!(error.message.contains(address), "{error}");
    assert!(error.hint.is_some(), "{error}");
    error
}

/// What the client says where the first request is met like this.
async fn refusal_of(act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Error {
    let broker = Broker::alone(act).await;
    refusal(&broker.address).await
}

/// What the client says where Metadata is answered with these bytes, length and correlation id included.
async fn refusal_of_metadata(bytes: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Error {
    refusal_of(
        move |asked| {
            if asked.key == ApiKey::Metadata as i16 { Act::SendAndClose(bytes(asked)) } else { Act::AsUsual }
        },
    )
    .await
}

fn framed(asked: &Asked, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short body");
    [&length.to_be_bytes(), &asked.correlation.to_be_bytes(), body].concat()
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let error = refusal(&address).await;
    assert_eq!(error.code, "CONNECTION_REFUSED");
    assert!(error.retriable);
}

#[tokio::test]
async fn connections_are_not_taken() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("a short queue");
    let address = listener.local_addr().expect("an address");
    let mut queue = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        queue.push(stream.expect("a place in the queue"));
    }
    assert_eq!(refusal(&address.to_string()).await.code, "CONNECT_TIMEOUT");
}

#[tokio::test]
async fn the_name_does_not_resolve() {
    // No label has 64 letters (RFC 1035): resolvers refuse the name without asking anybody.
    let error = refusal(&format!("{}:9092", "a".repeat(64))).await;
    assert_eq!(error.code, "HOST_NOT_FOUND");
}

#[tokio::test]
async fn no_address_at_all() {
    assert_eq!(refusal("kafka01").await.code, "INVALID_ADDRESS");
    let error = Client::connect(&[], short()).await.err().expect("no address");
    assert_eq!(error.code, "INVALID_ADDRESS");
}

#[tokio::test]
async fn silence() {
    let error = refusal_of(|_| Act::Silence).await;
    assert_eq!(error.code, "NO_ANSWER");
    assert!(error.message.contains("ApiVersions"), "{error}");
}

#[tokio::test]
async fn the_connection_is_closed_or_reset() {
    let error = refusal_of(|_| Act::Close).await;
    assert_eq!(error.code, "CONNECTION_LOST");
    assert!(error.message.contains("closed the connection before it answered anything"), "{error}");
    let error = refusal_of(|_| Act::Reset).await;
    assert_eq!(error.code, "CONNECTION_LOST");
    assert!(error.message.contains("reset the connection"), "{error}");
}

#[tokio::test]
async fn a_tls_listener_answers_with_an_alert() {
    let error = refusal_of(|_| Act::SendAndClose(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50])).await;
    assert_eq!(error.code, "LISTENER_WANTS_TLS");
    assert!(!error.retriable);
}

/// What lies behind a listener that answers `ApiVersions` and no more cannot be known.
#[tokio::test]
async fn a_listener_closes_on_the_second_request() {
    let error =
        refusal_of(|asked| if asked.key == ApiKey::ApiVersions as i16 { Act::AsUsual } else { Act::Close }).await;
    assert_eq!(error.code, "CONNECTION_LOST");
    assert!(error.hint.expect("a hint").contains("SASL"));
}

/// Seen on 3.9: it answers `ApiVersions`, without Metadata.
#[tokio::test]
async fn a_controllers_listener_is_no_brokers() {
    let world = world();
    lock(&world).without = vec![ApiKey::Metadata as i16];
    let controller = Broker::start(&world, 1, |_| Act::AsUsual).await;
    let error = refusal(&controller.address).await;
    assert_eq!(error.code, "UNSUPPORTED_VERSION");
    assert!(error.hint.expect("a hint").contains("KRaft controller"));
}

#[tokio::test]
async fn a_web_server_answers() {
    let error = refusal_of(|_| Act::SendAndClose(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    assert_eq!(error.code, "NOT_KAFKA");
    let error = refusal_of(|_| Act::SendAndClose(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).await;
    assert_eq!(error.code, "NOT_KAFKA");
    assert!(error.message.contains("`SSH-…`"), "{error}");
}

#[tokio::test]
async fn a_giant_frame_is_announced() {
    let error = refusal_of(|_| Act::Send(70_000_u32.to_be_bytes().to_vec())).await;
    assert_eq!(error.code, "CORRUPT_REPLY");
    assert!(error.message.contains("70000 bytes"), "{error}");
    // Later answers may be long, but not of any length; nor is a negative one waited for.
    for announced in [(101_u32 << 20).to_be_bytes(), (-5_i32).to_be_bytes()] {
        assert_eq!(refusal_of_metadata(move |_| announced.to_vec()).await.code, "CORRUPT_REPLY");
    }
}

#[tokio::test]
async fn an_answer_to_another_request() {
    let error = refusal_of_metadata(|asked| {
        let mut frame = asked.frame::<MetadataRequest>(&MetadataResponse::default());
        frame[7] ^= 1;
        frame
    })
    .await;
    assert_eq!(error.code, "CORRUPT_REPLY");
    assert!(error.message.contains("answers request"), "{error}");
}

#[tokio::test]
async fn lengths_that_would_abort_the_codec() {
    // No tags in the header, no throttling, then an array of brokers of 4 294 967 294 entries.
    let error = refusal_of_metadata(|asked| framed(asked, &[0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])).await;
    assert_eq!(error.code, "CORRUPT_REPLY");
    assert!(error.message.contains("an array of 4294967294 entries in 2 bytes"), "{error}");
    let hostile = |asked: &Asked| Act::Send(framed(asked, &[0, 0, 0x7f, 0xff, 0xff, 0xf0, 0, 3]));
    assert!(refusal_of(hostile).await.message.contains("an array of 2147483632 entries in 2 bytes"));
}

#[tokio::test]
async fn bytes_are_left_over() {
    let error = refusal_of_metadata(|asked| {
        let mut frame = asked.frame::<MetadataRequest>(&MetadataResponse::default());
        frame.extend([1, 2, 3]);
        frame[3] += 3;
        frame
    })
    .await;
    assert_eq!(error.code, "CORRUPT_REPLY");
    assert!(error.message.contains("3 bytes too many"), "{error}");
}

#[tokio::test]
async fn half_a_frame_and_then_the_end() {
    let error = refusal_of_metadata(|asked| {
        let frame = asked.frame::<MetadataRequest>(&MetadataResponse::default());
        frame[..frame.len() / 2].to_vec()
    })
    .await;
    assert_eq!(error.code, "CONNECTION_LOST");
}

#[tokio::test]
async fn a_cluster_without_a_name() {
    let nameless = |asked: &Asked| asked.frame::<MetadataRequest>(&MetadataResponse::default());
    let error = refusal_of_metadata(nameless).await;
    assert_eq!(error.code, "CORRUPT_REPLY");
    assert!(error.message.contains("name no cluster"), "{error}");
}

#[tokio::test]
async fn several_servers_are_all_named() {
    let http = Broker::alone(|_| Act::SendAndClose(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let tls = Broker::alone(|_| Act::SendAndClose(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50])).await;
    let addresses = [http.address.clone(), tls.address.clone()];
    let error = Client::connect(&addresses, short()).await.err().expect("no broker is there");
    assert_eq!(error.code, "NO_BOOTSTRAP_SERVER");
    assert!(addresses.iter().all(|address| error.message.contains(address)), "{error}");
    let good = Broker::alone(|_| Act::AsUsual).await;
    let client = Client::connect(&[http.address.clone(), good.address.clone()], short()).await;
    assert_eq!(client.expect("the second answers").cluster_id(), "this-cluster");
}
