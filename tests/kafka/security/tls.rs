//! TLS: who is believed to be the broker, and who is not and why.

use super::{Front, behind_tls, connect, deadlines, refused, trusting, with_tls, works};
use crate::kafka::broker::{Act, Broker};
use crate::support::certificates::{Pair, Wish};
use krun::kafka::security::{Security, Tls, TlsVersion};
use krun::kafka::{Client, cluster};
use openssl::ssl::{SslAcceptor, SslMethod, SslVersion};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// The names of the broker under test.
const HOSTS: &[&str] = &["127.0.0.1", "kafka01.example.com"];

fn acceptor(pair: &Pair, chain: &[&Pair]) -> SslAcceptor {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("OpenSSL");
    acceptor.set_certificate(&pair.certificate).expect("a certificate");
    acceptor.set_private_key(&pair.key).expect("a key");
    for other in chain {
        acceptor.add_extra_chain_cert(other.certificate.clone()).expect("a certificate");
    }
    acceptor.build()
}

fn authority() -> Pair {
    Wish::authority("the authority").self_signed()
}

async fn front(pair: &Pair, chain: &[&Pair]) -> (Broker, Front) {
    behind_tls(acceptor(pair, chain), |_| Act::AsUsual).await
}

#[tokio::test]
async fn a_broker_that_is_who_it_should_be() {
    let authority = authority();
    let broker = Wish::host("kafka01", HOSTS).signed_by(&authority);
    let (_broker, front) = front(&broker, &[]).await;
    let client = works(&front.address, &with_tls(trusting(&authority.certificate_pem()))).await;
    assert_eq!(client.cluster_id(), "this-cluster");
    assert_eq!(front.connections(), 1, "what TLS says by itself is not taken for an end of the connection");
}

#[tokio::test]
async fn a_connection_that_the_broker_has_closed_is_not_used_again() {
    let authority = authority();
    let pair = Wish::host("kafka01", HOSTS).signed_by(&authority);
    let (mut broker, front) = front(&pair, &[]).await;
    let client = works(&front.address, &with_tls(trusting(&authority.certificate_pem()))).await;
    broker.hang_up().await;
    cluster::describe(&client).await.expect("on another connection");
    assert_eq!(front.connections(), 2);
}

#[tokio::test]
async fn any_certificate_of_the_truststore_ends_the_chain() {
    let root = authority();
    let middle = Wish::authority("the middle").signed_by(&root);
    let broker = Wish::host("kafka01", HOSTS).signed_by(&middle);
    let (_broker, front) = front(&broker, &[&middle]).await;
    for trusted in [&root, &middle, &broker] {
        works(&front.address, &with_tls(trusting(&trusted.certificate_pem()))).await;
    }
}

#[tokio::test]
async fn an_authority_that_is_not_trusted() {
    let (right, wrong) = (authority(), Wish::authority("another authority").self_signed());
    let broker = Wish::host("kafka01", HOSTS).signed_by(&right);
    let (_broker, front) = front(&broker, &[&right]).await;
    let error = refused(&front.address, &with_tls(trusting(&wrong.certificate_pem()))).await;
    assert_eq!(error.code, "TLS_UNTRUSTED");
    assert!(error.message.contains("CN=the authority"), "{error}");
    assert!(error.message.contains("a-file.pem"), "{error}");
    assert!(!error.retriable);
}

#[tokio::test]
async fn a_broker_that_sends_no_intermediate_certificate() {
    let root = authority();
    let middle = Wish::authority("the middle").signed_by(&root);
    let broker = Wish::host("kafka01", HOSTS).signed_by(&middle);
    let (_broker, front) = front(&broker, &[]).await;
    let error = refused(&front.address, &with_tls(trusting(&root.certificate_pem()))).await;
    assert_eq!(error.code, "TLS_UNTRUSTED");
    assert!(error.message.contains("is signed by CN=the middle"), "{error}");
    assert!(error.hint.expect("a hint").contains("intermediate"));
}

#[tokio::test]
async fn a_certificate_that_is_signed_by_itself() {
    let broker = Wish::host("kafka01", HOSTS).self_signed();
    let (_broker, front) = front(&broker, &[]).await;
    let error = refused(&front.address, &with_tls(trusting(&authority().certificate_pem()))).await;
    assert_eq!(error.code, "TLS_UNTRUSTED");
    assert!(error.message.contains("CN=kafka01") && error.message.contains("signed by itself"), "{error}");
    works(&front.address, &with_tls(trusting(&broker.certificate_pem()))).await;
    // Those of this machine do not vouch for it either, however many there are.
    let error = refused(&front.address, &with_tls(Tls { trusted: None, ..trusting("") })).await;
    assert!(["TLS_UNTRUSTED", "NO_SYSTEM_AUTHORITIES"].contains(&error.code.as_str()), "{error}");
}

