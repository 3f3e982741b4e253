//! TLS and SASL over real sockets: what works, and every way in which it does not, by the name of its cause.

mod front;
mod sasl;
mod scram_broker;
mod sessions;
mod tls;
mod tls_clients;

use super::broker::{Act, Asked, Broker, lock, world};
use super::short;
use front::Front;
use krun::error::Error;
use krun::kafka::cluster;
use krun::kafka::security::{Pem, Security, Tls, TlsVersion};
use krun::kafka::{Client, Deadlines};
use krun::secret::Secret;
use openssl::ssl::SslAcceptor;
use std::time::Duration;

/// Handshakes are work, and the machine may be busy.
fn deadlines() -> Deadlines {
    Deadlines { connect: Duration::from_secs(10), request: Duration::from_secs(10), call: Duration::from_secs(20) }
}

fn pem(text: &str) -> Pem {
    Pem { text: Secret::new(text), origin: "a-file.pem".to_owned(), file: None }
}

/// Trusts these certificates only.
fn trusting(certificates: &str) -> Tls {
    Tls {
        trusted: Some(pem(certificates)),
        identity: None,
        verify_host: true,
        oldest: TlsVersion::V1_2,
        newest: TlsVersion::V1_3,
    }
}

fn with_tls(tls: Tls) -> Security {
    Security { tls: Some(tls), sasl: None }
}

/// A cluster of one broker behind TLS.
async fn behind_tls(acceptor: SslAcceptor, script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> (Broker, Front) {
    let world = world();
    let broker = Broker::start(&world, 1, script).await;
    let front = Front::tls(acceptor, &broker.address).await;
    lock(&world).brokers[0].1.clone_from(&front.address);
    (broker, front)
}

async fn connect(address: &str, security: &Security) -> Result<Client, Error> {
    Client::secured(&[address.to_owned()], security, deadlines()).await
}

/// Connects and asks twice, on one connection.
async fn works(address: &str, security: &Security) -> Client {
    let client = connect(address, security).await.unwrap_or_else(|error| panic!("{error} {:?}", error.hint));
    for _ in 0..2 {
        cluster::describe(&client).await.unwrap_or_else(|error| panic!("{error} {:?}", error.hint));
    }
    client
}

/// The error, which names the address and has a hint.
async fn refused(address: &str, security: &Security) -> Error {
    let error = connect(address, security).await.err().expect("nobody gets in like this");
    assert!(error.message.contains(address), "{error}");
    assert!(error.hint.is_some(), "{error}");
    error
}
