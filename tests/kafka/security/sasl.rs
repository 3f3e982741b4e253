//! SASL: each mechanism where it works, and what is said where it does not.

use super::scram_broker::ScramBroker;
use super::{connect, deadlines, refused, works};
use crate::kafka::broker::{Act, Asked, Broker};
use kafka_protocol::messages::{
    ApiKey, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;
use krun::kafka::Client;
use krun::kafka::security::{Bearer, Login, Sasl, ScramHash, Security, TokenCommand, TokenSource};
use krun::secret::Secret;
use openssl::hash::MessageDigest;
use std::sync::Mutex;

const AUTHENTICATION_FAILED: i16 = 58;

pub(super) fn is(asked: &Asked, key: ApiKey) -> bool {
    asked.key == key as i16
}

/// What a broker answers to the name of a mechanism.
pub(super) fn offers(asked: &Asked, mechanisms: &[&str]) -> Act {
    let wanted = asked.request::<SaslHandshakeRequest>().mechanism;
    let code = if mechanisms.contains(&wanted.as_str()) { 0 } else { 33 };
    let mechanisms = mechanisms.iter().map(|name| StrBytes::from_string((*name).to_owned())).collect();
    asked.answer::<SaslHandshakeRequest>(
        &SaslHandshakeResponse::default().with_error_code(code).with_mechanisms(mechanisms),
    )
}

pub(super) fn lets_in(asked: &Asked, bytes: impl Into<Vec<u8>>) -> Act {
    let response = SaslAuthenticateResponse::default().with_auth_bytes(bytes.into().into());
    asked.answer::<SaslAuthenticateRequest>(&response)
}

fn lets_out(asked: &Asked, said: &str) -> Act {
    let response = SaslAuthenticateResponse::default()
        .with_error_code(AUTHENTICATION_FAILED)
        .with_error_message(Some(StrBytes::from_string(said.to_owned())));
    asked.answer::<SaslAuthenticateRequest>(&response)
}

/// A broker that offers one mechanism, and does with its messages what `judge` says. It takes nothing else before
/// somebody was let in.
async fn broker(mechanism: &'static str, judge: impl Fn(&Asked, &[u8]) -> Act + Send + Sync + 'static) -> Broker {
    Broker::alone(move |asked| {
        if is(asked, ApiKey::SaslHandshake) {
            offers(asked, &[mechanism])
        } else if is(asked, ApiKey::SaslAuthenticate) {
            judge(asked, &asked.request::<SaslAuthenticateRequest>().auth_bytes)
        } else {
            Act::AsUsual
        }
    })
    .await
}

pub(super) fn plain(password: &str) -> Security {
    Security { tls: None, sasl: Some(Sasl::Plain(login(password))) }
}

fn login(password: &str) -> Login {
    Login { user: "krun".to_owned(), password: Secret::new(password), is_delegation_token: false }
}

fn scram(hash: ScramHash, password: &str) -> Security {
    Security { tls: None, sasl: Some(Sasl::Scram(hash, login(password))) }
}

fn bearer(script: &str) -> Security {
    let words = ["sh", "-c", script].map(str::to_owned).to_vec();
    let token = TokenSource::Command(TokenCommand { words, folder: std::env::temp_dir() });
    let extensions = [("logicalCluster".to_owned(), "lkc-1".to_owned())].into();
    Security { tls: None, sasl: Some(Sasl::OauthBearer(Bearer { token, extensions })) }
}

#[tokio::test]
async fn plain_sends_user_and_password() {
    let broker = broker("PLAIN", |asked, bytes| match bytes {
        b"\0krun\0right" => lets_in(asked, ""),
        _ => lets_out(asked, "Authentication failed: Invalid username or password"),
    })
    .await;
    works(&broker.address, &plain("right")).await;
    let error = refused(&broker.address, &plain("hunter2")).await;
    assert_eq!(error.code, "SASL_AUTHENTICATION_FAILED");
    assert!(error.message.contains("user krun") && error.message.ends_with("Invalid username or password"), "{error}");
    assert!(!error.retriable && !format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_wrong_password_is_tried_at_one_server_only() {
    let broker = broker("PLAIN", |asked, _| lets_out(asked, "no")).await;
    let both = [broker.address.clone(), broker.address.clone()];
    Client::secured(&both, &plain("wrong"), deadlines()).await.err().expect("refused");
    assert_eq!(broker.requests(ApiKey::SaslAuthenticate), 1, "accounts are locked after some attempts");
}

#[tokio::test]
async fn a_mechanism_that_is_not_offered() {
    let broker = Broker::alone(|asked| {
        if is(asked, ApiKey::SaslHandshake) { offers(asked, &["SCRAM-SHA-512", "GSSAPI"]) } else { Act::AsUsual }
    })
    .await;
    let error = refused(&broker.address, &plain("right")).await;
    assert_eq!(error.code, "UNSUPPORTED_SASL_MECHANISM");
    assert!(error.message.ends_with("does not offer PLAIN but SCRAM-SHA-512, GSSAPI"), "{error}");
}

#[tokio::test]
async fn a_listener_without_sasl() {
    let broker = Broker::alone(|asked| {
        if is(asked, ApiKey::SaslHandshake) {
            // ILLEGAL_SASL_STATE
            asked.answer::<SaslHandshakeRequest>(&SaslHandshakeResponse::default().with_error_code(34))
        } else {
            Act::AsUsual
        }
    })
    .await;
    let error = refused(&broker.address, &plain("right")).await;
    assert_eq!(error.code, "LISTENER_WITHOUT_SASL");
}

#[tokio::test]
async fn a_listener_that_wants_sasl() {
    let broker = Broker::alone(|asked| {
        if is(asked, ApiKey::SaslHandshake) {
            offers(asked, &["SCRAM-SHA-512", "PLAIN"])
        } else if is(asked, ApiKey::Metadata) {
            Act::Close
        } else {
            Act::AsUsual
        }
    })
    .await;
    let error = refused(&broker.address, &Security::default()).await;
    assert_eq!(error.code, "LISTENER_WANTS_SASL");
    assert!(error.message.contains("SCRAM-SHA-512, PLAIN"), "{error}");
    assert!(error.hint.expect("a hint").contains("security.protocol=SASL_PLAINTEXT"));
}

#[tokio::test]
async fn scram_proves_both_sides() {
    for (hash, digest, name) in [
        (ScramHash::Sha256, MessageDigest::sha256(), "SCRAM-SHA-256"),
        (ScramHash::Sha512, MessageDigest::sha512(), "SCRAM-SHA-512"),
    ] {
        let other = Mutex::new(ScramBroker::new(digest, "right"));
        let broker = broker(name, move |asked, bytes| {
            let message = std::str::from_utf8(bytes).expect("a text");
            match other.lock().expect("no panic").answer(message) {
                Some(answer) => lets_in(asked, answer),
                None => lets_out(asked, "Authentication failed during authentication due to invalid credentials"),
            }
        })
        .await;
        works(&broker.address, &scram(hash, "right")).await;
        let error = refused(&broker.address, &scram(hash, "wrong")).await;
        assert_eq!(error.code, "SASL_AUTHENTICATION_FAILED");
        assert!(error.message.contains(name) && error.message.ends_with("invalid credentials"), "{error}");
        assert!(error.hint.expect("a hint").contains("--entity-name krun"));
    }
}

/// Whoever answers krun without knowing the password gets nothing but a proof that is of no use elsewhere.
#[tokio::test]
async fn scram_with_somebody_who_does_not_know_the_password() {
    let other = Mutex::new(ScramBroker::new(MessageDigest::sha256(), "a guess"));
    let broker = broker("SCRAM-SHA-256", move |asked, bytes| {
        let message = std::str::from_utf8(bytes).expect("a text");
        let answer = other.lock().expect("no panic").answer(message);
        lets_in(asked, answer.unwrap_or_else(|| "v=QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=".to_owned()))
    })
    .await;
    let error = refused(&broker.address, &scram(ScramHash::Sha256, "right")).await;
    assert_eq!(error.code, "SASL_BROKER_NOT_TRUSTED");
    assert!(error.message.contains("does not prove"), "{error}");
}

#[tokio::test]
async fn scram_with_too_much_or_too_little_work() {
    for iterations in [1, 100_000_000] {
        let other = Mutex::new(ScramBroker::new(MessageDigest::sha512(), "right"));
        other.lock().expect("no panic").iterations = iterations;
        let broker = broker("SCRAM-SHA-512", move |asked, bytes| {
            let message = std::str::from_utf8(bytes).expect("a text");
            lets_in(asked, other.lock().expect("no panic").answer(message).expect("only the first message comes"))
        })
        .await;
        let error = refused(&broker.address, &scram(ScramHash::Sha512, "right")).await;
        assert_eq!(error.code, "SASL_BROKER_NOT_TRUSTED");
        assert!(error.message.contains(&iterations.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_bearer_shows_its_token() {
    let broker = broker("OAUTHBEARER", |asked, bytes| match bytes {
        b"n,,\x01auth=Bearer abc.def\x01logicalCluster=lkc-1\x01\x01" => lets_in(asked, ""),
        // RFC 7628: the reason, then the refusal.
        b"\x01" => lets_out(asked, "{\"status\":\"invalid_token\"}"),
        _ => lets_in(asked, "{\"status\":\"invalid_token\",\"scope\":\"kafka\"}"),
    })
    .await;
    works(&broker.address, &bearer("echo abc.def")).await;
    let error = refused(&broker.address, &bearer("echo hunter2")).await;
    assert_eq!(error.code, "SASL_AUTHENTICATION_FAILED");
    assert!(error.message.ends_with("{\"status\":\"invalid_token\",\"scope\":\"kafka\"}"), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");

    let asked_before = broker.requests(ApiKey::SaslHandshake);
    let error = connect(&broker.address, &bearer("echo no rights >&2; exit 7")).await.err().expect("no token");
    assert_eq!(error.code, "TOKEN_COMMAND_FAILED");
    assert!(error.message.contains("exit status: 7 and says: no rights"), "{error}");
    assert_eq!(broker.requests(ApiKey::SaslHandshake), asked_before, "the broker was not kept waiting");
}

#[tokio::test]
async fn a_broker_that_just_closes_is_told_as_a_refusal() {
    let broker = broker("PLAIN", |_, _| Act::Close).await;
    let error = refused(&broker.address, &plain("right")).await;
    assert_eq!(error.code, "SASL_AUTHENTICATION_FAILED");
    assert!(error.message.ends_with("it closes the connection"), "{error}");
}