#[tokio::test]
async fn a_certificate_whose_time_is_not_now() {
    let authority = authority();
    let trusted = with_tls(trusting(&authority.certificate_pem()));
    let old = Wish { days: (-30, -3), ..Wish::host("kafka01", HOSTS) }.signed_by(&authority);
    let (_broker, over) = front(&old, &[]).await;
    let error = refused(&over.address, &trusted).await;
    assert_eq!(error.code, "TLS_CERTIFICATE_EXPIRED");
    assert!(error.message.contains("CN=kafka01") && error.message.ends_with("3 days ago"), "{error}");

    let early = Wish { days: (2, 30), ..Wish::host("kafka01", HOSTS) }.signed_by(&authority);
    let (_broker, to_come) = front(&early, &[]).await;
    let error = refused(&to_come.address, &trusted).await;
    assert_eq!(error.code, "TLS_CERTIFICATE_NOT_YET_VALID");
    assert!(error.hint.expect("a hint").contains("clock"));

    let old = Wish { days: (-30, -3), ..Wish::authority("the old authority") }.self_signed();
    let broker = Wish::host("kafka01", HOSTS).signed_by(&old);
    let (_broker, signed_by_old) = front(&broker, &[]).await;
    let error = refused(&signed_by_old.address, &with_tls(trusting(&old.certificate_pem()))).await;
    assert_eq!(error.code, "TLS_CERTIFICATE_EXPIRED");
    assert!(error.message.contains("authority CN=the old authority"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_host() {
    let authority = authority();
    let broker = Wish::host("kafka02", &["kafka02.example.com", "10.9.8.7"]).signed_by(&authority);
    let (_broker, front) = front(&broker, &[]).await;
    let tls = trusting(&authority.certificate_pem());
    let error = refused(&front.address, &with_tls(tls.clone())).await;
    assert_eq!(error.code, "TLS_WRONG_HOST");
    assert!(error.message.ends_with("is for kafka02.example.com, 10.9.8.7, not for 127.0.0.1"), "{error}");
    works(&front.address, &with_tls(Tls { verify_host: false, ..tls.clone() })).await;

    // Names count as well as addresses.
    let port = front.address.rsplit_once(':').expect("host:port").1;
    let error = refused(&format!("localhost:{port}"), &with_tls(tls)).await;
    assert_eq!(error.code, "TLS_WRONG_HOST");
}

#[tokio::test]
async fn no_version_in_common() {
    let authority = authority();
    let pair = Wish::host("kafka01", HOSTS).signed_by(&authority);
    let mut acceptor = SslAcceptor::mozilla_intermediate(SslMethod::tls_server()).expect("OpenSSL");
    acceptor.set_certificate(&pair.certificate).expect("a certificate");
    acceptor.set_private_key(&pair.key).expect("a key");
    acceptor.set_max_proto_version(Some(SslVersion::TLS1_2)).expect("a version");
    let (_broker, front) = behind_tls(acceptor.build(), |_| Act::AsUsual).await;
    let tls = trusting(&authority.certificate_pem());
    let error = refused(&front.address, &with_tls(Tls { oldest: TlsVersion::V1_3, ..tls.clone() })).await;
    assert_eq!(error.code, "TLS_VERSION_REFUSED");
    works(&front.address, &with_tls(tls)).await;
}

#[tokio::test]
async fn plaintext_to_tls() {
    let authority = authority();
    let (_broker, front) = front(&Wish::host("kafka01", HOSTS).signed_by(&authority), &[]).await;
    let error = refused(&front.address, &Security::default()).await;
    assert_eq!(error.code, "LISTENER_WANTS_TLS");
    assert!(error.hint.expect("a hint").contains("security.protocol=SSL"));
}

#[tokio::test]
async fn tls_to_plaintext() {
    let broker = Broker::alone(|_| Act::AsUsual).await;
    let front = Front::plaintext(&broker.address).await;
    let error = refused(&front.address, &with_tls(trusting(&authority().certificate_pem()))).await;
    assert_eq!(error.code, "LISTENER_IS_PLAINTEXT");
    assert!(error.hint.expect("a hint").contains("security.protocol=PLAINTEXT"));
}

/// Something that answers nothing to TLS, or something else.
async fn answering(answer: Option<&'static [u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if let Some(answer) = answer {
                // Only after the question: as a server does.
                stream.readable().await.expect("the client is there");
                let _ = stream.write_all(answer).await;
            }
            open.push(stream);
        }
    });
    address
}

#[tokio::test]
async fn no_tls_at_the_other_end() {
    let security = with_tls(trusting(&authority().certificate_pem()));
    let web = answering(Some(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    assert_eq!(refused(&web, &security).await.code, "LISTENER_IS_PLAINTEXT");
    let silent = answering(None).await;
    let error = Client::secured(&[silent], &security, super::short()).await.err().expect("nobody answers");
    assert_eq!(error.code, "TLS_TIMEOUT");
    assert!(error.retriable);
}

#[tokio::test]
async fn what_is_no_certificate_is_told_before_anybody_is_asked() {
    for (text, why) in [
        ("hello", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
    ] {
        let error = connect("127.0.0.1:1", &with_tls(trusting(text))).await.err().expect("no certificate");
        assert_eq!(error.code, "INVALID_CONFIG");
        assert!(error.message.starts_with("a-file.pem") && error.message.contains(why), "{error}");
    }
    assert!(deadlines().connect > super::short().connect, "the tests of success have more patience");
}
