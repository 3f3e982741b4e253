//! Sessions that end (KIP-368): krun proves who it is again before they do, on the same connection.

use super::sasl::{is, offers, plain};
use super::{connect, deadlines, works};
use crate::kafka::broker::{Act, Asked, Broker};
use kafka_protocol::messages::{ApiKey, SaslAuthenticateRequest, SaslAuthenticateResponse};
use krun::kafka::cluster;
use krun::kafka::security::{Bearer, Sasl, Security, TokenCommand, TokenSource};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// When the session of the one connection ends.
type End = Arc<Mutex<Option<Instant>>>;

/// Lets in everybody for so long, and closes where the session has ended, as Kafka does.
fn lets_in_for(lifetime: Duration, end: End) -> impl Fn(&Asked) -> Act + Send + Sync + 'static {
    move |asked| {
        let mut end = end.lock().expect("no panic");
        if is(asked, ApiKey::SaslHandshake) {
            offers(asked, &["PLAIN", "OAUTHBEARER"])
        } else if is(asked, ApiKey::SaslAuthenticate) {
            *end = Some(Instant::now() + lifetime);
            let milliseconds = i64::try_from(lifetime.as_millis()).expect("a short time");
            let response = SaslAuthenticateResponse::default().with_session_lifetime_ms(milliseconds);
            asked.answer::<SaslAuthenticateRequest>(&response)
        } else if is(asked, ApiKey::ApiVersions) || end.is_some_and(|end| Instant::now() < end) {
            Act::AsUsual
        } else {
            Act::Close
        }
    }
}

#[tokio::test]
async fn a_busy_connection_is_renewed_while_it_is_used() {
    let lifetime = Duration::from_secs(1);
    let broker = Broker::alone(lets_in_for(lifetime, End::default())).await;
    let client = works(&broker.address, &plain("right")).await;
    while broker.requests(ApiKey::SaslHandshake) < 3 {
        cluster::describe(&client).await.expect("the session never ends");
    }
    assert_eq!(broker.requests(ApiKey::ApiVersions), 1, "all on one connection");
}

#[tokio::test]
async fn an_idle_connection_is_renewed_before_it_is_used() {
    let lifetime = Duration::from_millis(200);
    let end = End::default();
    let broker = Broker::alone(lets_in_for(lifetime, Arc::clone(&end))).await;
    let client = connect(&broker.address, &plain("right")).await.expect("let in");
    let until = end.lock().expect("no panic").expect("a session");
    tokio::time::sleep_until((until + Duration::from_millis(1)).into()).await;
    let before = broker.requests(ApiKey::SaslHandshake);
    cluster::describe(&client).await.expect("let in again");
    assert_eq!(broker.requests(ApiKey::SaslHandshake), before + 1);
    assert_eq!(broker.requests(ApiKey::ApiVersions), 1, "on the same connection");
}

#[tokio::test]
async fn where_a_session_cannot_be_renewed_another_one_begins() {
    let (lifetime, end) = (Duration::from_millis(200), End::default());
    let usual = lets_in_for(lifetime, Arc::clone(&end));
    let broker =
        Broker::alone(
            move |asked| if is(asked, ApiKey::SaslHandshake) && asked.nth == 2 { Act::Close } else { usual(asked) },
        )
        .await;
    let client = connect(&broker.address, &plain("right")).await.expect("let in");
    let until = end.lock().expect("no panic").expect("a session");
    tokio::time::sleep_until((until + Duration::from_millis(1)).into()).await;
    cluster::describe(&client).await.expect("let in on another connection");
    assert_eq!(broker.requests(ApiKey::ApiVersions), 2);
}

/// The token of a session that ends has run out too.
#[tokio::test]
async fn a_session_is_renewed_with_a_new_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["sh", "-c", "echo >> calls; echo token"].map(str::to_owned).to_vec();
    let token = TokenSource::Command(TokenCommand { words, folder: folder.path().to_owned() });
    let sasl = Sasl::OauthBearer(Bearer { token, extensions: [].into() });
    let calls = || std::fs::read_to_string(folder.path().join("calls")).map_or(0, |text| text.lines().count());

    let (lifetime, end) = (Duration::from_millis(300), End::default());
    let broker = Broker::alone(lets_in_for(lifetime, Arc::clone(&end))).await;
    let security = Security { tls: None, sasl: Some(sasl) };
    let both = [broker.address.clone(), broker.address.clone()];
    let client = krun::kafka::Client::secured(&both, &security, deadlines()).await.expect("let in");
    assert_eq!(calls(), 1);
    let until = end.lock().expect("no panic").expect("a session");
    tokio::time::sleep_until((until + Duration::from_millis(1)).into()).await;
    cluster::describe(&client).await.expect("let in again");
    assert_eq!(calls(), 2);
}
